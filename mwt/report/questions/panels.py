"""Small figures, one for each network and data set, and one legend for all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..style import Drawn, Key, axes, keys, show
from .base import Case

WIDTH, HEIGHT = 1.75, 1.85  # inches, no more than it is shown: letters keep their size


@dataclass(frozen=True)
class Panel:
    """A small figure.

    Attributes
    ----------
    figure
        The figure.
    alt
        What it shows, in words and numbers.
    numbers
        What it draws.
    keys
        Colour, marker and meaning of what it draws.
    """

    figure: Figure
    alt: str
    numbers: pd.DataFrame
    keys: Sequence[Key]


def small(case: Case, xlabel: str, ylabel: str) -> tuple[Figure, Axes]:
    """Return an empty small figure of a network."""
    figure, ax = axes("", xlabel, ylabel, width=WIDTH, height=HEIGHT, layout=None)
    ax.set_title(f"{case.name}\n{case.data}", fontsize=8.5, loc="center")
    ax.tick_params(labelsize=8, pad=2)
    ax.xaxis.label.set_fontsize(8)
    ax.yaxis.label.set_fontsize(8)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    # The same margins for all, so that axes stand in line; to find them would take as long again.
    figure.subplots_adjust(left=0.33, right=0.98, top=0.82, bottom=0.23)
    return figure, ax


def accuracies(
    case: Case, lines: pd.DataFrame, looks: Mapping[str, Key], lowest: float, ticks: Iterable[int]
) -> Panel:
    """Draw accuracies by the size of the sub-task.

    Parameters
    ----------
    case
        The network.
    lines
        A row for each size, a column for each method.
    looks
        Colour, marker and meaning of each method.
    lowest
        The lowest accuracy of all panels, which have one scale.
    ticks
        Sizes to write below.
    """
    figure, ax = small(case, "classes", "test accuracy")
    said = []
    for method in lines.columns:
        colour, marker, label = looks[method]
        line = lines[method].dropna()
        ax.plot(line.index, line, color=colour, marker=marker, markersize=3.5)
        first, last = line.index[[0, -1]]
        said.append(f"{label} {line[first]:.3f} at {first}, {line[last]:.3f} at {last} classes")
    ax.set_xticks(list(ticks))
    room = 0.05 * (1 - lowest)
    ax.set_ylim(lowest - room, 1 + room)
    numbers = lines.rename_axis("classes").reset_index().assign(case=case.title)
    alt = f"{case.title}, accuracy by size: {'; '.join(said)}."
    return Panel(figure, alt, numbers, [looks[method] for method in lines.columns])


def together(panels: Sequence[Panel], caption: str) -> Drawn:
    """Return panels beside each other, as many as fit, under one legend."""
    every = dict.fromkeys(key for panel in panels for key in panel.keys)
    return show(
        [(panel.figure, panel.alt) for panel in panels],
        caption,
        pd.concat([panel.numbers for panel in panels], ignore_index=True),
        least="max(1.55in, 23%)",
        above=keys(every),
    )
