// What the whole network, the module and the modules of single classes answer.

function probabilities(logits) {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

// Fills a card; `values` and `texts` are by class, and missing for a class that cannot be answered.
function fillCard(find, key, names, values, texts, sure) {
  const given = values.filter((value) => value !== undefined);
  const best = values.indexOf(Math.max(...given));
  find(`${key}-answer`).textContent = names[best];
  find(`${key}-sure`).textContent = sure(best);
  [...find(`${key}-rows`).children].forEach((row, label) => {
    const value = values[label];
    row.className = value === undefined ? "absent" : label === best ? "best" : "";
    row.querySelector("span").style.width = `${100 * Math.min(1, Math.max(0, value ?? 0))}%`;
    row.querySelector(".number").textContent = value === undefined ? "–" : texts(label);
  });
  return best;
}

const FULL = 12; // the score whose bar is full, if no score is higher

// Shows the answers; returns them in words.
function showAnswers(find, network, classes, found) {
  const names = network.classes;
  const every = classes.length === names.length;
  const list = every ? `all ${names.length} classes` : classes.map((label) => names[label]).join(", ");
  const byClass = (values) => names.map((_, label) => values[classes.indexOf(label)]);

  const whole = probabilities([...found.whole.logits]);
  const ofWhole = (label) => percent(whole[label]);
  const first = fillCard(find, "whole", names, whole, ofWhole, ofWhole);
  find("whole-fact").textContent = `all ${counted(found.counts.all)} kernels`;

  const module = byClass(probabilities(classes.map((label) => found.module.logits[label])));
  const ofModule = (label) => percent(module[label]);
  const second = fillCard(find, "module", names, module, ofModule, ofModule);
  find("module-title").textContent = `Module of ${list}`;
  find("module-fact").textContent =
    `${counted(found.counts.kept)} kernels (${percent(found.counts.kept / found.counts.all)})`;

  const scores = byClass(found.alone.map((one) => one.score));
  const full = Math.max(FULL, ...found.alone.map((one) => one.score));
  const bars = scores.map((score) => (score === undefined ? undefined : score / full));
  const ofAlone = (label) => scores[label].toFixed(1);
  fillCard(find, "alone", names, bars, ofAlone, (label) => `score ${ofAlone(label)}`);
  const sizes = found.alone.map((one) => one.kept);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  find("alone-fact").textContent =
    least === most ? `${counted(least)} kernels` : `${counted(least)} to ${counted(most)} kernels each`;

  const start =
    `The whole network answers ${names[first]} (${ofWhole(first)}), ` +
    `the module of ${list} answers ${names[second]} (${ofModule(second)}). `;
  if (!classes.includes(first))
    return `${start}${names[first]} is not a class of the module, and what it does not know it cannot say: it must name one of its own classes.`;
  if (classes.length === 1) return `${start}The module has no other answer to give.`;
  const share = percent(found.counts.kept / found.counts.all);
  if (first === second) return `${start}The module agrees, with ${share} of the kernels.`;
  const lacking = found.counts.used - found.counts.both;
  return `${start}The module lacks ${lacking} of the kernels that the whole network uses for this digit.`;
}
