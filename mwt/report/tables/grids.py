"""The networks of a grid, those on the Pareto front marked."""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from ...results.sweeps import MEASURES
from .base import QUANTITIES, html_table


def pareto(table: pd.DataFrame, varied: Sequence[str]) -> HTML:
    """Return a line for each network of a grid, the fewest kernels first.

    Parameters
    ----------
    table
        As for the figure.
    varied
        Its columns that were varied, shown first.
    """
    shown = table[list(varied)].assign(front=table["front"].map({True: "yes", False: "no"}))
    for name in MEASURES:
        label, style = QUANTITIES[name]
        shown[label] = table[name].map(style)
    shown.index = pd.RangeIndex(1, len(shown) + 1, name="number")
    seeds = table["seeds"].max()
    caption = "The networks of the grid, the fewest kernels first; front: no other one beats it."
    return html_table(shown, caption + (f" Means of {seeds} seeds." if seeds > 1 else ""))
