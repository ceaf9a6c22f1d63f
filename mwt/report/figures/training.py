"""Training, epoch by epoch."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from IPython.display import HTML
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ...study.findings import Trained
from ..style import BLUE, INK, THREE, axes, keys, show

METHODS = {"standard": (INK, "s"), "modular": (BLUE, "o")}


def draw_epochs(ax: Axes, history: pd.DataFrame, quantity: str, **look: Any) -> None:
    """Draw a quantity over the epochs of a training, with a mark now and then."""
    ax.plot(history["epoch"], history[quantity], markevery=max(1, len(history) // 8), **look)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def training_curves(networks: Mapping[str, Trained]) -> HTML:
    """Draw accuracy, losses and kernel rate over the epochs, standard beside modular."""
    histories = {m: pd.DataFrame(net.history) for m, net in networks.items() if net.history}
    if not histories:
        return HTML("<p>Both networks come from the authors' files, which hold no history.</p>")
    begins = min(h["validation_accuracy"].quantile(0.2) for h in histories.values())
    lowest = max(0.0, math.floor(10 * begins) / 10)
    panels = [
        ("validation_accuracy", "Validation accuracy", "accuracy"),
        ("cross_entropy", "Training cross-entropy", "nats"),
        ("cohesion", "Cohesion loss", "1 − mean cosine"),
        ("coupling", "Coupling loss", "mean cosine"),
        ("kernel_rate", "Kernels in use", "share, per image"),
    ]
    drawn = []
    for quantity, title, ylabel in panels:
        figure, ax = axes(title, "epoch", ylabel, width=2.3, height=2)
        for method, history in histories.items():
            colour, marker = METHODS[method]
            draw_epochs(ax, history, quantity, color=colour, marker=marker)
        if quantity == "validation_accuracy":
            ax.set_ylim(lowest, 1)
        if quantity in ("cohesion", "coupling", "kernel_rate"):
            ax.set_ylim(0, 1.02)
        ends = ", ".join(f"{m} {histories[m][quantity].iloc[-1]:.3f}" for m in histories)
        drawn.append((figure, f"{title} over the epochs; in the last one: {ends}."))
    caption = (
        "Training, epoch by epoch, for the first seed. The cohesion loss is small where the masks "
        "of one class are alike, the coupling loss where masks of different classes differ. A "
        "standard network has no masks and no such losses. For comparison, its curves show the "
        "same quantities of the kernels that fire, on validation images. The axis of accuracy "
        f"begins at {lowest:.2f}; early epochs may lie below it."
    )
    numbers = pd.concat([h.assign(method=m) for m, h in histories.items()], ignore_index=True)
    return show(
        drawn,
        caption,
        numbers,
        least=THREE,
        above=keys((*METHODS[method], method) for method in histories),
    )
