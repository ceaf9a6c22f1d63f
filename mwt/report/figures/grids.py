"""Accuracy against kernels kept, of a grid of networks."""

import pandas as pd

from ..style import BLUE, GREY, INK, Drawn, axes, legend, show


def pareto(table: pd.DataFrame) -> Drawn:
    """Draw a point for each network, numbered as in the table, and the Pareto front.

    Parameters
    ----------
    table
        As `mwt.results.sweeps.over_seeds` returns it.
    """
    figure, ax = axes(
        "Accuracy against kernels kept",
        "kernel retention rate of the modules",
        "test accuracy",
        width=6.2,
        height=3.6,
    )
    front = table[table["front"]]
    ax.step(
        front["kernel_retention_rate"],
        front["accuracy"],
        where="post",
        color=BLUE,
        label="Pareto front",
    )
    for on_it, colour, marker in ((True, BLUE, "o"), (False, GREY, "s")):
        some = table[table["front"] == on_it]
        if some.empty:
            continue
        x, y = some["kernel_retention_rate"], some["accuracy"]
        ax.errorbar(
            x,
            y,
            xerr=[x - some["kernel_retention_rate_low"], some["kernel_retention_rate_high"] - x],
            yerr=[y - some["accuracy_low"], some["accuracy_high"] - y],
            fmt=marker,
            color=colour,
            elinewidth=0.8,
            label="network on it" if on_it else "another one beats it",
        )
    for number, row in table.iterrows():
        ax.annotate(
            str(int(str(number)) + 1),
            (row["kernel_retention_rate"], row["accuracy"]),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=8,
            color=INK,
        )
    legend(ax, loc="lower right")
    seeds = table["seeds"].max()
    lines = f" Means of {seeds} seeds; lines reach from the least to the most." if seeds > 1 else ""
    caption = f"Each point is a network of the grid; numbers are those of the table.{lines}"
    best = front.iloc[-1]
    alt = (
        f"{len(table)} networks, {len(front)} of them on the front; the most accurate has "
        f"{best['accuracy']:.3f} at a kernel retention rate of {best['kernel_retention_rate']:.3f}."
    )
    return show([(figure, alt)], f"{caption} Neither axis begins at 0.", table)
