// The kernels of each masked layer as a strip of cells, and how many of them are used.

const COLUMNS = [32, 64]; // cells in a row: on a phone, elsewhere
const PHONE = 500; // pixels
const SVG = "http://www.w3.org/2000/svg";

const counted = (count) => count.toLocaleString("en");
// Nearly all is not all, and no network is certain.
const percent = (share) =>
  share >= 0.995 && share < 1 ? ">\u00a099\u00a0%" : `${Math.round(100 * share)}\u00a0%`;

function element(parent, name, text, kind) {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  parent.append(made);
  return made;
}

function strip(kernels, columns) {
  const rows = Math.ceil(kernels / columns);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
  svg.setAttribute("aria-hidden", "true");
  for (let kernel = 0; kernel < kernels; kernel++) {
    const cell = document.createElementNS(SVG, "rect");
    const place = `translate(${kernel % columns} ${Math.floor(kernel / columns)})`;
    cell.setAttribute("transform", place);
    svg.append(cell);
  }
  return svg;
}

// Puts an empty strip for each layer into the page; `show` fills them.
function kernelStrips(home, layers) {
  const columns = COLUMNS[Number(innerWidth > PHONE)];
  const made = layers.map(([name, kernels], i) => {
    const row = element(home, "div", "", "layer");
    row.style.setProperty("--layer", i);
    const label = element(row, "span", `${i + 1} `, "name");
    element(label, "small", name);
    const svg = strip(kernels, columns);
    row.append(svg);
    return { cells: [...svg.children], count: element(row, "span", "", "count") };
  });

  // `masks` are the mask values of the whole network, `kept` the module's kernels, by layer.
  return function show(masks, kept) {
    made.forEach(({ cells, count }, layer) => {
      let [used, missing] = [0, 0];
      cells.forEach((cell, kernel) => {
        const value = masks[layer][kernel];
        const inside = kept[layer][kernel];
        used += value > 0;
        missing += value > 0 && !inside;
        cell.setAttribute("class", `${value > 0 ? "used" : "unused"} ${inside ? "inside" : "outside"}`);
        cell.style.setProperty("--mask", value.toFixed(3));
      });
      const lacking = missing ? `, ${missing} missing` : "";
      count.textContent = `uses ${used} of ${cells.length}${lacking}`;
    });
  };
}

// How many kernels a digit uses, how many of them a module keeps, and how many it keeps in all.
function kernelCounts(masks, kept) {
  const values = masks.flatMap((mask) => [...mask]);
  const bits = kept.flat();
  return {
    all: values.length,
    used: values.filter((value) => value > 0).length,
    kept: bits.filter(Boolean).length,
    both: values.filter((value, kernel) => value > 0 && bits[kernel]).length,
  };
}
