// From strokes to an image as MNIST has it: the digit fills 20 pixels, centred by its mass.
// A stroke is a list of points [x, y]; the sides of the drawing area are 1.

const GLYPH = 20; // pixels of the longer side
const PEN = 1.3; // half the width of a line, in pixels
const LARGEST = 60; // pixels to which the whole drawing area grows at most, for tiny strokes

function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = dx || dy ? ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy) : 0;
  const at = Math.min(1, Math.max(0, along));
  return Math.hypot(x - ax - at * dx, y - ay - at * dy);
}

// Pixels 0 to 255 of an image of side `size`; lines fade out over a pixel.
function inked(strokes, size) {
  const image = new Uint8Array(size * size);
  const around = (low, high) => [Math.max(0, Math.floor(low - PEN - 1)), Math.min(size, Math.ceil(high + PEN + 1))];
  for (const stroke of strokes)
    stroke.forEach((to, i) => {
      const from = stroke[Math.max(0, i - 1)];
      const [left, right] = around(Math.min(from[0], to[0]), Math.max(from[0], to[0]));
      const [top, bottom] = around(Math.min(from[1], to[1]), Math.max(from[1], to[1]));
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) {
          const ink = PEN + 0.5 - distance([x + 0.5, y + 0.5], from, to);
          const at = y * size + x;
          image[at] = Math.max(image[at], Math.round(255 * Math.min(1, Math.max(0, ink))));
        }
    });
  return image;
}

function massCentre(image, size) {
  let [mass, x, y] = [0, 0, 0];
  image.forEach((ink, i) => {
    mass += ink;
    x += ink * ((i % size) + 0.5);
    y += ink * (Math.floor(i / size) + 0.5);
  });
  return [x / mass, y / mass];
}

// The drawn digit as an image of side `size`, or nothing of no strokes.
function digitOf(strokes, size) {
  const points = strokes.flat();
  if (!points.length) return null;
  const low = [0, 1].map((axis) => Math.min(...points.map((point) => point[axis])));
  const high = [0, 1].map((axis) => Math.max(...points.map((point) => point[axis])));
  const longer = Math.max(high[0] - low[0], high[1] - low[1]);
  const scale = Math.min(LARGEST, (GLYPH - 2 * PEN) / longer);
  const moved = (by) =>
    strokes.map((stroke) =>
      stroke.map((point) =>
        point.map((value, axis) => (value - (low[axis] + high[axis]) / 2) * scale + size / 2 + by[axis]),
      ),
    );
  const centre = massCentre(inked(moved([0, 0]), size), size);
  return inked(moved(centre.map((value) => size / 2 - value)), size);
}

// An image of another side, as mwt.data makes it: means of the pixels, halves to the even number.
function resized(image, from, to) {
  if (from === to) return image;
  return Uint8Array.from({ length: to * to }, (_, i) => {
    const range = (at) => [Math.floor((at * from) / to), Math.ceil(((at + 1) * from) / to)];
    const [top, bottom] = range(Math.floor(i / to));
    const [left, right] = range(i % to);
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += image[y * from + x];
    const mean = sum / ((bottom - top) * (right - left));
    const near = Math.round(mean);
    return mean % 1 === 0.5 && near % 2 ? near - 1 : near;
  });
}

// What the network reads.
function normalized(image, { mean, std }) {
  return Float32Array.from(image, (pixel) => (pixel / 255 - mean) / std);
}
