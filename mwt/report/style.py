"""One look for all figures: crisp, colour-blind safe, readable on light and dark pages."""

from __future__ import annotations

import hashlib
import html
import io
from collections.abc import Sequence

import matplotlib as mpl
from IPython.display import HTML
from matplotlib.figure import Figure

INK = "#010203"  # stands for the page's text colour, which only the browser knows
# Okabe and Ito's colours, those that show on white and on black.
BLUE, ORANGE, GREEN, RED, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"

STYLE = {
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


def new_figure(width: float = 3.6, height: float = 2.7) -> Figure:
    """Return an empty figure in the common look; its size is in inches."""
    with mpl.rc_context(STYLE):
        return Figure(figsize=(width, height), layout="constrained")


def svg(figure: Figure, alt: str) -> str:
    """Return a figure as inline SVG that takes the text colour of its page."""
    salt = hashlib.sha256(alt.encode()).hexdigest()[:8]  # ids must differ between figures
    buffer = io.StringIO()
    with mpl.rc_context(STYLE | {"svg.hashsalt": salt}):
        no_metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(buffer, format="svg", transparent=True, metadata=no_metadata)
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    label = f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" '
    width = figure.get_figwidth()
    size = f'style="width: 100%; max-width: {1.45 * width:.1f}in; height: auto" '
    return text.replace("<svg ", label + size, 1)


def show(panels: Sequence[tuple[Figure, str]], caption: str, scroll: bool = False) -> HTML:
    """Return figures side by side (below each other where the page is narrow) with a caption.

    Parameters
    ----------
    panels
        Each figure with its alternative text.
    caption
        What to see.
    scroll
        Whether a narrow page scrolls a wide figure instead of shrinking it.
    """
    cells = []
    for figure, alt in panels:
        least = 6.2 if scroll else min(2.9, figure.get_figwidth())
        cells.append(f'<div style="flex: 1 1 {least}in; min-width: {least}in">{svg(figure, alt)}</div>')
    wrap = "overflow-x: auto" if scroll else "flex-wrap: wrap"
    return HTML(
        '<figure class="mwt-figure" style="margin: 1em 0">'
        f'<div style="display: flex; gap: 0.5em; {wrap}">{"".join(cells)}</div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )
