// The picture of a network's module masks, its numbered layers, and what they share in words.

const ROW = 14; // height of a class in the picture, in pixels; that of a name, too
const LOW = 5; // where there are more than MANY classes
const MANY = 25;
const NAMES = 90; // room for the names of the classes, in pixels
const DIGITS = 20; // room for the number of a layer

const escaped = (text) => {
  const safe = document.createElement("span");
  safe.textContent = text;
  return safe.innerHTML.replaceAll('"', "&quot;");
};
const whole = (number) => number.toLocaleString("en");
const percent = (part, of) => `${whole(part)} (${of ? Math.round((100 * part) / of) : 0}\u00a0%)`;

// One path for a row, or for one as high as several: neighbouring kernels become one rectangle.
function path(bits, row, rows = 1) {
  let line = "";
  for (let start = 0; start < bits.length; start++) {
    if (!bits[start]) continue;
    let stop = start;
    while (bits[stop + 1]) stop++;
    line += `M${start} ${row + 0.08}h${stop + 1 - start}v${rows - 0.16}h${start - stop - 1}z`;
    start = stop;
  }
  return line;
}

// Name, size, and first kernel of each layer.
function layersOf(network) {
  let next = 0;
  return network.layers.map(([name, size]) => {
    const start = next;
    next += size;
    return { name, size, start };
  });
}

// The numbers of the layers, as far as there is room for them.
function ticks(layers, kernels, width) {
  let free = 0;
  return layers
    .map(({ size, start }, i) => {
      const centre = (start + size / 2) / kernels;
      if (centre * width < free) return "";
      free = centre * width + DIGITS;
      return `<span style="left: ${(100 * centre).toFixed(2)}%">${i + 1}</span>`;
    })
    .join("");
}

function shared(network, classes, one) {
  const [kernels, union] = [one.union.length, count(one.union)];
  const every = network.classes.length;
  const parts = [];
  if (classes.length > 1 && classes.length < every)
    parts.push(`${percent(count(one.inChosen), union)} are in each of the ${classes.length} modules`);
  parts.push(`${percent(count(one.inAll), union)} are in the modules of all ${every} classes`);
  const whose =
    classes.length > 1
      ? `The union of the ${classes.length} chosen modules`
      : `The module of ${network.classes[classes[0]]}`;
  return `${whose} keeps ${percent(union, kernels)} of ${whole(kernels)} kernels. Of these, ${parts.join(" and ")}.`;
}

// What a layer keeps; before one is chosen, how to choose it.
function layerText(network, one) {
  if (network.layer === undefined) return "Point at a layer, or step through the layers with the arrow keys.";
  const { name, size, start } = layersOf(network)[network.layer];
  const within = (bits) => whole(count(bits.slice(start, start + size)));
  return (
    `Layer ${network.layer + 1} of ${network.layers.length}, ${name}, has ${whole(size)} kernels. Kept by the ` +
    `union: ${within(one.union)}; by each chosen module: ${within(one.inChosen)}; by the modules of all ` +
    `${network.classes.length} classes: ${within(one.inAll)}.`
  );
}

// The names of the classes, of which there are many: as many as there is room for.
function namesOf(classes, row) {
  const step = Math.ceil(ROW / row);
  const cells = [];
  for (let first = 0; first < classes.length; first += step) {
    const rows = Math.min(step, classes.length - first);
    const name = rows === step ? escaped(classes[first]) : "";
    cells.push(`<span style="height: ${rows * row}px">${name}</span>`);
  }
  return `${cells.join("")}<span>union</span>`;
}

function picture(network, classes, step, one, width) {
  const every = network.classes.length;
  const row = every > MANY ? LOW : ROW;
  const last = Math.ceil(ROW / row); // rows that the union takes
  const rows = every + last;
  const kernels = one.union.length;
  const layers = layersOf(network);
  const masks = one.every.map(
    (mask, label) => `<path class="${classes.includes(label) ? "chosen" : "other"}" d="${path(mask, label)}"/>`,
  );
  const edges = layers.slice(1).map(({ start }) => `<path class="edge" d="M${start} 0V${rows}"/>`);
  const name = escaped(network.name);
  const label = `Module masks of ${name} at threshold ${network.thresholds[step]}`;
  return (
    `<figure class="mwt-figure mwt-masks" data-network="${escaped(network.model)}"><figcaption>${name} on ${escaped(network.data)}: ` +
    `${whole(kernels)} masked kernels in ${layers.length} layers. <span class="mwt-shared">` +
    `${escaped(shared(network, classes, one))}</span></figcaption>` +
    `<div class="names" style="line-height: ${ROW}px" aria-hidden="true">${namesOf(network.classes, row)}</div>` +
    `<svg role="img" aria-label="${label}" viewBox="0 0 ${kernels} ${rows}" preserveAspectRatio="none" ` +
    `style="height: ${row * rows}px"><rect class="here" width="0" height="${rows}"/>${masks.join("")}` +
    `<path class="union" d="${path(one.union, every, last)}"/>${edges.join("")}</svg>` +
    `<div class="layers" role="slider" tabindex="0" aria-label="Layer of ${name}" aria-valuemin="1" ` +
    `aria-valuemax="${layers.length}">${ticks(layers, kernels, width - NAMES)}</div>` +
    `<p class="mwt-layer"></p></figure>`
  );
}

// Mark the chosen layer of a picture, and say what it keeps.
function markLayer(figure, network, one) {
  const text = layerText(network, one);
  const strip = figure.querySelector(".layers");
  strip.setAttribute("aria-valuenow", (network.layer ?? 0) + 1);
  strip.setAttribute("aria-valuetext", text);
  figure.querySelector(".mwt-layer").textContent = text;
  if (network.layer === undefined) return;
  const { start, size } = layersOf(network)[network.layer];
  const here = figure.querySelector(".here");
  here.setAttribute("x", start);
  here.setAttribute("width", size);
}

// The layer to which a key or a pointer leads; undefined if to none.
function layerOf(event, figure, network) {
  if (event.type === "keydown") {
    const last = network.layers.length - 1;
    const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    if (event.key === "Home") return 0;
    if (event.key === "End") return last;
    if (!(event.key in steps)) return undefined;
    return Math.min(last, Math.max(0, (network.layer ?? -1) + steps[event.key]));
  }
  if (!event.target.closest("svg, .layers")) return undefined;
  const box = figure.querySelector("svg").getBoundingClientRect();
  const kernel = ((event.clientX - box.left) / box.width) * network.kept[0].length;
  const found = layersOf(network).findIndex(({ start, size }) => kernel >= start && kernel < start + size);
  return found < 0 ? undefined : found;
}
