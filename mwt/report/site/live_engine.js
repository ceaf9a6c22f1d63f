// Runs a modular network on plain arrays: the steps that mwt/report/steps.py writes down.
// Feature maps are square: { data, channels, side }, row by row, channel after channel.

function bytes(text) {
  const letters = atob(text);
  const found = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) found[i] = letters.charCodeAt(i);
  return found;
}

function singles(text) {
  return new Float32Array(bytes(text).buffer);
}

// The value of each number of 16 bits: IEEE 754's half precision.
const HALVES = Float32Array.from({ length: 1 << 16 }, (_, word) => {
  const exponent = (word >> 10) & 31;
  const fraction = (word & 1023) / 1024;
  const size = exponent ? (1 + fraction) * 2 ** (exponent - 15) : fraction * 2 ** -14;
  return word & 0x8000 ? -size : size;
});

function halves(text) {
  const words = new Uint16Array(bytes(text).buffer);
  const found = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) found[i] = HALVES[words[i]];
  return found;
}

// The steps with their arrays.
function decoded(steps) {
  const linear = ({ matrix, bias, ...sizes }) => ({ ...sizes, matrix: halves(matrix), bias: bias && singles(bias) });
  return steps.map((step) => {
    const made = { ...step };
    if (step.op === "linear") Object.assign(made, linear(step));
    for (const name of ["scale", "shift"]) if (step[name]) made[name] = singles(step[name]);
    if (step.weight) made.weight = halves(step.weight);
    for (const name of ["squeeze", "excite"]) if (step[name]) made[name] = linear(step[name]);
    return made;
  });
}

function linear({ matrix, bias, inputs, outputs }, x) {
  return Float32Array.from({ length: outputs }, (_, row) => {
    return dot(matrix, row * inputs, x, 0, inputs) + (bias ? bias[row] : 0);
  });
}

function relu(values) {
  return values.map((value) => Math.max(0, value));
}

// The mean of each channel.
function means({ data, channels, side }) {
  const area = side * side;
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = channel * area; i < (channel + 1) * area; i++) sum += data[i];
    return sum / area;
  });
}

// The largest value of each square of `size` pixels.
function largest({ data, channels, side }, size) {
  const small = Math.floor(side / size);
  const out = new Float32Array(channels * small * small).fill(-Infinity);
  for (let channel = 0; channel < channels; channel++)
    for (let y = 0; y < small * size; y++)
      for (let x = 0; x < small * size; x++) {
        const at = (channel * small + Math.floor(y / size)) * small + Math.floor(x / size);
        out[at] = Math.max(out[at], data[(channel * side + y) * side + x]);
      }
  return { data: out, channels, side: small };
}

// How much each kernel counts for what the convolution reads: in [0, 1).
function generated({ squeeze, excite }, input) {
  return relu(linear(excite, relu(linear(squeeze, means(input)))).map(Math.tanh));
}

// Four sums at a time, which do not wait for each other.
function dot(a, startA, b, startB, length) {
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += a[startA + i] * b[startB + i];
    s1 += a[startA + i + 1] * b[startB + i + 1];
    s2 += a[startA + i + 2] * b[startB + i + 2];
    s3 += a[startA + i + 3] * b[startB + i + 3];
  }
  for (; i < length; i++) s0 += a[startA + i] * b[startB + i];
  return s0 + s1 + s2 + s3;
}

// What a kernel sees at each place, one place after the other; beyond the edges there are zeros.
function patches({ data, channels, side }, { size, stride, padding }, places) {
  const length = channels * size * size;
  const seen = new Float32Array(places * places * length);
  for (let place = 0; place < places * places; place++) {
    const top = Math.floor(place / places) * stride - padding;
    const left = (place % places) * stride - padding;
    for (let channel = 0; channel < channels; channel++)
      for (let dy = Math.max(0, -top); dy < Math.min(size, side - top); dy++)
        for (let dx = Math.max(0, -left); dx < Math.min(size, side - left); dx++)
          seen[place * length + (channel * size + dy) * size + dx] =
            data[(channel * side + top + dy) * side + left + dx];
  }
  return seen;
}

// A convolution, scaled and shifted. A kernel that its mask sets to zero is not computed.
function convolved(step, input, mask) {
  const { kernels, channels, size, stride, padding, weight } = step;
  const side = Math.floor((input.side + 2 * padding - size) / stride) + 1;
  const area = side * side;
  const length = channels * size * size;
  const seen = patches(input, step, side);
  const data = new Float32Array(kernels * area);
  for (let kernel = 0; kernel < kernels; kernel++) {
    const strength = mask ? mask[kernel] : 1;
    if (strength === 0) continue;
    const [scale, shift] = [step.scale[kernel] * strength, step.shift[kernel] * strength];
    for (let place = 0; place < area; place++)
      data[kernel * area + place] = dot(weight, kernel * length, seen, place * length, length) * scale + shift;
  }
  return { data, channels: kernels, side };
}

const STEPS = {
  conv: (step, [input]) => convolved(step, input),
  masked: (step, [input], mask) => convolved(step, input, mask),
  affine: ({ scale, shift }, [{ data, channels, side }]) => ({
    data: data.map((value, i) => {
      const channel = Math.floor(i / (side * side));
      return value * scale[channel] + shift[channel];
    }),
    channels,
    side,
  }),
  relu: (_, [input]) => ({ ...input, data: relu(input.data) }),
  max: ({ size }, [input]) => largest(input, size),
  mean: (_, [input]) => ({ data: means(input), channels: input.channels, side: 1 }),
  linear: (step, [input]) => ({ data: linear(step, input.data), channels: step.outputs, side: 1 }),
  add: (_, [a, b]) => ({ ...a, data: a.data.map((value, i) => value + b.data[i]) }),
};

// Returns the logits for one image of one channel, and the mask of each masked layer. `kept` holds
// for each of these layers which kernels the module keeps: a module that keeps its generators computes
// what the whole network does with all other kernels at zero.
function answer(steps, image, kept) {
  const masks = [];
  const results = [];
  for (const step of steps) {
    const inputs = step.from.map((position) => results[position]);
    if (step.op === "image") {
      results.push({ data: image, channels: 1, side: Math.sqrt(image.length) });
      continue;
    }
    let mask;
    if (step.op === "masked") {
      mask = generated(step, inputs[0]);
      if (kept) mask = mask.map((value, i) => value * kept[step.layer][i]);
      masks[step.layer] = mask;
    }
    results.push(STEPS[step.op](step, inputs, mask));
  }
  return { logits: results.at(-1).data, masks };
}
