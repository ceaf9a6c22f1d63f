// The threshold explorer: shows what the workflow measured. It counts kernels and takes means;
// everything else is looked up.
(() => {
  const root = document.currentScript.closest(".mwt-explorer");
  const study = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const slider = find("threshold");
  const ROW = 14; // height of a class in the picture, in pixels

  const checked = (name) =>
    [...root.querySelectorAll(`input[name="${name}"]`)].flatMap((box, i) => (box.checked ? [i] : []));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const digits = (value) => (value === undefined || Number.isNaN(value) ? "–" : value.toFixed(3));

  const escaped = (text) => {
    const safe = document.createElement("span");
    safe.textContent = text;
    return safe.innerHTML.replaceAll('"', "&quot;");
  };
  // What the columns of the table are called, as in its head.
  const heads = [...root.querySelectorAll("thead th")].slice(1).map((head) => head.textContent);

  // The pairs of modules are stored row by row above the diagonal.
  function pairsOf(classes, count) {
    const found = [];
    for (const a of classes)
      for (const b of classes)
        if (a < b) found.push(a * count - (a * (a + 1)) / 2 + (b - a - 1));
    return found;
  }

  function kept(network, label, step) {
    return Array.from(network.kept[label], (digit) => parseInt(digit, 36) > step);
  }

  function share(bits) {
    return bits.filter(Boolean).length / bits.length;
  }

  function measured(network, classes, step) {
    const masks = classes.map((label) => kept(network, label, step));
    const union = network.kept[0].split("").map((_, k) => masks.some((mask) => mask[k]));
    const name = classes.join(" ");
    const scored = (form) => network.accuracy[form][`${name} @ ${network.thresholds[step]}`];
    const pairs = pairsOf(classes, network.classes.length);
    return {
      union,
      krr: mean(masks.map(share)),
      cohesion: mean(classes.map((label) => network.cohesion[step][label])),
      coupling: pairs.length ? mean(pairs.map((pair) => network.pairs[step][pair])) : undefined,
      together: share(union),
      masked: scored("masked"),
      folded: scored("folded"),
      finetuned: scored("finetuned"),
      standard: network.standard[name],
    };
  }

  // One path for a row: neighbouring kernels become one rectangle.
  function path(bits, row) {
    let line = "";
    for (let start = 0; start < bits.length; start++) {
      if (!bits[start]) continue;
      let stop = start;
      while (bits[stop + 1]) stop++;
      line += `M${start} ${row + 0.08}h${stop + 1 - start}v0.84h${start - stop - 1}z`;
      start = stop;
    }
    return line;
  }

  function picture(network, classes, step, union) {
    const count = network.classes.length;
    const kernels = network.kept[0].length;
    const rows = network.classes.map((_, label) => {
      const kind = classes.includes(label) ? "chosen" : "other";
      return `<path class="${kind}" d="${path(kept(network, label, step), label)}"/>`;
    });
    rows.push(`<path class="union" d="${path(union, count)}"/>`);
    let edge = 0;
    const edges = network.layers.slice(0, -1).map(([, size]) => {
      edge += size;
      return `<path class="edge" d="M${edge} 0V${count + 1}"/>`;
    });
    const model = escaped(network.model);
    const label = `Module masks of ${model} at threshold ${network.thresholds[step]}`;
    const names = [...network.classes, "union"].map((name) => `<span>${escaped(name)}</span>`).join("");
    const wide = (22 / root.clientWidth) * kernels; // a number needs so many pixels
    const layers = network.layers.map(([name, size], i) => {
      const text = size > wide ? i + 1 : "";
      return `<span style="flex: ${size} 0 0" title="layer ${i + 1}: ${escaped(name)}, ${size} kernels">${text}</span>`;
    });
    return (
      `<figure class="mwt-figure mwt-masks"><figcaption>${model} on ${escaped(network.dataset)}: ` +
      `${kernels.toLocaleString("en")} masked kernels in ${network.layers.length} layers</figcaption>` +
      `<div class="names" style="line-height: ${ROW}px" aria-hidden="true">${names}</div>` +
      `<svg role="img" aria-label="${label}" viewBox="0 0 ${kernels} ${count + 1}" ` +
      `preserveAspectRatio="none" style="height: ${ROW * (count + 1)}px">${rows.join("")}${edges.join("")}</svg>` +
      `<div class="layers" aria-hidden="true">${layers.join("")}</div></figure>`
    );
  }

  function command(network, classes, at) {
    return (
      `papermill notebooks/reuse.ipynb out.ipynb -p profile ${study.profile} -p model ${network.model} ` +
      `-p dataset ${network.dataset} -p threshold ${at} -p target_classes "${classes.join(" ")}" ` +
      `-p subtask_sizes ${classes.length}`
    );
  }

  function draw() {
    const step = Number(slider.value) - 1;
    const at = study.networks[0].thresholds[step];
    const classes = checked("mwt-class");
    const networks = checked("mwt-network").map((i) => study.networks[i]);
    find("at").textContent = at;
    const mark = at === study.operating ? ", the operating point" : "";
    slider.setAttribute("aria-valuetext", `threshold ${at}${mark}`);
    for (const button of root.querySelectorAll("button[data-classes]"))
      button.setAttribute("aria-pressed", button.dataset.classes === classes.join(" "));
    const ready = classes.length > 0 && networks.length > 0;
    find("hint").hidden = ready;
    find("results").hidden = !ready;
    if (!ready) return;
    const names = classes.map((label) => networks[0].classes[label]).join(", ");
    find("of").textContent =
      classes.length === networks[0].classes.length
        ? "Of all classes, as on the other pages:"
        : `Of the chosen classes ${names}; on the other pages KRR, cohesion and coupling are of all classes:`;
    const found = networks.map((network) => measured(network, classes, step));
    find("rows").innerHTML = found
      .map((one, i) => {
        const score = (value) => (value === undefined ? "not measured" : digits(value));
        const cells = ["krr", "cohesion", "coupling", "together"].map((key) => [key, digits(one[key])]);
        for (const key of ["masked", "folded", "finetuned", "standard"])
          cells.push([key, score(one[key])]);
        const values = cells
          .map(
            ([key, text], column) =>
              `<td data-value="${key}" data-head="${heads[column]}" title="${one[key] ?? ""}">${text}</td>`,
          )
          .join("");
        const model = escaped(networks[i].model);
        return `<tr data-model="${model}"><th scope="row">${model}</th>${values}</tr>`;
      })
      .join("");
    find("pictures").innerHTML = found
      .map((one, i) => picture(networks[i], classes, step, one.union))
      .join("");
    find("command").textContent = networks.map((one) => command(one, classes, at)).join("\n");
    for (const line of root.querySelectorAll("[data-origin]"))
      line.hidden = !networks.some((network) => network.model === line.dataset.origin);
    find("said").textContent = `Threshold ${at}, classes ${names}: ${found
      .map((one, i) => `${networks[i].model} keeps ${digits(one.krr)} of the kernels`)
      .join(", ")}.`;
  }

  root.addEventListener("input", draw);
  root.addEventListener("click", (event) => {
    if (event.target.dataset.classes === undefined) return;
    const wanted = event.target.dataset.classes.split(" ");
    for (const box of root.querySelectorAll('input[name="mwt-class"]'))
      box.checked = wanted.includes(box.value);
    draw();
  });
  addEventListener("resize", draw);
  addEventListener("pageshow", draw); // the browser restores the controls of a page gone back to
  draw();
})();
