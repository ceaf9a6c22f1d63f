"""The paper's table: what it reports, beside what was measured here, if it was."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from ...models import MODELS
from ..figures import reported
from ..results import select, value
from ..seeds import number, one_run, several
from .base import THREE, shown

MEASURES = {  # our quantity and method, the column of the reported table, and its unit
    "standard accuracy": ("accuracy", "standard", "standard_accuracy_pct", 100),
    "modular accuracy": ("accuracy", "modular", "modular_accuracy_pct", 100),
    "KRR": ("kernel_retention_rate", "modular", "krr_pct", 100),
    "cohesion": ("cohesion", "modular", "cohesion", 1),
    "coupling": ("coupling", "modular", "coupling", 1),
}
NOT_RUN = "not run yet"


def paper(results: pd.DataFrame, threshold: float) -> HTML:
    """Return the paper's main table with the measured value beside each reported one.

    Parameters
    ----------
    results
        Rows of the profile ``paper``; none if it was never run.
    threshold
        The operating point.
    """
    table = reported()["table_2"]
    theirs = pd.DataFrame(table["rows"], columns=table["columns"])
    lines = []
    for model in MODELS:
        for dataset in ("cifar10", "svhn"):
            ours = select(results, model=model, dataset=dataset, classes="all")
            printed = select(theirs, model=model, dataset=dataset)
            paper: dict[str, object] = {"network": model, "data": dataset, "whose": "paper"}
            here = paper | {"whose": "here"}
            for label, (quantity, method, column, unit) in MEASURES.items():
                rows = select(ours, method=method, quantity=quantity)
                found = value(rows[rows["threshold"].isna() | (rows["threshold"] == threshold)])
                paper[label] = THREE(printed[column].iloc[0] / unit) if len(printed) else "–"
                here[label] = NOT_RUN if pd.isna(found) else THREE(found)
            lines += [paper, here]
    frame = pd.DataFrame(lines).set_index("network")
    caption = (
        f"Threshold {threshold:g}. {means(results)}The paper's numbers as they are in: "
        f"{table['source']}; "
        f"{table['trust']}. The paper's KRR of ResNet18 is of 3,904 kernels, its VGG16's of 4,224; "
        "here it is of those that have masks, 4,736 and 4,160. Numbers here come from runs of the "
        "profile <code>paper</code>."
    )
    return shown(frame, caption)


def means(results: pd.DataFrame) -> str:
    """Say of which seeds the numbers measured here are."""
    if results.empty:
        return ""
    of = f"means over {number(results)}" if several(results) else f"of {one_run(results)}"
    return f"Numbers here are {of}. "
