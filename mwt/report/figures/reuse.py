"""Modules for sub-tasks: what they score and what they cost."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from ..results import curve, mean_and_interval, select, value
from ..style import (
    BELOW,
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    Drawn,
    axes,
    legend,
    show,
)

# In all figures: what a colour means for accuracies differs from what it means for measures.
MODULES = {
    "standard": (INK, "s", "standard model"),
    "module-plain": (SKY, ">", "plain cut"),
    "module-folded": (ORANGE, "v", "folded"),
    "module-finetuned": (PURPLE, "D", "fine-tuned"),
}


def reuse(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and cost of the modules over the size of the sub-task."""
    whole = select(results, method="standard", classes="all")
    results = results[results["classes"] != "all"]
    results = results.assign(size=results["classes"].str.split().str.len())
    accuracy, ax = axes(
        "Accuracy on the sub-task", "classes in the sub-task", "test accuracy", height=3.1
    )
    lowest, said = 1.0, []
    for method, (colour, marker, label) in MODULES.items():
        line = curve(results, "size", method=method, quantity="accuracy")
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
        lowest = min(lowest, line.min())
        if len(line):
            said.append(f"{label} {ends(line)}")
    ax.set_ylim(lowest - 0.05, 1.01)
    legend(ax, **BELOW)
    cost, ax = axes(
        "Cost beside the standard model", "classes in the sub-task", "share", height=3.1
    )
    rate = curve(results, "size", quantity="kernel_retention_rate")
    ax.plot(rate.index, rate, color=BLUE, marker="o", label="kernels (KRR)")
    for quantity, colour, marker in (
        ("flops", GREEN, "^"),
        ("parameters", RED, "s"),
        ("latency_ms", GREY, "X"),
    ):
        line = curve(results, "size", method="module-folded", quantity=quantity)
        if quantity == "latency_ms":
            line = line / curve(results, "size", method="standard", quantity=quantity)
        else:
            line = line / value(whole, quantity=quantity)
        label = {"flops": "FLOPs", "latency_ms": "latency"}.get(quantity, quantity)
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    ax.set_ylim(bottom=0)
    ax.axhline(1, color=INK, linewidth=1, linestyle="--")
    legend(ax, **BELOW)
    alts = (
        f"Test accuracy by size of the sub-task: {'; '.join(said)}.",
        "Kernels, multiply-adds, parameters and latency of the module by size of the sub-task, as "
        f"a share of the standard model's; kernels {ends(rate)}.",
    )
    caption = (
        "Modules of growing sub-tasks. Left: the plain and the folded cut are not trained further, "
        "the fine-tuned one is; the axis begins below the lowest of them, not at 0. Right: what "
        "the module costs; the dashed line is the standard model."
    )
    return show([(accuracy, alts[0]), (cost, alts[1])], caption, pd.concat([whole, results]))


def many_subtasks(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and KRR of the modules of random sub-tasks over their size."""
    results = results[results["classes"] != "all"]
    results = results.assign(size=results["classes"].str.split().str.len())
    accuracy, ax = axes("Accuracy", "classes in the sub-task", "test accuracy", height=3.3)
    shown = [m for m in MODULES if m in set(results["method"])]
    said = []
    for number, method in enumerate(shown):
        offset = 0.22 * (number - (len(shown) - 1) / 2)  # so that the bars do not hide each other
        rows = select(results, method=method, quantity="accuracy")
        means = spread(ax, rows, offset, *MODULES[method])
        said.append(f"{MODULES[method][2]} {ends(means)}")
    lowest = results.loc[results["quantity"] == "accuracy", "value"].min()
    ax.set_ylim(max(0.0, min(ax.get_ylim()[0], lowest - 0.02)), 1.02)
    legend(ax, **BELOW)
    rate, ax = axes("Kernels", "classes in the sub-task", "kernel retention rate", height=3.3)
    means = spread(ax, select(results, quantity="kernel_retention_rate"), 0, BLUE, "o", "module")
    ax.set_ylim(0, 1.02)
    caption = (
        "Modules of random sub-tasks: the mean of each size with its 95 % interval (Student's t), "
        "and beside it a dot for each sub-task. The interval of a mean may reach beyond 1, where "
        "no share is: it is drawn to 1. The sub-task of all classes is one, hence without an "
        "interval. The axis of accuracy does not begin at 0."
    )
    alts = (
        f"Test accuracy by size of the sub-task, means: {'; '.join(said)}.",
        f"Kernel retention rate of the modules by size, means: {ends(means)}.",
    )
    return show([(accuracy, alts[0]), (rate, alts[1])], caption, results)


def spread(
    ax: Axes, rows: pd.DataFrame, offset: float, colour: str, marker: str, label: str
) -> pd.Series:
    """Draw the values of each size beside their mean and its interval; return the means."""
    found = rows.groupby("size")["value"].apply(mean_and_interval)
    means = found.map(lambda one: one[0])
    bars = [[m - low for m, low, _ in found], [min(high, 1.0) - m for m, _, high in found]]
    ax.errorbar(
        means.index + offset,
        means,
        yerr=bars,
        marker=marker,
        color=colour,
        capsize=2,
        elinewidth=1,
        linewidth=1.2,
        label=label,
    )
    beside = rows["size"] + offset + 0.11
    ax.plot(beside, rows["value"], "o", color=colour, alpha=0.75, markersize=2.6, mew=0)
    return means


def ends(line: pd.Series) -> str:
    """Say what a curve by size has for the smallest and for the largest sub-tasks."""
    first, last = line.index[[0, -1]]
    return f"{line[first]:.3f} at {first} classes, {line[last]:.3f} at {last}"
