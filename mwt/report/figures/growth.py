"""Time over size, with the laws that were fitted to it."""

import numpy as np
import pandas as pd

from ...results import growth
from ..style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, RED, SKY, THREE, Drawn, axes, keys, show

LOOKS = tuple(zip((BLUE, RED, GREEN, ORANGE, PURPLE, SKY, GREY, INK), "os^Dv>XP", strict=True))


def decades(values: pd.Series) -> tuple[float, float]:
    """Return the powers of ten around values, so that an axis has at least two numbers."""
    ends = np.log10([values.min(), values.max()])
    return float(10 ** np.floor(ends[0])), float(10 ** np.ceil(ends[1]))


def times_by_size(rows: pd.DataFrame) -> Drawn:
    """Draw the seconds of each part over each size that was changed, and its law as a line.

    Parameters
    ----------
    rows
        What `benchmarks/growth.py` wrote.
    """
    looks = dict(zip(rows["part"].unique(), LOOKS, strict=False))
    laws = growth.laws(rows)
    panels = []
    for axis, some in rows.groupby("axis", sort=False):
        figure, ax = axes("", str(axis), "seconds", width=2.5, height=2.3)
        said = []
        for part, points in some.groupby("part", sort=False):
            colour, marker = looks[part]
            ax.plot(points["size"], points["seconds"], marker, color=colour)
            law = laws[str(part), str(axis)]
            if law:
                line = np.geomspace(law.first, law.last, 40)
                ax.plot(line, [law.at(size) for size in line], color=colour, linewidth=1.2)
                said.append(f"{part}: size to the power of {law.exponent:.2f}")
        few = sorted(some["size"].unique())
        few = [few[0], few[len(few) // 2], few[-1]]
        ax.set(xscale="log", yscale="log", ylim=decades(some["seconds"]))
        ax.set_xticks(few, [f"{size:,.0f}" for size in few])
        ax.minorticks_off()
        panels.append((figure, f"Seconds by {axis}. {'; '.join(said)}."))
    caption = (
        "Dots are measured; lines are the laws, where one was found. Both axes are logarithmic."
    )
    legend = keys((colour, marker, str(part)) for part, (colour, marker) in looks.items())
    return show(panels, caption, rows, least=THREE, above=legend)
