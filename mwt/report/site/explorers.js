// One explorer for each data set: shows that of the chosen data, keeps what is chosen in the address.

function explorers(page) {
  const choices = [...page.querySelectorAll('input[name="mwt-data"]')];
  const all = [...page.querySelectorAll(".mwt-explorer")].map(explorer);
  const stale = page.querySelector('[data-part="stale"]');

  const chosen = () => all[Math.max(0, choices.findIndex((choice) => choice.checked))];

  function draw() {
    for (const one of all) one.root.hidden = one !== chosen();
    chosen().draw(); // what was hidden had no width
  }

  // Another part of the page may be meant, which is none of the explorer's business.
  function restore() {
    const wanted = fromAddress(location.hash);
    const at = all.findIndex((one) => one.data === wanted?.data);
    if (at >= 0 && choices.length) choices[at].checked = true;
    stale.hidden = !wanted || (at >= 0 && all[at].show(wanted));
    draw();
  }

  const say = (text) => (chosen().root.querySelector('[data-part="copied"]').textContent = text);

  function keep() {
    const state = chosen().state();
    if (!state.classes.length || !state.networks.length) return;
    history.replaceState(history.state, "", asAddress(state));
    stale.hidden = true;
    say("");
  }

  async function copy() {
    keep();
    try {
      await navigator.clipboard.writeText(location.href);
      say("Copied.");
    } catch {
      say("This browser does not let a page copy: take the link from its address bar.");
    }
  }

  page.addEventListener("submit", (event) => event.preventDefault()); // there is nothing to send
  page.addEventListener("change", keep);
  page.addEventListener("click", (event) => {
    if (event.target.dataset.classes !== undefined) keep();
    if (event.target.dataset.part === "copy") copy();
  });
  for (const choice of choices) choice.addEventListener("input", draw);
  let width = page.clientWidth;
  new ResizeObserver(() => {
    if (width !== page.clientWidth) draw();
    width = page.clientWidth;
  }).observe(page);
  addEventListener("hashchange", restore);
  addEventListener("pageshow", restore); // the browser restores the controls of a page gone back to
  restore();
}

document.querySelectorAll(".mwt-explorers").forEach(explorers);
