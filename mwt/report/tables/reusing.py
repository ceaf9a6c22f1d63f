"""Modules for sub-tasks, by sub-task and by threshold."""

import pandas as pd
from IPython.display import HTML

from ...results.seeds import by_subtask, clocks, count_in_words, one_run, plus_minus, several
from ...results.tidy import Estimate, select, short
from ...study.parameters import Study
from .base import FORMS, QUANTITIES, as_text, cell, html_table, three_decimals


def subtasks(results: pd.DataFrame) -> HTML:
    """Return accuracy and cost of the module of each sub-task of a study."""
    results = results[results["classes"] != "all"]
    columns = {
        short(classes): of_subtask(select(results, classes=classes))
        for classes in results["classes"].unique()
    }
    frame = pd.DataFrame(columns).rename_axis(["of", "classes"])
    costs = results[results["method"].isin(["module-masked", "module-folded"])]
    latencies = select(costs, quantity="latency_ms")
    caption = (
        "Test accuracy of the standard model and of each form of the module. Then what the module "
        f"costs, with generators and folded. {plus_minus(results)} {clocks(latencies)}"
    )
    return html_table(frame, caption, groups="of")


def of_subtask(rows: pd.DataFrame) -> pd.Series:
    """Return what the table says of a sub-task."""
    texts: dict[tuple[str, str], object] = {}
    for method, label in FORMS.items():
        texts[QUANTITIES["accuracy"][0], label] = cell(rows, "accuracy", method=method)
    kept = cell(rows, "kernel_retention_rate", method="modular")
    texts["kernels kept", QUANTITIES["kernel_retention_rate"][0]] = kept
    for quantity in ("flops", "parameters", "latency_ms"):
        for method in ("module-masked", "module-folded"):
            name = QUANTITIES[quantity][0], FORMS[method]
            texts[name] = cell(rows, quantity, method=method)
    return pd.Series(texts)


def many_subtasks(results: pd.DataFrame) -> HTML:
    """Return the mean accuracy and KRR of random sub-tasks of each size, with intervals."""
    rows = results[results["classes"] != "all"]
    sizes = rows["classes"].str.split().str.len()
    lines = []
    for size in sorted(sizes.unique()):
        here = rows[sizes == size]
        line: dict[str, object] = {"classes": size, "sub-tasks": here["classes"].nunique()}
        for method, label in FORMS.items():
            line[label] = over_subtasks(select(here, method=method, quantity="accuracy"))
        rates = select(here, method="modular", quantity="kernel_retention_rate")
        lines.append(line | {"KRR": over_subtasks(rates)})
    frame = pd.DataFrame(lines).set_index("classes").dropna(axis="columns", how="all")
    of = f"is its mean over {count_in_words(rows)}" if several(rows) else f"is from {one_run(rows)}"
    caption = (
        "Mean test accuracy and KRR ± half of the 95 % interval over the sub-tasks (Student's t). "
        f"The value of each sub-task {of}."
    )
    return html_table(frame, caption)


def over_subtasks(rows: pd.DataFrame) -> str | float:
    """Return what sub-tasks give on average, with the interval over them."""
    return as_text(Estimate(tuple(by_subtask(rows))), three_decimals)


def thresholds(results: pd.DataFrame, study: Study) -> HTML:
    """Return the measures of all modules and of one sub-task's module for each threshold."""
    rows, classes = [], study.subtask
    for threshold in sorted(results["threshold"].dropna().unique()):
        here = select(results, threshold=threshold)
        whole = select(here, classes="all", method="modular")
        part = select(here, classes=classes)
        line: dict[str, object] = {"threshold": threshold}
        for quantity in ("kernel_retention_rate", "cohesion", "coupling"):
            line[QUANTITIES[quantity][0]] = cell(whole, quantity)
        line["KRR, sub-task"] = cell(part, "kernel_retention_rate", method="modular")
        line |= {label: cell(part, "accuracy", method=m) for m, label in FORMS.items()}
        rows.append(line)
    frame = pd.DataFrame(rows).set_index("threshold").dropna(axis="columns", how="all")
    caption = (
        f"First the modules of single classes, on average. Then the module of {short(classes)}: "
        "its KRR, and test accuracy of the standard model and of each form of the module. "
        f"{plus_minus(results)}"
    )
    return html_table(frame, caption)


def operating_point(results: pd.DataFrame, study: Study) -> HTML:
    """Return what one threshold gives, in detail, with the runs that found it."""
    here = select(results, threshold=study.threshold)
    here = here[here["classes"].isin(["all", study.subtask])]
    names = {"all": "all classes, each alone", study.subtask: f"sub-task {short(study.subtask)}"}
    lines = [
        {
            "classes": names[classes],
            "method": FORMS.get(method, method),
            "quantity": QUANTITIES[quantity][0],
            "value": cell(rows, quantity),
        }
        for (classes, method, quantity), rows in here.groupby(
            ["classes", "method", "quantity"], sort=False
        )
    ]
    columns = ["classes", "method", "quantity", "value"]
    frame = pd.DataFrame(lines, columns=columns).set_index("method")
    runs = ", ".join(f"<code>{run}</code>" for run in here["run"].unique())
    caption = (
        f"Threshold {study.threshold:g}, value by value, from the runs {runs}. "
        f"{plus_minus(here)} {clocks(here)}"
    )
    return html_table(frame, caption, kind="mwt-named", groups="classes")
