"""What alpha and beta change."""

import pandas as pd

from ...results.seeds import bands
from ...results.tidy import curve
from ..style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, Drawn, axes, draw, keys, show

PANELS = {
    "accuracy": "Test accuracy of the modular network",
    "kernel_retention_rate": "Kernel retention rate",
    "cohesion": "Cohesion",
    "coupling": "Coupling",
}
LOOKS = ((GREY, "s"), (BLUE, "o"), (PURPLE, "D"), (GREEN, "^"), (ORANGE, "v"), (RED, ">"))


def hyperparameters(results: pd.DataFrame) -> Drawn:
    """Draw accuracy, KRR, cohesion and coupling over beta, a line for each alpha."""
    alphas = sorted(results["alpha"].unique())
    looks = [(*look, f"α = {alpha:g}") for alpha, look in zip(alphas, LOOKS * 3, strict=False)]
    drawn = []
    for quantity, title in PANELS.items():
        means: list[float] = []
        figure, ax = axes(title, "β, weight of the coupling loss", "share", height=2.5)
        for alpha, (colour, marker, _) in zip(alphas, looks, strict=False):
            line = curve(results, "beta", alpha=alpha, quantity=quantity)
            means += line["mean"].tolist()
            draw(ax, line, color=colour, marker=marker)
        ax.set_xticks(sorted(results["beta"].dropna().unique()))
        if quantity != "accuracy":
            ax.set_ylim(0, 1.02)
        said = f"between {min(means):.3f} and {max(means):.3f}" if means else "not measured"
        drawn.append((figure, f"{title} over beta, a line for each alpha: {said}."))
    caption = (
        "Every point is a network trained with its own weights of the cohesion loss (α) and the "
        "coupling loss (β), and its modules at the operating point, the threshold of the other "
        f"pages. {bands(results)} The axis of accuracy does not begin at 0."
    )
    return show(drawn, caption, results, above=keys(looks))
