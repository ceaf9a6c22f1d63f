"""Validation accuracy over epochs, of trainings of several lengths."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ...results.names import display_name
from ..style import BLUE, ORANGE, Drawn, axes, keys, show
from ..tables.epochs import PAPERS_EPOCHS, networks
from .modularity import MEASURES
from .threshold import measure_behind, outside, papers_curves_of

METHODS = {"standard": BLUE, "modular": ORANGE}
TOGETHER = (("kernel_retention_rate", "coupling"), ("cohesion",))  # which share a scale
DASHES = ("solid", (0, (4, 1.5)), (0, (1, 1.2)))


def accuracy_by_epoch(rows: pd.DataFrame) -> Drawn:
    """Draw a panel for each network, with a line for each training.

    Parameters
    ----------
    rows
        What `benchmarks/epochs.py` wrote.
    """
    curves = rows[rows["quantity"] == "validation_accuracy"]
    lowest = curves["value"].min()
    panels = []
    for network, some in curves.groupby(networks(curves), sort=False):
        figure, ax = axes(str(network), "epoch", "validation accuracy")
        lengths = sorted(some["epochs"].unique(), reverse=True)  # the longest is the solid line
        said = []
        for (method, epochs), line in some.groupby(["method", "epochs"], sort=False):
            style = DASHES[min(lengths.index(epochs), len(DASHES) - 1)]
            ax.plot(line["epoch"], line["value"], color=METHODS[str(method)], linestyle=style)
            said.append(f"{method}, {epochs} epochs: {line['value'].iloc[-1]:.3f} at the end")
        ax.set(xlim=(0, max(lengths)), ylim=(lowest - 0.02, 1))
        panels.append((figure, f"{network}. {'; '.join(said)}."))
    caption = (
        "Validation accuracy over epochs; a network's longest training is a solid line, shorter "
        "ones are dashed. Each training goes through its learning rates once, so that a longer one "
        "is not a shorter one continued."
    )
    return show(panels, caption, curves, above=keys((c, "", m) for m, c in METHODS.items()))


def modularity_by_threshold(rows: pd.DataFrame) -> Drawn:
    """Draw how modular the networks of the paper's width are by threshold, and the paper's.

    Parameters
    ----------
    rows
        What `benchmarks/epochs.py` wrote.
    """
    whole = rows[(rows["width"] == 1) & rows["quantity"].isin(MEASURES)]
    panels = []
    for (model, dataset, epochs), some in whole.groupby(["model", "dataset", "epochs"]):
        paper = papers_curves_of(str(model), str(dataset))
        for names in TOGETHER:
            title = f"{display_name(str(model))}, width 1, {epochs} epochs"
            figure, ax = axes(title, "threshold", "share")
            said = [draw_measure(ax, some, name, paper) for name in names]
            outside(figure)
            panels.append((figure, f"{title}. {'; '.join(said)}."))
    caption = (
        "Modules of single classes of networks of the paper's width, by threshold, on average over "
        "the classes; scales do not begin at 0. Filled marks: trained here. Hollow marks on pale "
        f"dotted lines: the paper, after {PAPERS_EPOCHS} epochs (from the authors' README; the "
        "points between 0.1 and 0.9 were read off its figures)."
    )
    return show(panels, caption, whole)


def draw_measure(ax: Axes, rows: pd.DataFrame, name: str, paper: Mapping[str, Any] | None) -> str:
    """Draw a measure over the threshold, and the paper's behind; return what it says."""
    colour, marker, label = MEASURES[name]
    line = rows[rows["quantity"] == name]
    ax.plot(line["threshold"], line["value"], color=colour, marker=marker, label=label)
    if paper:
        measure_behind(ax, name, paper)
    return f"{label} {line['value'].iloc[0]:.3f} to {line['value'].iloc[-1]:.3f}"
