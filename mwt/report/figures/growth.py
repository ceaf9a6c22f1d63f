"""Time over size, with the laws that were fitted to it."""

import numpy as np
import pandas as pd

from ...results import growth
from ..style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, RED, SKY, THREE, Drawn, axes, keys, show

LOOKS = tuple(zip((BLUE, RED, GREEN, ORANGE, PURPLE, SKY, GREY, INK), "os^Dv>X.", strict=True))


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
        ax.set_xscale("log")
        ax.set_yscale("log")
        panels.append((figure, f"Seconds by {axis}. {'; '.join(said)}."))
    caption = (
        "Dots are measured; lines are the laws, where one was found. Both axes are logarithmic."
    )
    legend = keys((colour, marker, str(part)) for part, (colour, marker) in looks.items())
    return show(panels, caption, rows, least=THREE, above=legend)
