// Connects drawing area, test digits and choice of classes with the network and what it answers.

const root = document.currentScript.closest(".mwt-live");
const find = (name) => root.querySelector(`[data-part="${name}"]`);
const canvas = find("canvas");
const LINE = 0.075; // width of a line, of the side of the drawing area
const STEP = 0.035; // of a key
const NEAR = 0.008; // points that are closer make no difference

let strokes = [];
let chosen = null; // the position of the test digit that is shown
const pen = { at: [0.5, 0.3], down: false, held: new Set() };

// The network comes as a script: a page that was opened as a file may not read other files.
let loading;
function load() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = root.dataset.file;
    script.onload = () => done(globalThis.mwtNetworks[root.dataset.name]);
    script.onerror = failed;
    document.head.append(script);
  }).then((network) => {
    const layered = (bits) => {
      let end = 0;
      return network.layers.map(([, size]) => [...bits.slice(end, (end += size))].map(Number));
    };
    return {
      ...network,
      steps: decoded(network.steps),
      modules: network.modules.map(layered),
      images: network.digits.images.map(bytes),
      show: kernelStrips(find("layers"), network.layers),
    };
  });
  return loading;
}

function paint(network) {
  const brush = canvas.getContext("2d");
  const side = canvas.width;
  brush.fillStyle = "black";
  brush.fillRect(0, 0, side, side);
  Object.assign(brush, { fillStyle: "white", strokeStyle: "white", lineWidth: LINE * side });
  Object.assign(brush, { lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    brush.beginPath();
    for (const point of [stroke[0], ...stroke]) brush.lineTo(...point.map((value) => value * side));
    brush.stroke();
  }
  if (chosen !== null && network) {
    const size = network.digits.size;
    const picture = document.createElement("canvas");
    picture.width = picture.height = size;
    pixels(picture, network.images[chosen]);
    brush.drawImage(picture, 0, 0, side, side);
  } else if (!strokes.length) {
    Object.assign(brush, { fillStyle: "#b0b0b0", font: `${side / 16}px sans-serif`, textAlign: "center" });
    brush.fillText("Draw a digit here", side / 2, side / 2);
  }
  if (document.activeElement === canvas && canvas.matches(":focus-visible")) {
    Object.assign(brush, { fillStyle: "#e69f00", strokeStyle: "#e69f00", lineWidth: 5 });
    brush.beginPath();
    brush.arc(pen.at[0] * side, pen.at[1] * side, 18, 0, 7);
    brush.stroke();
    if (pen.down) brush.fill();
  }
}

function pixels(target, image) {
  const shades = Uint8ClampedArray.from({ length: 4 * image.length }, (_, i) => (i % 4 === 3 ? 255 : image[i >> 2]));
  target.getContext("2d").putImageData(new ImageData(shades, target.width), 0, 0);
}

function union(modules) {
  return modules[0].map((layer, i) => layer.map((_, kernel) => Math.max(...modules.map((one) => one[i][kernel]))));
}

function asked(network, image, classes) {
  const kept = union(classes.map((label) => network.modules[label]));
  const whole = answer(network.steps, image);
  return {
    kept,
    whole,
    module: answer(network.steps, image, kept),
    alone: classes.map((label) => ({
      score: answer(network.steps, image, network.modules[label]).logits[label],
      kept: network.modules[label].flat().filter(Boolean).length,
    })),
    counts: kernelCounts(whole.masks, kept),
  };
}

let speaking;
function tell(words) {
  clearTimeout(speaking); // a screen reader hears what is drawn, not every point of it
  speaking = setTimeout(() => (find("told").textContent = words), 300);
}

function update(network) {
  paint(network);
  const drawn = chosen === null ? digitOf(strokes, network.digits.size) : network.images[chosen];
  const classes = [...root.querySelectorAll("input:checked")].map((box) => Number(box.value));
  const ready = drawn !== null && classes.length > 0;
  for (const name of ["results", "seen"]) find(name).hidden = !ready;
  find("hint").hidden = ready;
  find("hint").textContent = classes.length ? "Draw or choose a digit." : "Choose at least one class for the module.";
  for (const button of root.querySelectorAll("[data-digit]"))
    button.setAttribute("aria-pressed", Number(button.dataset.digit) === chosen);
  if (!ready) return;
  const small = resized(drawn, network.digits.size, network.image.size);
  pixels(find("input"), small);
  const label = network.classes[network.digits.labels[chosen]];
  find("label").textContent = chosen === null ? "" : `It is a test image of the class ${label}.`;
  const found = asked(network, normalized(small, network.image), classes);
  network.show(found.whole.masks, found.kept);
  const { all, used, kept, both } = found.counts;
  find("shares").textContent =
    `The whole network uses ${counted(used)} of its ${counted(all)} masked kernels (${percent(used / all)}) for this digit. ` +
    `The module keeps ${counted(kept)} (${percent(kept / all)}), among them ${counted(both)} of these ${counted(used)} (${percent(both / used)}).`;
  tell(showAnswers(find, network, classes, found));
}

let waiting = false;
async function changed() {
  paint(loading ? await loading.catch(() => null) : null);
  if (waiting) return;
  waiting = true;
  if (!loading) find("hint").textContent = "Loading the network …";
  try {
    const network = await load();
    await new Promise(requestAnimationFrame);
    waiting = false;
    update(network);
  } catch {
    waiting = false;
    loading = undefined;
    find("hint").textContent = `The network did not load: ${root.dataset.file} must lie beside this page, as in the built site.`;
  }
}

function begin(point) {
  if (chosen !== null) clear();
  strokes.push([point]);
}

function extend(point) {
  const stroke = strokes.at(-1);
  const [x, y] = stroke.at(-1);
  if (Math.hypot(point[0] - x, point[1] - y) > NEAR) stroke.push(point);
}

function clear() {
  strokes = [];
  chosen = null;
  pen.down = false;
}

async function choose(position) {
  clear();
  const network = await load().catch(() => null);
  if (network) chosen = position(network);
  await changed();
  find("results").scrollIntoView({ block: "nearest" }); // on a phone they are below the screen
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  const within = (value) => Math.min(1, Math.max(0, value));
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  canvas.setPointerCapture(event.pointerId);
  pen.down = false;
  begin(place(event));
  changed();
});
canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const one of events.length ? events : [event]) extend(place(one));
  changed();
});

