"""One look for all figures: crisp, colour-blind safe, readable on light and dark pages."""

import hashlib
import html
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import matplotlib as mpl
import pandas as pd
from IPython.display import HTML
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK = "#010203"  # stands for the page's text colour, which only the browser knows
# Okabe and Ito's colours, those that show on white and on black.
BLUE, ORANGE, GREEN, RED, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
SKY, GREY = "#56B4E9", "#8A8A8A"
NUMBERS = "mwt_numbers"  # the key in the output's metadata: CSV
SIGNS = {
    "o": "●",
    "s": "■",
    "^": "▲",
    "v": "▼",
    "D": "◆",
    ">": "▶",
    "X": "✖",
    "P": "✚",
    "": "—",
    ":": "┄",
}
Key = tuple[str, str, str]  # colour, marker, label
THREE = "max(1.55in, 30%)"  # least width of a figure: three in a row, on a phone two
BELOW = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "ncols": 2}
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "figure.constrained_layout.use": True,
}


def new_figure(
    width: float = 3.6, height: float = 2.7, layout: Literal["constrained"] | None = "constrained"
) -> Figure:
    """Return an empty figure in the common look; its size is in inches."""
    with mpl.rc_context(STYLE | {"figure.constrained_layout.use": bool(layout)}):
        return Figure(figsize=(width, height), layout=layout)


def axes(title: str, xlabel: str, ylabel: str, **options: Any) -> tuple[Figure, Axes]:
    """Return a figure with one labelled pair of axes; ``options`` are those of `new_figure`."""
    figure = new_figure(**options)
    with mpl.rc_context(STYLE):
        ax = figure.add_subplot(title=title, xlabel=xlabel, ylabel=ylabel)
    return figure, ax


def legend(ax: Axes, **options: Any) -> None:
    """Add a legend in the common look."""
    with mpl.rc_context(STYLE):
        ax.legend(**options)


def keys(entries: Iterable[Key]) -> str:
    """Return a legend as HTML, for several figures, which wraps where a page is narrow."""
    items = "".join(
        f'<li><span aria-hidden="true" style="color: {"currentColor" if c == INK else c}">'
        f"{SIGNS[marker]}</span> {html.escape(label)}</li>"
        for c, marker, label in entries
    )
    return f'<ul class="mwt-legend">{items}</ul>'


def draw(ax: Axes, line: pd.DataFrame, share: bool = True, **look: Any) -> None:
    """Draw a curve with its interval as a light band; of an empty one, nothing.

    Parameters
    ----------
    ax
        Where to draw.
    line
        Columns ``mean``, ``low`` and ``high`` (`results.curve`).
    share
        Whether it lies between 0 and 1, as its band then does, too.
    look
        Colour, label and others of the line.
    """
    if line.empty:
        return
    (drawn,) = ax.plot(line.index, line["mean"], **look)
    low, high = line["low"], line["high"]
    if (high > low).any():
        if share:
            low, high = low.clip(0, 1), high.clip(0, 1)
        ax.fill_between(line.index, low, high, color=drawn.get_color(), alpha=0.18, linewidth=0)


def svg(figure: Figure, alt: str) -> str:
    """Return a figure as inline SVG that takes the text colour of its page."""
    salt = hashlib.sha256(alt.encode()).hexdigest()[:8]  # ids must differ between figures
    buffer = io.StringIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": salt}):
        if figure.get_layout_engine():  # a layout is made for the ticks of the drawing before it
            figure.draw_without_rendering()
        no_metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(buffer, format="svg", transparent=True, metadata=no_metadata)
    text = buffer.getvalue()
    text = compact(text[text.index("<svg") :].replace(INK, "currentColor"))
    label = f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" '
    return text.replace("<svg ", label + 'style="width: 100%; height: auto" ', 1)


def compact(text: str) -> str:
    """Return SVG in fewer bytes: coordinates to a hundredth of a pixel, lines without indent.

    Pages and repository hold hundreds of figures, and matplotlib writes coordinates to a millionth.
    """

    def rounded(attribute: re.Match[str]) -> str:
        return re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", attribute[0])

    return re.sub(r"\s*\n\s*", "\n", re.sub(r'="[^"]*"', rounded, text))


class Drawn(HTML):
    """A figure as a cell shows it; the numbers that it draws lie in the output's metadata."""

    def __init__(self, page: str, numbers: pd.DataFrame) -> None:
        super().__init__(page)
        self.csv = numbers.dropna(axis="columns", how="all").to_csv(index=False)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, str]]:
        return {"text/html": self.data}, {NUMBERS: self.csv}


def show(
    panels: Sequence[tuple[Figure, str]],
    caption: str,
    numbers: pd.DataFrame,
    least: str = "min(2.9in, 100%)",
    above: str = "",
) -> Drawn:
    """Return figures side by side (below each other where the page is narrow) with a caption.

    Parameters
    ----------
    panels
        Each figure with its alternative text. A single wide one scrolls on a narrow page, where
        it would be too small to read.
    caption
        What to see.
    numbers
        What the figures draw, for readers who want the numbers.
    least
        How wide each of several figures is at least, in CSS.
    above
        HTML over the figures.
    """
    alone = len(panels) == 1 and not above
    least = "6.2in" if alone else least
    scrolls = 'tabindex="0" ' if alone else ""
    cells = "".join(f"<div>{svg(figure, alt)}</div>" for figure, alt in panels)
    return Drawn(
        f'<figure class="mwt-figure" style="margin: 1em 0">{above}'
        f'<div {scrolls}style="display: grid; gap: 0.5em; '
        f'overflow-x: auto; grid-template-columns: repeat(auto-fill, minmax({least}, 1fr))">'
        f"{cells}</div><figcaption>{caption}</figcaption></figure>",
        numbers,
    )
