"""Modules for sub-tasks: what they score and what they cost."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...results.seeds import (
    NOT_COMPARABLE,
    bands,
    by_subtask,
    count_in_words,
    one_run,
    paired,
    several,
)
from ...results.tidy import curve, mean_and_interval, select
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
    draw,
    legend,
    show,
)

# In all figures: what a colour means for accuracies differs from what it means for measures.
MODULES = {
    "standard": (INK, "s", "standard model"),
    "module-masked": (GREEN, "o", "with generators"),
    "module-plain": (SKY, ">", "plain cut"),
    "module-folded": (ORANGE, "v", "folded"),
    "module-finetuned": (PURPLE, "D", "fine-tuned"),
}


COSTS = {
    "flops": (GREEN, "^", "multiply-adds"),
    "parameters": (RED, "s", "parameters"),
    "latency_ms": (GREY, "X", "latency"),
}


def reuse(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and cost of the modules over the size of the sub-task."""
    results = by_size(results)
    caption = (
        "Modules of sub-tasks with more and more classes. Left: test accuracy; only the fine-tuned "
        "module is trained further. The axis does not begin at 0. Right: what the module with "
        f"generators costs; the dashed line is the standard model. {bands(results)}"
    )
    if shares_of(results, "latency_ms") is None:
        caption += f" Latency is {NOT_COMPARABLE}: measured on different machines."
    return show([accuracy_panel(results), cost_panel(results)], caption, results)


def by_size(results: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of sub-tasks, with their number of classes."""
    results = results[results["classes"] != "all"]
    return results.assign(size=results["classes"].str.split().str.len())


def accuracy_panel(results: pd.DataFrame) -> tuple[Figure, str]:
    """Draw what the forms of the module score; return the figure and its text."""
    title = "Accuracy on the sub-task"
    figure, ax = axes(title, "classes in the sub-task", "test accuracy", height=3.1)
    lowest, said = 1.0, []
    for method, (colour, marker, label) in MODULES.items():
        line = curve(results, "size", method=method, quantity="accuracy")
        draw(ax, line, color=colour, marker=marker, label=label)
        if len(line):
            lowest = min(lowest, line["mean"].min())
            said.append(f"{label} {ends(line['mean'])}")
    ax.set_ylim(lowest - 0.05, 1.01)
    legend(ax, **BELOW)
    return figure, f"Test accuracy by size of the sub-task: {'; '.join(said)}."


def cost_panel(results: pd.DataFrame) -> tuple[Figure, str]:
    """Draw what the module costs, as shares of the standard model; return figure and text."""
    title = "Cost beside the standard model"
    figure, ax = axes(title, "classes in the sub-task", "share", height=3.1)
    rate = curve(results, "size", method="modular", quantity="kernel_retention_rate")
    draw(ax, rate, color=BLUE, marker="o", label="kernels (KRR)")
    said = [f"kernels {ends(rate['mean'])}"] if len(rate) else []
    for quantity, (colour, marker, label) in COSTS.items():
        found = shares_of(results, quantity)
        if found is None or found.empty:
            continue
        line = curve(found, "size")
        # A module with generators may cost more than the standard model.
        draw(ax, line, share=False, color=colour, marker=marker, label=label)
        said.append(f"{label} {ends(line['mean'])}")
    ax.set_ylim(bottom=0)
    ax.axhline(1, color=INK, linewidth=1, linestyle="--")
    legend(ax, **BELOW)
    return figure, (
        "What the module with generators costs by size of the sub-task, as a share of the standard "
        f"model's: {'; '.join(said)}."
    )


def shares_of(results: pd.DataFrame, quantity: str) -> pd.DataFrame | None:
    """Return a cost as shares of the standard model's; None if of two machines."""
    return paired(results, "size", quantity, ("module-masked", "standard"), pd.Series.div)


def many_subtasks(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and KRR of the modules of random sub-tasks over their size."""
    results = by_size(results)
    accuracy, ax = axes("Accuracy", "classes in the sub-task", "test accuracy", height=3.3)
    shown = [m for m in MODULES if m in set(results["method"])]
    said, lowest = [], 1.0
    for place, method in enumerate(shown):
        offset = 0.17 * (place - (len(shown) - 1) / 2)  # so that the bars do not hide each other
        rows = select(results, method=method, quantity="accuracy")
        if rows.empty:
            continue
        means = draw_spread(ax, rows, offset, *MODULES[method])
        lowest = min(lowest, by_subtask(rows).min())
        said.append(f"{MODULES[method][2]} {ends(means)}")
    ax.set_ylim(max(0.0, min(ax.get_ylim()[0], lowest - 0.02)), 1.02)
    legend(ax, **BELOW)
    rate, ax = axes("Kernels", "classes in the sub-task", "kernel retention rate", height=3.3)
    rates = select(results, method="modular", quantity="kernel_retention_rate")
    means = draw_spread(ax, rates, 0, BLUE, "o", "module")
    ax.set_ylim(0, 1.02)
    caption = (
        "Modules of random sub-tasks: the mean of each size with its 95 % interval over the "
        f"sub-tasks (Student's t), and beside it a dot for each sub-task, {of_dots(results)}. "
        "Where the interval of a mean reaches beyond 1, which no accuracy can, it is drawn up to "
        "1. There is only one sub-task of all classes, so it has no interval. The axis of accuracy "
        "may not begin at 0."
    )
    alts = (
        f"Test accuracy by size of the sub-task, means: {'; '.join(said)}.",
        f"Kernel retention rate of the modules by size, means: {ends(means)}.",
    )
    return show([(accuracy, alts[0]), (rate, alts[1])], caption, results)


def draw_spread(
    ax: Axes, rows: pd.DataFrame, offset: float, colour: str, marker: str, label: str
) -> pd.Series:
    """Draw each sub-task's value beside their mean by size and its interval; return the means."""
    dots = by_subtask(rows)
    sizes = dots.index.str.split().str.len()
    found = dots.groupby(sizes).apply(mean_and_interval)
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
    ax.plot(sizes + offset + 0.08, dots, "o", color=colour, alpha=0.75, markersize=2.6, mew=0)
    return means


def of_dots(results: pd.DataFrame) -> str:
    """Say of which seeds the value of a sub-task is."""
    return (
        f"its mean over {count_in_words(results)}"
        if several(results)
        else f"from {one_run(results)}"
    )


def ends(line: pd.Series) -> str:
    """Say what a curve by size has for the smallest and for the largest sub-tasks."""
    first, last = line.index[[0, -1]]
    return f"{line[first]:.3f} at {first} classes, {line[last]:.3f} at {last}"
