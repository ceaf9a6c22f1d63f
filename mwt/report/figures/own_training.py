"""The training of a network of one's own."""

from collections.abc import Sequence

import pandas as pd

from ..style import BELOW, BLUE, GREEN, INK, PURPLE, RED, Drawn, axes, legend, show
from .training import draw_epochs

ACCURACIES = {
    "validation_accuracy": (PURPLE, "D", "validation"),
    "train_accuracy": (INK, "s", "training"),
}
MASKS = {
    "kernel_rate": (BLUE, "o", "kernels in use"),
    "cohesion": (GREEN, "^", "cohesion loss"),
    "coupling": (RED, "s", "coupling loss"),
}


def history(rows: Sequence[dict[str, float]]) -> Drawn:
    """Draw a modular training, epoch by epoch.

    Parameters
    ----------
    rows
        What `mwt.fit` returned.
    """
    frame = pd.DataFrame(rows)
    drawn = []
    for title, lines in (("Accuracy", ACCURACIES), ("Masks", MASKS)):
        figure, ax = axes(title, "epoch", "share", height=2.6)
        for name, (colour, marker, label) in lines.items():
            draw_epochs(ax, frame, name, color=colour, marker=marker, label=label)
        ax.set_ylim(0, 1.03)
        legend(ax, **BELOW | {"ncols": 3})
        last = ", ".join(f"{label} {frame[n].iloc[-1]:.3f}" for n, (_, _, label) in lines.items())
        drawn.append((figure, f"{title} over the epochs; in the last one: {last}."))
    caption = (
        "Left: the share of images that the whole modular network gets right. Right: the kernels "
        "in use are the share of mask values above 0; the cohesion loss is small where the masks "
        "of one class are alike, the coupling loss where those of different classes differ."
    )
    return show(drawn, caption, frame)
