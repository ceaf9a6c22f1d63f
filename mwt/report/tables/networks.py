"""What training, modularizing and reuse gave, network by network."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from ...parameters import Study
from ..results import by_network, interval, mean_and_interval, select, short, value
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
            f"The module of one class keeps {share(at)} of the kernels, on average. The module of "
            f"{short(study.subtask)} keeps {share(select(part, method='modular'))}; it scores "
            f"{percent(part, 'module-folded')} without fine-tuning, "
            f"{percent(part, 'module-finetuned')} with it, and the whole standard model "
            f"{percent(part, 'standard')}.{at_random(rows, study)}</li>"
        )
    return HTML(
        f"<details><summary>In words, with intervals</summary><ul>{''.join(items)}</ul>"
        "<p>In brackets: 95 % intervals, of one accuracy Wilson's for its test images, of several "
        "sub-tasks Student's t for the sub-tasks.</p></details>"
    )


def share(rows: pd.DataFrame) -> str:
    """Return a kernel retention rate in words."""
    return f"{100 * value(rows, quantity='kernel_retention_rate'):.0f} %"


def at_random(rows: pd.DataFrame, study: Study) -> str:
    """Return what modules of as many classes, drawn at random, score without fine-tuning."""
    drawn = {" ".join(map(str, classes)) for classes in study.random_subtasks}
    some = rows[rows["classes"].isin(drawn) & (rows["threshold"] == study.threshold)]
    some = some[some["classes"].str.split().str.len() == len(study.classes)]
    folded = select(some, method="module-folded", quantity="accuracy")["value"]
    if folded.empty:
        return ""
    standard = select(some, method="standard", quantity="accuracy")["value"]
    centre, low, high = (100 * bound for bound in mean_and_interval(list(folded)))
    return (
        f" {len(folded)} random sub-tasks of as many classes score {centre:.1f} % "
        f"[{low:.1f}, {min(high, 100):.1f}] without fine-tuning, the standard model "
        f"{100 * standard.mean():.1f} %."
    )


def percent(rows: pd.DataFrame, method: str) -> str:
    """Return a method's accuracy and its interval in words."""
    accuracy = value(rows, method=method, quantity="accuracy")
    if pd.isna(accuracy):
        return "(not measured)"
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
                "sub-task: KRR": value(part, method="modular", quantity="kernel_retention_rate"),
                "standard ": value(part, method="standard", quantity="accuracy"),
                "folded": value(part, method="module-folded", quantity="accuracy"),
                "fine-tuned": value(part, method="module-finetuned", quantity="accuracy"),
            }
        )
    frame = pd.DataFrame(lines).set_index("network").dropna(axis=1, how="all")
    caption = (
        "Test accuracy of the standard and the modular network; KRR, cohesion and coupling of the "
        f"modules of one class each, at threshold {threshold:g}. Then the sub-task "
        f"{short(classes)}: KRR of its module, and test accuracy of the standard model and of the "
        "module in its forms."
    )
    return shown(frame, caption, dict.fromkeys(frame, THREE))
