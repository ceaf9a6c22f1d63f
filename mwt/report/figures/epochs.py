"""Validation accuracy over epochs, of trainings of several lengths."""

import pandas as pd

from ...results.names import display_name
from ..style import BLUE, ORANGE, Drawn, axes, keys, show

METHODS = {"standard": BLUE, "modular": ORANGE}
DASHES = {"solid": "solid", "dashed": (0, (4, 1.5)), "dotted": (0, (1, 1.2))}


def accuracy_by_epoch(rows: pd.DataFrame) -> Drawn:
    """Draw a panel for each network, with a line for each training.

    Parameters
    ----------
    rows
        What `benchmarks/epochs.py` wrote.
    """
    curves = rows[rows["quantity"] == "validation_accuracy"]
    lengths = sorted(curves["epochs"].unique(), reverse=True)  # the longest is the solid line
    lowest = curves["value"].min()
    panels = []
    for model, some in curves.groupby("model", sort=False):
        figure, ax = axes(display_name(str(model)), "epoch", "validation accuracy")
        said = []
        for (method, epochs), line in some.groupby(["method", "epochs"], sort=False):
            style = list(DASHES.values())[min(lengths.index(epochs), len(DASHES) - 1)]
            ax.plot(line["epoch"], line["value"], color=METHODS[str(method)], linestyle=style)
            said.append(f"{method}, {epochs} epochs: {line['value'].iloc[-1]:.3f} at the end")
        ax.set(xlim=(0, max(lengths)), ylim=(lowest - 0.02, 1))
        panels.append((figure, f"{display_name(str(model))}. {'; '.join(said)}."))
    drawn = ", ".join(f"{e} epochs {name}" for e, name in zip(lengths, DASHES, strict=False))
    caption = (
        f"Validation accuracy over epochs; trainings of {drawn}. The learning rate rises and falls "
        "once in each training, so that a longer one is not a shorter one continued."
    )
    return show(panels, caption, curves, above=keys((c, "", m) for m, c in METHODS.items()))
