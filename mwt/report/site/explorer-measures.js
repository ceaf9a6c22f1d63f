// What is known of a network's modules. Kernels are counted and means taken here; all else is looked up.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (bits) => count(bits) / bits.length;
const count = (bits) => bits.filter(Boolean).length;

// The kernels of a class's module; `step` counts the thresholds from 0.
function kept(network, label, step) {
  return Array.from(network.kept[label], (digit) => parseInt(digit, 36) > step);
}

const inAny = (masks) => masks[0].map((_, k) => masks.some((mask) => mask[k]));
const inEach = (masks) => masks[0].map((_, k) => masks.every((mask) => mask[k]));

// The pairs of modules are stored row by row above the diagonal.
function pairsOf(classes, count) {
  const found = [];
  for (const a of classes)
    for (const b of classes)
      if (a < b) found.push(a * count - (a * (a + 1)) / 2 + (b - a - 1));
  return found;
}

const FORMS = ["masked", "folded", "finetuned", "standard"];

function measured(network, classes, step) {
  const every = network.classes.map((_, label) => kept(network, label, step));
  const masks = classes.map((label) => every[label]);
  const pairs = pairsOf(classes, network.classes.length);
  const name = classes.join(" ");
  const scores = Object.fromEntries(
    FORMS.map((form) => {
      const at = form === "standard" ? "" : ` @ ${network.thresholds[step]}`;
      const [value, low, high, images] = network.accuracy[form][name + at] ?? [];
      return [form, { value, low, high, images }];
    }),
  );
  return {
    every,
    union: inAny(masks),
    inChosen: inEach(masks),
    inAll: inEach(every),
    krr: mean(masks.map(share)),
    cohesion: mean(classes.map((label) => network.cohesion[step][label])),
    coupling: pairs.length ? mean(pairs.map((pair) => network.pairs[step][pair])) : undefined,
    together: share(inAny(masks)),
    scores,
    images: FORMS.map((form) => scores[form].images).find((images) => images),
  };
}

// Why accuracies are missing, in sentences.
function reasons(study, networks, found, classes, at) {
  if (classes.length === 1) return ["There is no accuracy of one class alone: nothing is told apart."];
  const missing = (form) => found.some((one) => one.scores[form].value === undefined);
  const without = networks.filter((network) => !network.small).map((network) => network.title);
  const said = [];
  if (missing("masked") || missing("folded")) {
    if (classes.length > 3)
      said.push("Of more than three classes, only the sub-tasks that a notebook ran were measured.");
    else if (without.length)
      said.push(`Of ${without.join(", ")}, only the sub-tasks that a notebook ran were measured.`);
    else if (at !== study.operating)
      said.push(`Pairs and triples were measured at the operating point only, threshold ${study.operating}.`);
  }
  if (missing("finetuned")) said.push("Fine-tuning takes long, so only some sub-tasks have it.");
  return said;
}
