"""Modules beside small networks that were trained on the sub-task alone."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...results.seeds import NOT_COMPARABLE, bands, paired
from ...results.tidy import curve
from ..style import BELOW, GREEN, GREY, INK, ORANGE, RED, Drawn, axes, draw, legend, show
from .reusing import MODULES, by_size, ends

NETWORKS = {
    **{method: MODULES[method] for method in ("standard", "module-masked", "module-finetuned")},
    "small-standard": (RED, "^", "small network"),
}
COSTS = {
    "full_flops": (GREEN, "^", "multiply-adds"),
    "full_latency_1_ms": (GREY, "X", "time of 1 image"),
    "full_latency_64_ms": (ORANGE, "D", "time of 64 images"),
}


def worth(results: pd.DataFrame) -> Drawn:
    """Draw accuracy beside small networks, and costs at full width, over the sub-task's size."""
    results = by_size(results)
    caption = (
        "Left: test accuracy of the module with its generators (not trained further), of the "
        "fine-tuned plain module, and of a small network with the plain module's multiply-adds, "
        "trained on the sub-task alone; the axis does not begin at 0. Right: what the plain module "
        "costs at the networks' full width, as shares of the standard model (dashed). "
        f"{bands(results)}"
    )
    if shares(results, "full_latency_1_ms") is None:
        caption += f" Times are {NOT_COMPARABLE}: measured on different machines."
    return show([accuracies(results), costs(results)], caption, results)


def shares(results: pd.DataFrame, quantity: str) -> pd.DataFrame | None:
    """Return a cost of the plain module as shares of the standard model's at full width."""
    return paired(results, "size", quantity, ("module-plain", "standard"), pd.Series.div)


def accuracies(results: pd.DataFrame) -> tuple[Figure, str]:
    """Draw what modules and small networks score; return the figure and its text."""
    title = "Accuracy on the sub-task"
    figure, ax = axes(title, "classes in the sub-task", "test accuracy", height=3.1)
    said = [
        line_of(ax, curve(results, "size", method=method, quantity="accuracy"), *look)
        for method, look in NETWORKS.items()
    ]
    legend(ax, **BELOW)
    return figure, f"Test accuracy by size of the sub-task: {'; '.join(filter(None, said))}."


def costs(results: pd.DataFrame) -> tuple[Figure, str]:
    """Draw what the plain module costs at full width; return the figure and its text."""
    title = "Cost at full width"
    figure, ax = axes(title, "classes in the sub-task", "share of the standard model", height=3.1)
    said = []
    for quantity, look in COSTS.items():
        found = shares(results, quantity)
        if found is not None and len(found):
            said.append(line_of(ax, curve(found, "size"), *look, share=False))
    ax.set_ylim(bottom=0)
    ax.axhline(1, color=INK, linewidth=1, linestyle="--")
    legend(ax, **BELOW)
    return figure, f"Costs of the plain module by size of the sub-task: {'; '.join(said)}."


def line_of(
    ax: Axes, line: pd.DataFrame, colour: str, marker: str, label: str, share: bool = True
) -> str:
    """Draw a line, and say where it begins and ends."""
    draw(ax, line, share, color=colour, marker=marker, label=label)
    return f"{label} {ends(line['mean'])}" if len(line) else ""
