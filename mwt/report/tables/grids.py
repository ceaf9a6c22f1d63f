"""The networks of a grid, those on the Pareto front marked."""

from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from ...results.sweeps import MEASURES, over_seeds
from .base import QUANTITIES, html_table


def pareto(points: pd.DataFrame, varied: Sequence[str]) -> HTML:
    """Return a line for each network of a grid, the fewest kernels first.

    Parameters
    ----------
    points
        As `mwt.results.sweeps.measured` returns them.
    varied
        The names of the grid, without the seed.
    """
    table = over_seeds(points, varied)
    shown = table[list(varied)].assign(front=table["front"].map({True: "yes", False: "no"}))
    for name in MEASURES:
        label, style = QUANTITIES[name]
        shown[label] = table[name].map(style)
    shown.index = pd.RangeIndex(1, len(shown) + 1, name="number")
    seeds = table["seeds"].max()
    caption = "The networks of the grid, the fewest kernels first; front: no other one beats it."
    return html_table(shown, caption + (f" Means of {seeds} seeds." if seeds > 1 else ""))
