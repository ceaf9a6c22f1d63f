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
    short,
    subtask_in_words,
    value,
)
from ...study.parameters import Study
from ...study.subtasks import subtask_name
from .base import FORMS, QUANTITIES, cell, html_table

SHOWN = {method: text for method, text in FORMS.items() if method != "module-plain"}


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
        f"Both networks, uncut, on {images:,.0f} test images. {plus_minus(whole)} {clocks(whole)}"
    )
    if results["model"].iloc[0] in ("simcnn", "rescnn"):
        caption += (
            " The standard network has no batch norm, the modular one has it: another difference "
            "between the two."
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
            f"<li><strong>{name}</strong>: the standard network has a test accuracy of "
            f"{percent(whole, 'standard')}, the modular one {percent(whole, 'modular')}. "
            f"The module of a single class keeps {share(at)} of the kernels, on average. The "
            f"module of the sub-task {subtask_in_words(study)} keeps "
            f"{share(select(part, method='modular'))}. Its test accuracy is "
            f"{percent(part, 'module-masked')} with its mask generators and "
            f"{percent(part, 'module-folded')} folded, both without further training, and "
            f"{percent(part, 'module-finetuned')} fine-tuned; the standard model has "
            f"{percent(part, 'standard')}.{at_random(rows, study)}</li>"
        )
    return HTML(
        f"<details><summary>In words, with intervals</summary><ul>{''.join(items)}</ul>"
        "<p>In brackets: 95 % intervals. For the accuracy of one run they are Wilson's, from the "
        "number of test images; for several seeds or several sub-tasks, Student's t over these."
        "</p></details>"
    )


def share(rows: pd.DataFrame) -> str:
    """Return a kernel retention rate in words."""
    return f"{100 * value(rows, quantity='kernel_retention_rate'):.0f} %"


def at_random(rows: pd.DataFrame, study: Study) -> str:
    """Return what modules of as many classes, drawn at random, score without any training."""
    some = of_random(select(rows, threshold=study.threshold), study)
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
        f" On average over {len(standard)} random sub-tasks of as many classes, modules have "
        f"{', '.join(scores)}; the standard model has {100 * standard.mean():.1f} %."
    )


def of_random(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the rows of random sub-tasks of as many classes as the sub-task has."""
    drawn = {
        subtask_name(classes)
        for classes in study.random_subtasks
        if len(classes) == len(study.classes)
    }
    return rows[rows["classes"].isin(drawn)]


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
    """Return a column a network: what training, modularizing and reuse gave."""
    columns = {name: column(rows, study) for name, rows in by_network(results)}
    frame = pd.DataFrame(columns).dropna(how="all").rename_axis(["of", "measure"])
    caption = (
        f"At threshold {study.threshold:g}. First: test accuracy of the standard and the modular "
        "network, both uncut; KRR, cohesion and coupling of the modules of single classes. Lines "
        f"“sub-task”: {subtask_in_words(study)}, KRR of its module, and test accuracy of the "
        "standard model and of each form of the module. Lines “random”: the same accuracies, means "
        f"over random sub-tasks of as many classes. {plus_minus(results)}"
    )
    return html_table(frame, caption, groups="of")


def column(rows: pd.DataFrame, study: Study) -> pd.Series:
    """Return what the table says of one network."""
    whole, at = select(rows, classes="all"), select(rows, threshold=study.threshold)
    modules = select(at, classes="all", method="modular")
    part, some = select(at, classes=study.subtask), of_random(at, study)
    texts: dict[tuple[str, str], object] = {}
    for method in ("standard", "modular"):
        texts["all classes", f"accuracy, {method}"] = cell(whole, "accuracy", method=method)
    for quantity in ("kernel_retention_rate", "cohesion", "coupling"):
        texts["all classes", QUANTITIES[quantity][0]] = cell(modules, quantity)
    own = f"sub-task {short(study.subtask)}"
    texts[own, "KRR"] = cell(part, "kernel_retention_rate", method="modular")
    for method, label in SHOWN.items():
        texts[own, label] = cell(part, "accuracy", method=method)
    drawn = f"random sub-tasks of {len(study.classes)} classes"
    for method, label in SHOWN.items():
        found = by_subtask(select(some, method=method, quantity="accuracy"))
        texts[drawn, label] = (
            QUANTITIES["accuracy"][1](found.mean()) if len(found) else float("nan")
        )
    return pd.Series(texts)
