"""The threshold study, beside the paper's."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...data import short_name
from ...parameters import Study
from ..measures import LAST
from ..results import curve, select, short
from ..seeds import bands
from ..style import BLUE, INK, STYLE, Drawn, axes, draw, new_figure, show, written
from .modularity import MEASURES
from .reuse import MODULES

TALL = 3.9  # inches: two scales below each other


@cache
def reported() -> dict[str, Any]:
    """Return the numbers that others published, each group with its source."""
    return json.loads((Path(__file__).parents[1] / "reported.json").read_text())


def threshold_study(results: pd.DataFrame, study: Study) -> Drawn:
    """Draw the paper's RQ4: modularity and reuse over the threshold, the paper's curves behind.

    Parameters
    ----------
    results
        Rows of one network, with columns as in ``results.csv``.
    study
        Its threshold is the operating point to mark, its classes the sub-task of figure (b).
    """
    threshold, classes = study.threshold, study.subtask
    rows = select(results, classes=classes)
    panels = [modules_of_all(results, threshold), module_of_some(rows, threshold, classes)]
    network = f"{written(study.config.model)} on {written(short_name(study.config.dataset))}"
    drawn = pd.concat([select(results, classes="all"), rows]).dropna(subset="threshold")
    caption = (
        f"What the threshold changes. Filled marks: {network}. {bands(drawn)} Hollow marks on "
        "dotted "
        "lines: the paper's ResNet18 on CIFAR-10 (the authors' README; points between 0.1 and 0.9 "
        "read off its figures). (a) the modules of all classes, on average; (b) the module of a "
        "sub-task: its accuracy above, on a scale of its own that the table below goes beyond, and "
        "its size under it. The vertical line is the operating point, the threshold of the other "
        f"pages: {threshold:g}."
    )
    return show(panels, caption, drawn)


def modules_of_all(results: pd.DataFrame, threshold: float) -> tuple[Figure, str]:
    """Draw the measures of all classes' modules; return the figure and its text."""
    figure, ax = axes("(a) Modules of all classes", "threshold", "share", height=TALL)
    paper = reported()["seed_figures"]["modularizing"]
    names = {"kernel_retention_rate": "krr", "cohesion": "cohesion", "coupling": "coupling"}
    said = []
    for name, (colour, marker, label) in MEASURES.items():
        line = curve(results, "threshold", classes="all", method="modular", quantity=name)
        behind(ax, paper[names[name]], colour, marker)
        draw(ax, line, color=colour, marker=marker, label=label)
        said.append(ends(label, line))
    behind(ax, [], INK, "o", "paper's")  # for the legend
    ax.set_ylim(0, 1.03)
    finish(ax, threshold)
    outside(figure)
    return figure, f"Modules of all classes by threshold: {'; '.join(said)}."


def module_of_some(rows: pd.DataFrame, threshold: float, classes: str) -> tuple[Figure, str]:
    """Draw accuracy and size of a sub-task's module; return the figure and its text."""
    figure = new_figure(height=TALL)
    with mpl.rc_context(STYLE):
        above, below = figure.subplots(2, sharex=True, height_ratios=[3, 2])
        above.set(title=f"(b) Module of classes {short(classes)}", ylabel="test accuracy")
        below.set(xlabel="threshold", ylabel="KRR", ylim=(0, 1.03))
    said = accuracies(above, rows)
    krr = curve(rows, "threshold", method="modular", quantity="kernel_retention_rate")
    behind(below, reported()["seed_figures"]["reuse_3_classes"]["krr_pct"], BLUE, "o", unit=100)
    draw(below, krr, color=BLUE, marker="o", label="kernel retention rate")
    said.append(ends("kernel retention rate", krr))
    for ax in (above, below):
        finish(ax, threshold)
    outside(figure)
    return figure, f"Module of classes {short(classes)} by threshold: {'; '.join(said)}."


def accuracies(ax: Axes, rows: pd.DataFrame) -> list[str]:
    """Draw a sub-task's accuracies, this run's and the paper's; return what they say."""
    paper = reported()["seed_figures"]["reuse_3_classes"]
    tuned, whole = paper["module_accuracy_pct"], paper["standard_model_accuracy_pct"]
    theirs = {"standard": [whole] * len(tuned), "module-finetuned": tuned}
    said, lowest = [], min(tuned) / 100
    for method in ("standard", "module-masked", "module-folded", "module-finetuned"):
        colour, marker, label = MODULES[method]
        # The standard model knows no threshold: a broad line, on which the others may lie.
        look: dict[str, Any] = {"marker": marker}
        if method == "standard":
            look = {"linewidth": 5, "alpha": 0.35}
        line = curve(rows, "threshold", method=method, quantity="accuracy")
        draw(ax, line, color=colour, label=label, **look)
        if method in theirs:
            behind(ax, theirs[method], colour, marker, f"paper's {label}", unit=100)
        said.append(ends(f"accuracy, {label}", line))
        lowest = min(lowest, line.loc[:LAST, "mean"].min())
    # What falls far beyond the paper's thresholds would flatten all else.
    ax.set_ylim(lowest - 0.01, 1.004)
    return said


def behind(
    ax: Axes,
    values: list[float],
    colour: str,
    marker: str,
    label: str | None = None,
    unit: float = 1,
) -> None:
    """Draw a curve of the paper's, under those of this run."""
    at = reported()["seed_figures"]["threshold"][: len(values)]
    look: dict[str, Any] = {
        "color": colour,
        "marker": marker,
        "markerfacecolor": "none",
        "markersize": 3.5,
    }
    ax.plot(
        at, np.array(values) / unit, linestyle=":", linewidth=1.3, label=label, zorder=1.9, **look
    )


def outside(figure: Figure) -> None:
    """Put one legend of all axes below the figure."""
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
