// What is known of a network's modules. Kernels are counted and means taken here; all else is looked up.
// A mask has a byte for each kernel, 0 or 1.

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const share = (bits) => count(bits) / bits.length;
const count = (bits) => bits.filter(Boolean).length;

// The kernels of a class's module; `step` counts the thresholds from 0.
function kept(network, label, step) {
  return Uint8Array.from(network.kept[label], (digit) => parseInt(digit, 36) > step);
}

const inAny = (masks) => masks[0].map((_, k) => masks.some((mask) => mask[k]));
const inEach = (masks) => masks[0].map((_, k) => masks.every((mask) => mask[k]));

// How much two masks overlap; two empty ones are equal.
function jaccard(one, other) {
  let [both, either] = [0, 0];
  for (let k = 0; k < one.length; k++) {
    both += one[k] & other[k];
    either += one[k] | other[k];
  }
  return either ? both / either : 1;
}

const pairsOf = (masks) => masks.flatMap((one, i) => masks.slice(i + 1).map((other) => jaccard(one, other)));

const FORMS = ["masked", "folded", "finetuned", "standard"];

function measured(network, classes, step) {
  const every = network.classes.map((_, label) => kept(network, label, step));
  const masks = classes.map((label) => every[label]);
  const pairs = pairsOf(masks);
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
    coupling: pairs.length ? mean(pairs) : undefined,
    together: share(inAny(masks)),
    scores,
    images: FORMS.map((form) => scores[form].images).find((images) => images),
  };
}

// Why accuracies are missing, in sentences.
function reasons(study, networks, found, classes, at) {
  if (classes.length === 1) return ["There is no accuracy of one class alone: there is nothing to tell apart."];
  const missing = (form) => found.some((one) => one.scores[form].value === undefined);
  const without = networks.filter((network) => !network.small).map((network) => network.name);
  const said = [];
  if (missing("masked") || missing("folded")) {
    if (classes.length > 3)
      said.push("With more than three classes, only the sub-tasks of the notebooks were measured.");
    else if (without.length)
      said.push(`For ${without.join(", ")}, only the sub-tasks of the notebooks were measured.`);
    else if (at !== study.operating)
      said.push(`Pairs and triples were measured at the operating point only, threshold ${study.operating}.`);
    else said.push("Of so many classes only some pairs and triples were measured, drawn at random.");
  }
  if (missing("finetuned")) said.push("Fine-tuning takes long, so only some sub-tasks have it.");
  return said;
}
