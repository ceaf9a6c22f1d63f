// The threshold explorer of a data set.

function explorer(root) {
  const study = JSON.parse(root.querySelector("script[type='application/json']").textContent);
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const slider = find("threshold");
  const thresholds = study.networks[0].thresholds.map(String);
  const data = `${study.profile}/${study.networks[0].dataset}`;
  let shown = []; // the networks, each with what was measured of it

  const boxes = (name) => [...root.querySelectorAll(`input[name="${name}"]`)];
  const checked = (name) => boxes(name).flatMap((box, i) => (box.checked ? [i] : []));
  const listed = (names) => (names.length > 12 ? `${names.length} classes` : `classes ${names.join(", ")}`);
  const digits = (value) => (value === undefined || Number.isNaN(value) ? "–" : value.toFixed(3));
  // What the columns of the table are called, as in its head.
  const heads = [...root.querySelectorAll("thead th")].slice(1).map((head) => head.textContent);

  function cellsOf(one) {
    const plain = ["krr", "cohesion", "coupling", "together"].map((key) => [key, digits(one[key]), one[key]]);
    const scores = Object.entries(one.scores).map(([key, { value, low, high }]) => {
      const sure = low === undefined || low === null ? "" : `<small>${digits(low)}–${digits(high)}</small>`;
      return [key, value === undefined ? "not measured" : `<b>${digits(value)}</b>${sure}`, value];
    });
    return [...plain, ...scores, ["images", one.images ? whole(one.images) : "–", one.images]];
  }

  function row(network, one) {
    const cells = cellsOf(one).map(
      ([key, text, value], column) =>
        `<td data-value="${key}" data-head="${heads[column]}" title="${value ?? ""}"><span>${text}</span></td>`,
    );
    return `<tr data-model="${escaped(network.model)}"><th scope="row">${escaped(network.name)}</th>${cells.join("")}</tr>`;
  }

  // An option stays in one line with its values, as elsewhere (shell.py).
  function command(network, classes, at) {
    const options = {
      profile: study.profile,
      model: network.model,
      dataset: network.dataset,
      threshold: at,
      target_classes: `"${classes.join(" ")}"`,
      subtask_sizes: classes.length,
    };
    const parts = Object.entries(options).map(([name, value]) => `-p ${name} ${value}`);
    const units = ["papermill", "notebooks/reuse.ipynb", "out.ipynb", ...parts].map(
      (part) => `<span class="mwt-unit">${escaped(part)}</span>`,
    );
    return `<span class="mwt-line">${units.join(" ")}\n</span>`;
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
    const names = listed(classes.map((label) => networks[0].classes[label]));
    find("of").textContent =
      classes.length === networks[0].classes.length
        ? "For all classes, as on the other pages:"
        : `For the chosen ${names}. (On the other pages KRR, cohesion and coupling are for all classes.)`;
    shown = networks.map((network) => [network, measured(network, classes, step)]);
    find("rows").innerHTML = shown.map(([network, one]) => row(network, one)).join("");
    const why = reasons(study, networks, shown.map(([, one]) => one), classes, at);
    find("why").hidden = !why.length;
    find("why").textContent = `${why.join(" ")} ${classes.length > 1 ? "The command below the pictures measures what is missing." : ""}`;
    find("pictures").innerHTML = shown
      .map(([network, one]) => picture(network, classes, step, one, root.clientWidth))
      .join("");
    root.querySelectorAll(".mwt-masks").forEach((figure, i) => markLayer(figure, ...shown[i]));
    find("command").innerHTML = networks.map((one) => command(one, classes, at)).join("");
    for (const line of root.querySelectorAll("[data-origin]"))
      line.hidden = !networks.some((network) => network.model === line.dataset.origin);
    find("said").textContent = `Threshold ${at}, ${names}: ${shown
      .map(([network, one]) => `${network.name} keeps ${digits(one.krr)} of the kernels`)
      .join(", ")}.`;
  }

  function layer(event) {
    const figure = event.target.closest(".mwt-masks");
    if (!figure) return;
    const [network, one] = shown.find(([network]) => network.model === figure.dataset.network);
    const found = layerOf(event, figure, network);
    if (found === undefined) return;
    if (event.type === "keydown") event.preventDefault();
    network.layer = found;
    markLayer(figure, network, one);
  }

  // Show what an address says; what it has wrong stays as it is. Tell whether all of it was right.
  function show({ threshold, classes, networks }) {
    const choose = (name, wanted, values) => {
      if (!wanted) return true;
      const right = wanted.length > 0 && wanted.every((one) => values.includes(one));
      if (right) boxes(name).forEach((box, i) => (box.checked = wanted.includes(values[i])));
      return right;
    };
    const step = thresholds.indexOf(threshold);
    if (step >= 0) slider.value = step + 1;
    const labels = study.networks[0].classes.map((_, label) => String(label));
    const models = study.networks.map((network) => network.model);
    const right = [
      step >= 0 || threshold === null,
      choose("mwt-class", classes, labels),
      choose("mwt-network", networks, models),
    ];
    return right.every(Boolean);
  }

  function state() {
    return {
      data,
      threshold: thresholds[Number(slider.value) - 1],
      classes: checked("mwt-class"),
      networks: checked("mwt-network").map((i) => study.networks[i].model),
    };
  }

  root.addEventListener("input", draw);
  root.addEventListener("click", (event) => {
    if (event.target.dataset.classes === undefined) return;
    const wanted = event.target.dataset.classes.split(" ");
    for (const box of boxes("mwt-class")) box.checked = wanted.includes(box.value);
    draw();
  });
  for (const kind of ["pointermove", "click", "keydown"]) root.addEventListener(kind, layer);
  return { root, data, draw, show, state };
}
