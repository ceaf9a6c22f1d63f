"""What training, modularizing and reuse gave, network by network."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from ...parameters import Study
from ..results import by_network, interval, select, short, value
from .base import QUANTITIES, THREE, shown


def networks(results: pd.DataFrame) -> HTML:
    """Return what training found for the standard and the modular network."""
    rows = select(results, classes="all")
    rows = rows[rows["threshold"].isna()]
    frame = rows.pivot_table(index="method", columns="quantity", values="value", sort=False)
    frame = frame.loc[["standard", "modular"]]
    bounds = [interval(a, n) for a, n in zip(frame["accuracy"], frame["test_images"], strict=True)]
    names = {q: label for q, (label, _) in QUANTITIES.items() if q in frame and q != "test_images"}
    images = frame["test_images"].iloc[0]
    frame = frame[list(names)].rename(columns=names).rename_axis(index="network", columns=None)
    frame.insert(1, "95 % interval", [f"{low:.3f}–{high:.3f}" for low, high in bounds])
    formats = {label: text for label, text in QUANTITIES.values() if label in frame}
    caption = f"Both networks on {images:,.0f} test images; the modular one with its masks."
    if results["model"].iloc[0] in ("simcnn", "rescnn"):
        caption += (
            " The standard network has no batch norm, the modular one has: that differs, too."
        )
    return shown(frame, caption, formats)


def findings(results: pd.DataFrame, study: Study) -> HTML:
    """Say in words what came out for each network."""
    items = []
    for name, rows in by_network(results):
        whole = select(rows, classes="all")
        at = select(whole, threshold=study.threshold, method="modular")
        part = select(rows, threshold=study.threshold, classes=study.subtask)
        items.append(
            f"<li><strong>{name}</strong>: modular training takes the test accuracy from "
            f"{percent(whole, 'standard')} to {percent(whole, 'modular')}. "
            f"A class's module keeps {value(at, quantity='kernel_retention_rate'):.0%} of the "
            f"kernels. Cut out without fine-tuning, the module of {short(study.subtask)} scores "
            f"{percent(part, 'module-folded')}, the whole standard model "
            f"{percent(part, 'standard')}.</li>"
        )
    return HTML(
        f"<details><summary>In words, with intervals</summary><ul>{''.join(items)}</ul>"
        "<p>In brackets: 95 % intervals (Wilson).</p></details>"
    )


def percent(rows: pd.DataFrame, method: str) -> str:
    """Return a method's accuracy and its interval in words."""
    accuracy = value(rows, method=method, quantity="accuracy")
    low, high = interval(accuracy, value(rows, quantity="test_images"))
    return f"{100 * accuracy:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def summary(results: pd.DataFrame, study: Study) -> HTML:
    """Return one line a network: what training, modularizing and reuse gave."""
    lines, threshold, classes = [], study.threshold, study.subtask
    for name, rows in by_network(results):
        whole = select(rows, classes="all")
        at = select(whole, threshold=threshold, method="modular")
        part = select(rows, threshold=threshold, classes=classes)
        lines.append(
            {
                "network": name,
                "standard": value(whole, method="standard", quantity="accuracy"),
                "modular": value(whole, method="modular", quantity="accuracy"),
                "KRR": value(at, quantity="kernel_retention_rate"),
                "cohesion": value(at, quantity="cohesion"),
                "coupling": value(at, quantity="coupling"),
                "sub-task, standard": value(part, method="standard", quantity="accuracy"),
                "sub-task, module": value(part, method="module-folded", quantity="accuracy"),
            }
        )
    frame = pd.DataFrame(lines).set_index("network")
    caption = (
        f"Test accuracy of both networks; KRR, cohesion and coupling of the modules at threshold "
        f"{threshold:g}; test accuracy on the sub-task {short(classes)}, of the standard model "
        "and of the folded module, which is not fine-tuned."
    )
    return shown(frame, caption, dict.fromkeys(frame, THREE))