const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
canvas.addEventListener("keydown", (event) => {
  const steers = event.key in WAYS;
  if (!steers && ![" ", "Delete", "Backspace"].includes(event.key)) return;
  event.preventDefault();
  if (steers) {
    pen.held.add(event.key); // two at once go diagonally
    for (const way of pen.held)
      pen.at = pen.at.map((value, axis) => Math.min(1, Math.max(0, value + STEP * WAYS[way][axis])));
    if (pen.down) extend(pen.at);
  } else if (event.key === " ") {
    if (!pen.down) begin(pen.at);
    pen.down = !pen.down;
  } else clear();
  if (steers && !pen.down) paintAgain();
  else changed();
});
canvas.addEventListener("keyup", (event) => pen.held.delete(event.key));

const paintAgain = async () => paint(loading ? await loading.catch(() => null) : null);
for (const name of ["focus", "blur"])
  canvas.addEventListener(name, () => {
    pen.held.clear();
    paintAgain();
  });

find("clear").addEventListener("click", () => {
  clear();
  changed();
});
find("next").addEventListener("click", () =>
  choose(({ images }) => {
    const others = images.map((_, i) => i).filter((i) => i !== chosen);
    return others[Math.floor(Math.random() * others.length)];
  }),
);
for (const button of root.querySelectorAll("[data-digit]"))
  button.addEventListener("click", () => choose(() => Number(button.dataset.digit)));
for (const box of root.querySelectorAll("input")) box.addEventListener("input", changed);
paint(null);
