// Shows the explorer of the chosen data and hides the others.
(() => {
  const root = document.currentScript.parentElement;
  const choices = [...root.querySelectorAll('input[name="mwt-data"]')];
  const explorers = root.querySelectorAll(".mwt-explorer");

  function choose() {
    choices.forEach((choice, i) => {
      explorers[i].hidden = !choice.checked;
      // What was hidden had no width: it draws itself anew.
      if (choice.checked) explorers[i].dispatchEvent(new Event("input"));
    });
  }

  for (const choice of choices) choice.addEventListener("input", choose);
  addEventListener("pageshow", choose); // the browser restores the controls of a page gone back to
  choose();
})();
