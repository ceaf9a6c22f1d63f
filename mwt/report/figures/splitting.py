"""CNNSplitter beside modular training."""

from statistics import mean
from typing import Any

import pandas as pd
from matplotlib.ticker import MaxNLocator

from ...results.seeds import bands, paired
from ...results.tidy import curve
from ...study.findings import Split
from ..style import BELOW, BLUE, GREY, INK, RED, Drawn, axes, draw, legend, show
from .reusing import MODULES

SYSTEMS = {
    "cnnsplitter": (RED, "s", "CNNSplitter"),
    "modular": (INK, "P", "MwT, uncut"),
    "module-masked": (*MODULES["module-masked"][:2], "MwT, with generators"),
    "module-plain": (*MODULES["module-plain"][:2], "MwT, plain"),
    "module-folded": (*MODULES["module-folded"][:2], "MwT, folded"),
    "module-finetuned": (*MODULES["module-finetuned"][:2], "MwT, fine-tuned"),
}


def search_progress(network: Split) -> Drawn:
    """Draw accuracy and difference of each generation's best ensemble."""
    history = pd.DataFrame(network.history)
    quality, above = axes("Accuracy of the fittest ensemble", "generation", "validation accuracy")
    parts, below = axes("Difference of its modules", "generation", "share")
    look: dict[str, Any] = {"marker": "s", "markevery": max(1, len(history) // 20), "color": RED}
    above.plot(history["generation"], history["accuracy"], **look)
    below.plot(history["generation"], history["difference"], **look)
    for ax in (above, below):
        ax.axvline(network.generation, color=INK, linewidth=1, linestyle="--")
        ax.set_ylim(0, 1.02)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    first, last = history.iloc[0], history.iloc[-1]
    alts = (
        f"{label} by generation: {first[name]:.3f} in the first, {last[name]:.3f} in the last."
        for name, label in (("accuracy", "Accuracy"), ("difference", "Difference"))
    )
    caption = (
        "The first seed's search, generation by generation, on validation images. An ensemble has "
        "one module for each class; shown are its accuracy, and how different the kernels of its "
        "modules are. The dashed line marks the generation whose ensemble is used from here on. In "
        f"full precision its accuracy on these images is {network.validation_accuracy:.3f}, and "
        f"its modules keep {mean(network.kernel_retention_rate):.3f} of the kernels. The search "
        "itself may compute in a lower precision."
    )
    return show(list(zip((quality, parts), alts, strict=True)), caption, history)


def side_by_side(results: pd.DataFrame) -> Drawn:
    """Draw accuracy and KRR of both systems' modules over the size of the sub-task."""
    results = results[results["classes"] != "all"]
    results = results.assign(size=results["classes"].str.split().str.len())
    loss, ax = axes(
        "Accuracy lost to the standard model", "classes in the sub-task", "points", height=3.1
    )
    said = []
    for method, (colour, marker, label) in SYSTEMS.items():
        lost = paired(results, "size", "accuracy", ("standard", method), points)
        if lost is None or lost.empty:
            continue
        line = curve(lost, "size")
        draw(ax, line, share=False, color=colour, marker=marker, label=label)
        said.append(f"{label} {', '.join(f'{value:.1f}' for value in line['mean'])}")
    legend(ax, **BELOW | {"handlelength": 1.5, "columnspacing": 1})
    ax.set_xticks(sorted(results["size"].unique()))
    kernels, ax = axes("Kernels", "classes in the sub-task", "share of the network's", height=3.1)
    counted = []
    for method, quantity, colour, marker, label in (
        ("cnnsplitter", "kernel_retention_rate_by_sum", RED, "s", "CNNSplitter, by sum"),
        ("cnnsplitter", "kernel_retention_rate", GREY, "X", "CNNSplitter, by union"),
        ("modular", "kernel_retention_rate", BLUE, "o", "MwT"),
    ):
        line = curve(results, "size", method=method, quantity=quantity)
        # Kernels by sum are counted once for each module: they may be more than there are.
        draw(ax, line, share="sum" not in quantity, color=colour, marker=marker, label=label)
        counted.append(f"{label} {', '.join(f'{share:.2f}' for share in line['mean'])}")
    ax.set_ylim(bottom=0)
    ax.set_xticks(sorted(results["size"].unique()))
    legend(ax, **BELOW)
    sizes = f"of {', '.join(map(str, sorted(results['size'].unique())))} classes"
    alts = (
        f"Points of accuracy lost on sub-tasks {sizes}: {'; '.join(said)}.",
        f"Kernel retention rate on sub-tasks {sizes}: {'; '.join(counted)}.",
    )
    caption = (
        f"Both systems on the same sub-tasks and test images. {bands(results)} CNNSplitter's "
        "modules run side by side, so the paper adds up their kernels; MwT has a single module for "
        "a sub-task. MwT does not count the kernels of the first convolution, CNNSplitter does."
    )
    return show([(loss, alts[0]), (kernels, alts[1])], caption, results)


def points(standard: pd.Series, other: pd.Series) -> pd.Series:
    """Return how many points of accuracy are lost."""
    return 100 * (standard - other)
