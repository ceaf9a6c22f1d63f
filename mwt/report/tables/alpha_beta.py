"""What the weights of the losses gave."""

import pandas as pd
from IPython.display import HTML

from ...results.seeds import plus_minus
from .base import QUANTITIES, cell, html_table


def hyperparameters(results: pd.DataFrame) -> HTML:
    """Return what each pair of alpha and beta gave."""
    names = {q: label for q, (label, _) in QUANTITIES.items() if q in set(results["quantity"])}
    lines = [
        {"α": alpha, "β": beta} | {label: cell(rows, q) for q, label in names.items()}
        for (alpha, beta), rows in results.groupby(["alpha", "beta"])
    ]
    frame = pd.DataFrame(lines).set_index(["α", "β"])
    formats = dict.fromkeys(("α", "β"), "{:g}".format)
    caption = (
        f"Weights of the two losses, and the results of training with them. {plus_minus(results)}"
    )
    return html_table(frame, caption, formats)
