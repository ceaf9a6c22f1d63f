"""What training, modularizing and reuse gave, network by network."""

import pandas as pd
from IPython.display import HTML

from ...results.seeds import by_subtask, clocks, plus_minus, several
from ...results.tidy import (
    by_network,
    estimate,
    interval,
    mean_and_interval,
    select,
    subtask_in_words,
    value,
)
from ...study.parameters import Study
from ...study.subtasks import subtask_name
from .base import QUANTITIES, cell, html_table


def networks(results: pd.DataFrame) -> HTML:
    """Return what training found for the standard and the modular network."""
    whole = select(results, classes="all")
    whole = whole[whole["threshold"].isna()]
    there = set(whole["quantity"]) - {"test_images", "accuracy"}
    images = value(whole, quantity="test_images")
    lines = []
    for method in ("standard", "modular"):
        rows = select(whole, method=method)
        line: dict[str, object] = {"network": method, "test accuracy": cell(rows, "accuracy")}
        if not several(whole):
            low, high = interval(value(rows, quantity="accuracy"), images)
            line["95 % interval"] = f"{low:.3f}–{high:.3f}"
        for quantity, (label, style) in QUANTITIES.items():
            if quantity in ("flops", "parameters") and quantity in there:
                line[label] = style(value(rows, quantity=quantity))  # the same for all seeds
            elif quantity in there:
                line[label] = cell(rows, quantity)
        lines.append(line)
    caption = (
        f"Both networks on {images:,.0f} test images; the modular one with its masks. "
        f"{plus_minus(whole)} {clocks(whole)}"
    )
    if results["model"].iloc[0] in ("simcnn", "rescnn"):
        caption += (
            " The standard network has no batch norm, the modular one has: that differs, too."
        )
    return html_table(pd.DataFrame(lines).set_index("network"), caption)


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
            f"{subtask_in_words(study)} keeps {share(select(part, method='modular'))}; it scores "
            f"{percent(part, 'module-masked')} with its mask generators, without any training, "
            f"{percent(part, 'module-folded')} folded, "
            f"{percent(part, 'module-finetuned')} fine-tuned, and the whole standard model "
            f"{percent(part, 'standard')}.{at_random(rows, study)}</li>"
        )
    return HTML(
        f"<details><summary>In words, with intervals</summary><ul>{''.join(items)}</ul>"
        "<p>In brackets: 95 % intervals, of one run's accuracy Wilson's for its test images, of "
        "several seeds Student's t over the seeds, of several sub-tasks Student's t over the "
        "sub-tasks.</p></details>"
    )


def share(rows: pd.DataFrame) -> str:
    """Return a kernel retention rate in words."""
    return f"{100 * value(rows, quantity='kernel_retention_rate'):.0f} %"


def at_random(rows: pd.DataFrame, study: Study) -> str:
    """Return what modules of as many classes, drawn at random, score without any training."""
    drawn = {subtask_name(classes) for classes in study.random_subtasks}
    some = rows[rows["classes"].isin(drawn) & (rows["threshold"] == study.threshold)]
    some = some[some["classes"].str.split().str.len() == len(study.classes)]
    scores = []
    for method, form in (("module-masked", "with their generators"), ("module-folded", "folded")):
        found = by_subtask(select(some, method=method, quantity="accuracy"))
        if len(found):
            centre, low, high = (100 * bound for bound in mean_and_interval(list(found)))
            scores.append(f"{centre:.1f} % [{low:.1f}, {min(high, 100):.1f}] {form}")
    if not scores:
        return ""
    standard = by_subtask(select(some, method="standard", quantity="accuracy"))
    return (
        f" The modules of {len(standard)} random sub-tasks of as many classes score "
        f"{', '.join(scores)}, the standard model {100 * standard.mean():.1f} %."
    )


def percent(rows: pd.DataFrame, method: str) -> str:
    """Return a method's accuracy and its interval in words."""
    found = estimate(rows, method=method, quantity="accuracy")
    if not found.values:
        return "(not measured)"
    if found.half is None:
        low, high = interval(found.mean, value(rows, quantity="test_images"))
    else:
        low, high = found.mean - found.half, min(found.mean + found.half, 1.0)
    return f"{100 * found.mean:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


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
                "standard": cell(whole, "accuracy", method="standard"),
                "modular": cell(whole, "accuracy", method="modular"),
                "KRR": cell(at, "kernel_retention_rate"),
                "cohesion": cell(at, "cohesion"),
                "coupling": cell(at, "coupling"),
                "sub-task: KRR": cell(part, "kernel_retention_rate", method="modular"),
                "standard ": cell(part, "accuracy", method="standard"),
                "with generators": cell(part, "accuracy", method="module-masked"),
                "folded": cell(part, "accuracy", method="module-folded"),
                "fine-tuned": cell(part, "accuracy", method="module-finetuned"),
            }
        )
    frame = pd.DataFrame(lines).set_index("network").dropna(axis=1, how="all")
    caption = (
        "Test accuracy of the standard and the modular network; KRR, cohesion and coupling of the "
        f"modules of one class each, at threshold {threshold:g}. Then the sub-task "
        f"{subtask_in_words(study)}: KRR of its module, and test accuracy of the standard model "
        f"and of the module in its forms. {plus_minus(results)}"
    )
    return html_table(frame, caption)
