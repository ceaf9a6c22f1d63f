"""Modules for sub-tasks: what they score and what they cost."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from ..results import curve, mean_and_interval, select, value
from ..style import BELOW, BLUE, GREEN, ORANGE, PURPLE, RED, Drawn, axes, legend, show

MODULES = {
    "module-plain": (ORANGE, "v", "plain cut"),
    "module-folded": (BLUE, "o", "folded"),
    "module-finetuned": (GREEN, "^", "fine-tuned"),
    "standard": (RED, "s", "standard model"),
}


def reuse(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and cost of the modules over the size of the sub-task."""
    whole = select(results, method="standard", classes="all")
    results = results[results["classes"] != "all"]
    results = results.assign(size=results["classes"].str.split().str.len())
    accuracy, ax = axes(
        "Accuracy on the sub-task", "classes in the sub-task", "test accuracy", height=3.1
    )
    lowest = 1.0
    for method, (colour, marker, label) in MODULES.items():
        line = curve(results, "size", method=method, quantity="accuracy")
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
        lowest = min(lowest, line.min())
    ax.set_ylim(lowest - 0.05, 1.01)
    legend(ax, **BELOW)
    cost, ax = axes(
        "Cost beside the standard model", "classes in the sub-task", "share", height=3.1
    )
    rate = curve(results, "size", quantity="kernel_retention_rate")
    ax.plot(rate.index, rate, color=BLUE, marker="o", label="kernels (KRR)")
    for quantity, colour, marker in (
        ("flops", PURPLE, "D"),
        ("parameters", ORANGE, "v"),
        ("latency_ms", GREEN, "^"),
    ):
        line = curve(results, "size", method="module-folded", quantity=quantity)
        if quantity == "latency_ms":
            line = line / curve(results, "size", method="standard", quantity=quantity)
        else:
            line = line / value(whole, quantity=quantity)
        label = {"flops": "FLOPs", "latency_ms": "latency"}.get(quantity, quantity)
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    ax.set_ylim(bottom=0)
    ax.axhline(1, color=RED, linewidth=1, linestyle="--")
    legend(ax, **BELOW)
    alts = (
        "Test accuracy of the plain, folded and fine-tuned module and of the standard model by "
        "size of the sub-task.",
        "Kernels, multiply-adds, parameters and latency of the module by size of the sub-task, as "
        "a share of the standard model's.",
    )
    caption = (
        "Modules of growing sub-tasks. Left: the plain and the folded cut are not trained further, "
        "the fine-tuned one is. Right: what the module costs; the dashed line is the standard "
        "model."
    )
    return show([(accuracy, alts[0]), (cost, alts[1])], caption, pd.concat([whole, results]))


def many_subtasks(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and KRR of the modules of random sub-tasks over their size."""
    results = results[results["classes"] != "all"]
    results = results.assign(size=results["classes"].str.split().str.len())
    accuracy, ax = axes("Accuracy", "classes in the sub-task", "test accuracy", height=3.1)
    shown = [m for m in MODULES if m in set(results["method"])]
    for number, method in enumerate(shown):
        colour, marker, label = MODULES[method]
        rows = select(results, method=method, quantity="accuracy")
        offset = 0.1 * (number - (len(shown) - 1) / 2)  # so that the bars do not hide each other
        spread(ax, rows, offset, colour, marker, label)
    ax.set_ylim(max(0.0, ax.get_ylim()[0]), 1.02)
    legend(ax, **BELOW)
    rate, ax = axes("Kernels", "classes in the sub-task", "kernel retention rate", height=3.1)
    spread(ax, select(results, quantity="kernel_retention_rate"), 0, BLUE, "o", "module")
    ax.set_ylim(bottom=0)
    caption = (
        "Modules of random sub-tasks: the mean of each size with its 95 % interval (Student's t), "
        "a dot for each sub-task. The sub-task of all classes is one, hence without an interval."
    )
    alts = (
        "Test accuracy of each form of the module and of the standard model by size.",
        "Kernel retention rate of the modules by size.",
    )
    return show([(accuracy, alts[0]), (rate, alts[1])], caption, results)


def spread(
    ax: Axes, rows: pd.DataFrame, offset: float, colour: str, marker: str, label: str
) -> None:
    """Draw the values of each size, their mean and its interval."""
    ax.plot(rows["size"] + offset, rows["value"], ".", color=colour, alpha=0.35, markersize=3)
    means = rows.groupby("size")["value"].apply(mean_and_interval)
    centre = [mean for mean, _, _ in means]
    bars = [[m - low for m, low, _ in means], [high - m for m, _, high in means]]
    ax.errorbar(
        means.index + offset,
        centre,
        yerr=bars,
        marker=marker,
        color=colour,
        capsize=2,
        elinewidth=1,
        label=label,
    )
