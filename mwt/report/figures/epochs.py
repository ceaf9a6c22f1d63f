"""Validation accuracy over epochs, of trainings of several lengths."""

import pandas as pd

from ..style import BLUE, ORANGE, Drawn, axes, keys, show
from ..tables.epochs import networks

METHODS = {"standard": BLUE, "modular": ORANGE}
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
