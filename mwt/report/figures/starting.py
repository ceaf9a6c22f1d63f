"""What a modular training starts from: the same training, epoch by epoch, from several starts."""

import pandas as pd

from ..style import BLUE, GREEN, ORANGE, Drawn, axes, legend, show

LOOKS = ((BLUE, "o"), (ORANGE, "s"), (GREEN, "^"))


def starts(runs: pd.DataFrame) -> Drawn:
    """Draw what is measured over the epochs of modular trainings, a line for each start.

    Parameters
    ----------
    runs
        Columns ``start``, ``epoch`` (0: before any training), ``epochs`` (of the training), and
        others, which are shares: a panel for each.
    """
    drawn = []
    for quantity in runs.columns.difference(["start", "epoch", "epochs"], sort=False):
        figure, ax = axes(quantity[0].upper() + quantity[1:], "epoch", "share", height=2.5)
        said = []
        for (start, rows), (colour, marker) in zip(
            runs.groupby("start", sort=False), LOOKS, strict=False
        ):
            ax.plot(rows["epoch"], rows[quantity], color=colour, marker=marker, label=start)
            said.append(f"{start} {rows[quantity].iloc[0]:.2f} to {rows[quantity].iloc[-1]:.2f}")
        ax.set_ylim(0, 1.03)
        legend(ax, loc="upper center", bbox_to_anchor=(0.5, -0.22))
        drawn.append((figure, f"{quantity} over the epochs, by start: {'; '.join(said)}."))
    caption = (
        "The same modular training from several starts, measured on validation images after each "
        "epoch; epoch 0 is before it."
    )
    return show(drawn, caption, runs)
