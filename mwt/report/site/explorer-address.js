// What is chosen, in the address of the page, so that it can be linked:
// #data=quick/mnist5k&threshold=0.9&classes=0,2&networks=resnet18

function asAddress({ data, threshold, classes, networks }) {
  const part = (name, values, mark) => `${name}=${values.map(encodeURIComponent).join(mark)}`;
  return `#${[
    part("data", data.split("/"), "/"),
    part("threshold", [threshold], ""),
    part("classes", classes, ","),
    part("networks", networks, ","),
  ].join("&")}`;
}

// The parts of an address that are there; null where it is none of the explorer's.
function fromAddress(hash) {
  const given = new URLSearchParams(hash.slice(1));
  const list = (name) => given.get(name)?.split(",").filter(Boolean);
  if (!given.has("data")) return null;
  return {
    data: given.get("data"),
    threshold: given.get("threshold"),
    classes: list("classes"),
    networks: list("networks"),
  };
}
