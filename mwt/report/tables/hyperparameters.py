"""What the weights of the losses gave."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from .base import QUANTITIES, THREE, shown


def hyperparameters(results: pd.DataFrame) -> HTML:
    """Return what each pair of alpha and beta gave."""
    frame = results.pivot_table(index=["alpha", "beta"], columns="quantity", values="value")
    names = {q: QUANTITIES[q][0] for q in QUANTITIES if q in frame}
    frame = frame[list(names)].rename(columns=names).rename_axis(columns=None)
    formats = dict.fromkeys(names.values(), THREE) | dict.fromkeys(("alpha", "beta"), "{:g}".format)
    return shown(frame, "Weights of the losses, and what they gave.", formats)
