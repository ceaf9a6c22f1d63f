// What the theme's buttons do, whose HTML has no handlers here.
document.addEventListener("click", (event) => {
  const wanted = event.target.closest("[data-mwt-click]")?.dataset.mwtClick;
  if (wanted === "window.print") window.print();
  if (wanted === "toggleFullScreen") window.toggleFullScreen();
});
