"""How modular a network is: by class, by layer, before and after."""

from collections.abc import Callable, Sequence

import pandas as pd
from IPython.display import HTML

from ... import metrics
from ...data import class_names
from ...results.seeds import plus_minus
from ...results.tidy import select
from ...study.findings import Modularized
from ...study.parameters import Study
from .base import QUANTITIES, cell, html_table, three_decimals


def by_class(result: Modularized, study: Study) -> HTML:
    """Return the measures of each class's module."""
    frame = pd.DataFrame(
        {
            "kernels kept": result.modules.sum(dim=1).tolist(),
            "KRR": result.kernel_retention_rate,
            "cohesion": result.cohesion,
        },
        index=pd.Index(class_names(study.config.dataset), name="class"),
    )
    caption = (
        f"Modules of the first seed at threshold {result.threshold:g}. The network has "
        f"{result.modules.shape[1]:,} masked kernels. Coupling over all pairs of classes: "
        f"{result.coupling:.3f}."
    )
    return html_table(frame, caption, {"KRR": three_decimals, "cohesion": three_decimals})


def by_layer(result: Modularized, test: Callable[[float], Sequence[float]]) -> pd.DataFrame:
    """Return KRR, cohesion and coupling within each layer, numbered from 1.

    Parameters
    ----------
    result
        The modules.
    test
        Returns the cohesion of a threshold's modules within each layer.
    """
    cohesions = test(result.threshold)
    parts = result.modules.split([size for _, size in result.layers], dim=1)
    rows = [
        {
            "layer": name,
            "kernels": size,
            "kernel_retention_rate": metrics.kernel_retention_rate(modules),
            "cohesion": cohesion,
            "coupling": metrics.coupling(modules),
        }
        for (name, size), modules, cohesion in zip(result.layers, parts, cohesions, strict=True)
    ]
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1))


def before_and_after(results: pd.DataFrame, study: Study) -> HTML:
    """Return the measures of what fires in the standard network and of the modules."""
    at = select(results, classes="all", threshold=study.threshold)
    names = ("kernel_retention_rate", "cohesion", "coupling")
    rows = {
        method: {QUANTITIES[q][0]: cell(at, q, method=method) for q in names}
        for method in ("standard", "modular")
    }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("network")
    caption = (
        f"What modular training changed, at threshold {study.threshold:g}. In the standard network "
        "a kernel counts as used by an image if it fires: if the mean of ReLU of the convolution's "
        "output is above 0. Without batch norm (SimCNN, ResCNN) many kernels may never fire. "
        f"{plus_minus(at)}"
    )
    return html_table(frame, caption)


def layers(frame: pd.DataFrame) -> HTML:
    """Show the measures by layer."""
    frame = frame.rename(columns={"kernel_retention_rate": "KRR"}).rename_axis("no.")
    formats = dict.fromkeys(("KRR", "cohesion", "coupling"), three_decimals)
    caption = (
        "Masked layers of the first seed's network, in the order in which its code defines them."
    )
    return html_table(frame, caption, formats, kind="mwt-named")
