"""CNNSplitter beside modular training."""

from __future__ import annotations

from statistics import mean

import pandas as pd
from matplotlib.ticker import MaxNLocator

from ...findings import Split
from ..results import curve
from ..style import BELOW, BLUE, GREEN, ORANGE, PURPLE, RED, Drawn, axes, legend, show


def search_progress(network: Split) -> Drawn:
    """Draw accuracy and difference of each generation's best ensemble."""
    history = pd.DataFrame(network.history)
    figure, ax = axes("", "generation", "share", width=7.4, height=2.6)
    for name, colour, marker, label in (
        ("accuracy", GREEN, "^", "accuracy of the fittest ensemble"),
        ("difference", PURPLE, "D", "its difference"),
    ):
        ax.plot(
            history["generation"],
            history[name],
            color=colour,
            marker=marker,
            markevery=max(1, len(history) // 20),
            label=label,
        )
    ax.axvline(network.generation, color=RED, linewidth=1, linestyle="--")
    ax.set_ylim(0, 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend(ax, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    last = history.iloc[-1]
    alt = (
        f"CNNSplitter's search: in the last generation accuracy {last['accuracy']:.3f}, "
        f"difference {last['difference']:.3f}."
    )
    caption = (
        "The search, generation by generation, on validation images: ensembles of one module a "
        "class, by accuracy and by how different their kernels are. The dashed line marks the "
        "generation whose ensemble is used from here on: in full precision its accuracy on these "
        f"images is {network.validation_accuracy:.3f}, and its modules keep "
        f"{mean(network.kernel_retention_rate):.3f} of the kernels. The search ranks solutions in "
        "the precision that is fast on the machine."
    )
    return show([(figure, alt)], caption, history)


def side_by_side(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and KRR of both systems' modules over the size of the sub-task."""
    results = results[results["classes"] != "all"]
    results = results.assign(size=results["classes"].str.split().str.len())
    standard = curve(results, "size", method="standard", quantity="accuracy")
    loss, ax = axes(
        "Accuracy lost to the standard model", "classes in the sub-task", "points", height=3.1
    )
    for method, colour, marker, label in (
        ("cnnsplitter", RED, "s", "CNNSplitter's modules"),
        ("modular", PURPLE, "D", "MwT, uncut network"),
        ("module-plain", ORANGE, "v", "MwT's module, plain"),
        ("module-folded", BLUE, "o", "MwT's module, folded"),
        ("module-finetuned", GREEN, "^", "MwT's module, fine-tuned"),
    ):
        line = 100 * (standard - curve(results, "size", method=method, quantity="accuracy"))
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    legend(ax, **BELOW)
    kernels, ax = axes("Kernels", "classes in the sub-task", "share of the network's", height=3.1)
    for method, quantity, colour, marker, label in (
        ("cnnsplitter", "kernel_retention_rate_by_sum", RED, "s", "CNNSplitter, by sum"),
        ("cnnsplitter", "kernel_retention_rate", ORANGE, "v", "CNNSplitter, by union"),
        ("modular", "kernel_retention_rate", BLUE, "o", "MwT"),
    ):
        line = curve(results, "size", method=method, quantity=quantity)
        ax.plot(line.index, line, color=colour, marker=marker, label=label)
    ax.set_ylim(bottom=0)
    legend(ax, **BELOW)
    alts = (
        "Accuracy lost to the standard model by size of the sub-task, for both systems.",
        "Kernel retention rate by size of the sub-task, for both systems.",
    )
    caption = (
        "Both systems on the same sub-tasks and test images. CNNSplitter's modules run side by "
        "side, so the paper counts their kernels by sum; MwT's sub-task has one module. MwT counts "
        "all kernels but those of the first convolution, CNNSplitter those too."
    )
    return show([(loss, alts[0]), (kernels, alts[1])], caption, results)
