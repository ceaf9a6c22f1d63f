"""What alpha and beta change."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd

from ..results import select
from ..style import BELOW, Drawn, axes, legend, show

PANELS = {
    "accuracy": "Test accuracy of the modular network",
    "kernel_retention_rate": "Kernel retention rate",
    "cohesion": "Cohesion",
    "coupling": "Coupling",
}
MARKERS = "os^vD*"


def hyperparameters(results: pd.DataFrame) -> Drawn:
    """Draw accuracy, KRR, cohesion and coupling over beta, a line for each alpha."""
    alphas = sorted(results["alpha"].unique())
    colours = mpl.colormaps["viridis"]([0.3 + 0.5 * i / len(alphas) for i in range(len(alphas))])
    drawn = []
    for quantity, title in PANELS.items():
        figure, ax = axes(title, "β, weight of the coupling loss", "share", height=2.9)
        for alpha, colour, marker in zip(alphas, colours, MARKERS * 3, strict=False):
            rows = select(results, alpha=alpha, quantity=quantity).sort_values("beta")
            label = f"α = {alpha:g}"
            ax.plot(rows["beta"], rows["value"], color=colour, marker=marker, label=label)
        if quantity != "accuracy":
            ax.set_ylim(0, 1.02)
        legend(ax, **BELOW | {"ncols": 3})
        found = select(results, quantity=quantity)["value"]
        said = f"between {found.min():.3f} and {found.max():.3f}"
        drawn.append((figure, f"{title} over beta, a line for each alpha: {said}."))
    caption = (
        "Every point is a network trained with its own weights of the cohesion loss (α) and the "
        "coupling loss (β), and its modules at the operating point, the threshold of the other "
        "pages. The axis of accuracy does not begin at 0."
    )
    return show(drawn, caption, results)
