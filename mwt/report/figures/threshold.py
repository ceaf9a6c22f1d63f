"""The threshold study, beside the paper's."""

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...data import short_name
from ...results.measures import LAST
from ...results.names import display_name
from ...results.reported import reported
from ...results.seeds import bands
from ...results.tidy import curve, select, short, subtask_in_words
from ...study.parameters import Study
from ..style import BLUE, INK, STYLE, Drawn, axes, draw, new_figure, show
from .modularity import MEASURES
from .reusing import MODULES

TALL = 3.9  # inches: two scales below each other
PALE = 0.7  # of the paper's curves: those of this run lie in front
PAPERS_CLASSES = 3  # of the sub-task that its figure is of


def papers_curves(study: Study) -> dict[str, Any] | None:
    """Return the paper's curves if they are of a study's network and data, else None."""
    return papers_curves_of(study.config.model, short_name(study.config.dataset))


def papers_curves_of(model: str, dataset: str) -> dict[str, Any] | None:
    """Return the paper's curves if it drew them of this network and data, else None."""
    told = reported()["seed_figures"]
    return told if (model, dataset) == (told["model"], told["dataset"]) else None


def threshold_study(results: pd.DataFrame, study: Study) -> Drawn:
    """Draw the paper's RQ4: modularity and reuse over the threshold.

    Behind the curves of the paper's own network on its own data lie those of the paper.

    Parameters
    ----------
    results
        Rows of one network, with columns as in ``results.csv``.
    study
        Its threshold is the operating point to mark, its classes the sub-task of figure (b).
    """
    rows = select(results, classes=study.subtask)
    panels = [modules_of_all(results, study), module_of_some(rows, study)]
    network = (
        f"{display_name(study.config.model)} on {display_name(short_name(study.config.dataset))}"
    )
    drawn = pd.concat([select(results, classes="all"), rows]).dropna(subset="threshold")
    theirs = (
        "Filled marks: this run. Hollow marks on pale dotted lines: the paper, at full width (from "
        "the authors' README; the points between 0.1 and 0.9 were read off its figures). "
    )
    caption = (
        f"What the threshold changes: {network}. {bands(drawn)} "
        f"{theirs if papers_curves(study) else ''}(a) The modules of single classes, on average. "
        f"(b) The module of the sub-task {subtask_in_words(study)}: above, its accuracy, on a "
        "scale that does not begin at 0; below, its size. The vertical line is the operating "
        f"point, the threshold of the other pages: {study.threshold:g}."
    )
    return show(panels, caption, drawn)


def modules_of_all(results: pd.DataFrame, study: Study) -> tuple[Figure, str]:
    """Draw the measures of all classes' modules; return the figure and its text."""
    figure, ax = axes("(a) Modules of all classes", "threshold", "share", height=TALL)
    said = []
    for name, (colour, marker, label) in MEASURES.items():
        line = curve(results, "threshold", classes="all", method="modular", quantity=name)
        draw(ax, line, color=colour, marker=marker, label=label)
        said.append(ends(label, line))
    if paper := papers_curves(study):
        for name in MEASURES:
            measure_behind(ax, name, paper)
    ax.set_ylim(0, 1.03)
    finish(ax, study.threshold)
    outside(figure)
    return figure, f"Modules of all classes by threshold: {'; '.join(said)}."


def module_of_some(rows: pd.DataFrame, study: Study) -> tuple[Figure, str]:
    """Draw accuracy and size of a sub-task's module; return the figure and its text."""
    figure, classes = new_figure(height=TALL), short(study.subtask)
    with mpl.rc_context(STYLE):
        above, below = figure.subplots(2, sharex=True, height_ratios=[3, 2])
        above.set(title=f"(b) Module of classes {classes}", ylabel="test accuracy")
        below.set(xlabel="threshold", ylabel="KRR", ylim=(0, 1.03))
    paper = papers_curves(study) if len(study.classes) == PAPERS_CLASSES else None
    theirs = paper["reuse_3_classes"] if paper else {}
    said = draw_accuracies(above, rows, theirs)
    krr = curve(rows, "threshold", method="modular", quantity="kernel_retention_rate")
    draw(below, krr, color=BLUE, marker="o", label="kernel retention rate")
    if theirs:
        behind(below, theirs["krr_pct"], BLUE, "o", "paper: kernel retention rate", unit=100)
    said.append(ends("kernel retention rate", krr))
    for ax in (above, below):
        finish(ax, study.threshold)
    outside(figure)
    return figure, f"Module of classes {classes} by threshold: {'; '.join(said)}."


def draw_accuracies(ax: Axes, rows: pd.DataFrame, paper: Mapping[str, Any]) -> list[str]:
    """Draw a sub-task's accuracies, and the paper's if there are any; return what they say."""
    theirs: dict[str, list[float]] = {}
    if paper:
        tuned, whole = paper["module_accuracy_pct"], paper["standard_model_accuracy_pct"]
        theirs = {"standard": [whole] * len(tuned), "module-finetuned": tuned}
    said, lowest = [], [value / 100 for values in theirs.values() for value in values]
    for method in ("standard", "module-masked", "module-folded", "module-finetuned"):
        colour, marker, label = MODULES[method]
        # The standard model knows no threshold: a broad line, on which the others may lie.
        look: dict[str, Any] = {"marker": marker}
        if method == "standard":
            look = {"linewidth": 5, "alpha": 0.35}
        line = curve(rows, "threshold", method=method, quantity="accuracy")
        draw(ax, line, color=colour, label=label, **look)
        said.append(ends(f"accuracy, {label}", line))
        lowest += list(line.loc[:LAST, "mean"])
    for method, values in theirs.items():
        colour, marker, label = MODULES[method]
        behind(ax, values, colour, marker, f"paper: {label}", unit=100)
    # What falls far beyond the paper's thresholds would flatten all else.
    if lowest:
        ax.set_ylim(min(lowest) - 0.01, 1.004)
    return said


def measure_behind(ax: Axes, name: str, paper: Mapping[str, Any]) -> None:
    """Draw the paper's curve of a measure of all classes' modules."""
    colour, marker, label = MEASURES[name]
    values = paper["modularizing"]["krr" if name == "kernel_retention_rate" else name]
    behind(ax, values, colour, marker, f"paper: {label}")


def behind(
    ax: Axes,
    values: list[float],
    colour: str,
    marker: str,
    label: str,
    unit: float = 1,
) -> None:
    """Draw a curve of the paper's, under those of this run."""
    at = reported()["seed_figures"]["threshold"][: len(values)]
    look: dict[str, Any] = {"color": colour, "marker": marker, "markerfacecolor": "none"}
    look |= {"markersize": 3.5, "linestyle": ":", "linewidth": 1.3, "alpha": PALE}
    ax.plot(at, np.array(values) / unit, label=label, zorder=1.9, **look)


def outside(figure: Figure) -> None:
    """Put one legend of all axes below the figure, if anything was drawn."""
    if not any(ax.get_legend_handles_labels()[0] for ax in figure.axes):
        return
    with mpl.rc_context(STYLE):
        figure.legend(loc="outside lower center", ncols=2, handlelength=1.7, columnspacing=1)


def ends(name: str, line: pd.DataFrame) -> str:
    """Say where a curve begins and where it ends."""
    if line.empty:
        return f"{name} not measured"
    means = line["mean"]
    points = {t: f"{means[t]:.3f} at {t:g}" for t in line.index[[0, -1]]}
    return f"{name} {', '.join(points.values())}"


def finish(ax: Axes, threshold: float) -> None:
    """Mark the operating point on the common axis of thresholds."""
    ax.axvline(threshold, color=INK, linewidth=1, alpha=0.6, zorder=1)
    ax.set_xlim(0.05, 1.03)
    ax.set_xticks(np.arange(1, 11) / 10)
