"""The threshold study, beside the paper's."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ...parameters import Study
from ..results import curve, select, short
from ..style import BELOW, BLUE, GREEN, INK, PURPLE, RED, Drawn, axes, legend, show
from .modularity import MEASURES


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
    paper = reported()["seed_figures"]
    at = paper["threshold"]
    modularity, ax = axes("(a) Modules of all classes", "threshold", "share", height=3.1)
    names = {"kernel_retention_rate": "krr", "cohesion": "cohesion", "coupling": "coupling"}
    for name, (colour, marker, label) in MEASURES.items():
        line = curve(results, "threshold", classes="all", method="modular", quantity=name)
        ax.plot(at, paper["modularizing"][names[name]], color=colour, linestyle=":", alpha=0.55)
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    finish(ax, threshold)
    reuse, ax = axes(f"(b) Module of classes {short(classes)}", "threshold", "share", height=3.1)
    rows = select(results, classes=classes)
    krr = curve(rows, "threshold", quantity="kernel_retention_rate")
    percent = paper["reuse_3_classes"]
    for name, colour in (("krr_pct", BLUE), ("module_accuracy_pct", GREEN)):
        ax.plot(at, np.array(percent[name]) / 100, color=colour, linestyle=":", alpha=0.55)
    ax.axhline(percent["standard_model_accuracy_pct"] / 100, color=RED, linestyle=":", alpha=0.55)
    ax.plot(krr.index, krr, color=BLUE, marker="o", label="kernel retention rate")
    for method, colour, marker, label in (
        ("module-finetuned", GREEN, "^", "accuracy, fine-tuned"),
        ("module-folded", PURPLE, "D", "accuracy, folded"),
        ("standard", RED, "s", "accuracy, standard model"),
    ):
        line = curve(rows, "threshold", method=method, quantity="accuracy")
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    finish(ax, threshold)
    alts = (
        "Kernel retention rate, cohesion and coupling over the threshold.",
        f"Kernel retention rate and accuracy of the module of {short(classes)}, by threshold.",
    )
    caption = (
        "What the threshold changes. Solid: this run. Dotted: the paper's ResNet18 on CIFAR-10 "
        "(the authors' README; points between 0.1 and 0.9 read off its figures), whose module in "
        "(b) is fine-tuned. The vertical line is the operating point."
    )
    drawn = pd.concat([select(results, classes="all"), rows]).dropna(subset="threshold")
    return show([(modularity, alts[0]), (reuse, alts[1])], caption, drawn)


def finish(ax: Axes, threshold: float) -> None:
    """Set the common scale, mark the operating point, put the legend below the axes."""
    ax.axvline(threshold, color=INK, linewidth=1, alpha=0.6)
    ax.set_ylim(0, 1.03)
    ax.set_xlim(0.05, 1.0)
    ax.set_xticks(np.arange(1, 11) / 10)
    legend(ax, **BELOW)
