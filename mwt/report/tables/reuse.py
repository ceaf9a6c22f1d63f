"""Modules for sub-tasks, by sub-task and by threshold."""

from __future__ import annotations

import pandas as pd
from IPython.display import HTML

from ...parameters import Study
from ..results import mean_and_interval, select, short, value
from .base import FORMS, QUANTITIES, THREE, shown


def subtasks(results: pd.DataFrame) -> HTML:
    """Return accuracy and cost of the module of each sub-task of a study."""
    rows = []
    for classes in results.loc[results["classes"] != "all", "classes"].unique():
        here = select(results, classes=classes)
        line: dict[str, object] = {"classes": short(classes)}
        for method, label in FORMS.items():
            line[label] = value(here, method=method, quantity="accuracy")
        for quantity in ("kernel_retention_rate", "flops", "parameters", "latency_ms"):
            line[QUANTITIES[quantity][0]] = value(
                here[here["method"] != "standard"], quantity=quantity
            )
        rows.append(line)
    frame = pd.DataFrame(rows).set_index("classes")
    formats = dict.fromkeys(FORMS.values(), THREE)
    formats |= {label: text for label, text in QUANTITIES.values() if label in frame}
    caption = "Test accuracy of the standard model and of each form of the module; its cost."
    return shown(frame, caption, formats)


def many_subtasks(results: pd.DataFrame) -> HTML:
    """Return the mean accuracy and KRR of random sub-tasks of each size, with intervals."""
    rows = results[results["classes"] != "all"]
    sizes = rows["classes"].str.split().str.len()
    lines = []
    for size in sorted(sizes.unique()):
        here = rows[sizes == size]
        line: dict[str, object] = {"classes": size, "sub-tasks": here["classes"].nunique()}
        for method, label in FORMS.items():
            scores = select(here, method=method, quantity="accuracy")["value"].tolist()
            line[label] = with_interval(scores)
        rates = select(here, quantity="kernel_retention_rate")["value"].tolist()
        lines.append(line | {"KRR": with_interval(rates)})
    frame = pd.DataFrame(lines).set_index("classes").dropna(axis="columns", how="all")
    return shown(frame, "Mean test accuracy and KRR with 95 % intervals (Student's t).")


def with_interval(values: list[float]) -> str | None:
    """Return a mean and half of its interval as text; None without a value."""
    if not values:
        return None
    centre, low, _ = mean_and_interval(values)
    return f"{centre:.3f}" + (f" ± {centre - low:.3f}" if len(values) > 1 else "")


def thresholds(results: pd.DataFrame, study: Study) -> HTML:
    """Return the measures of all modules and of one sub-task's module for each threshold."""
    rows, classes = [], study.subtask
    for threshold in sorted(results["threshold"].dropna().unique()):
        here = select(results, threshold=threshold)
        whole = select(here, classes="all", method="modular")
        part = select(here, classes=classes)
        line: dict[str, object] = {"threshold": threshold}
        for quantity in ("kernel_retention_rate", "cohesion", "coupling"):
            line[QUANTITIES[quantity][0]] = value(whole, quantity=quantity)
        line["KRR, sub-task"] = value(part, quantity="kernel_retention_rate")
        for method, label in FORMS.items():
            line[label] = value(part, method=method, quantity="accuracy")
        rows.append(line)
    frame = pd.DataFrame(rows).set_index("threshold")
    caption = (
        f"All modules, then the module of {short(classes)}: KRR and test accuracy of the standard "
        "model and of each form of the module."
    )
    return shown(frame, caption, dict.fromkeys(frame, THREE))


def operating_point(results: pd.DataFrame, study: Study) -> HTML:
    """Return what one threshold gives, in detail, with the run that found it."""
    here = select(results, threshold=study.threshold)
    here = here[here["classes"].isin(["all", study.subtask])]
    names = {"all": "all, one by one", study.subtask: short(study.subtask)}
    frame = pd.DataFrame(
        {
            "classes": here["classes"].map(names),
            "method": here["method"],
            "quantity": [QUANTITIES[q][0] for q in here["quantity"]],
            "value": [
                QUANTITIES[q][1](v) for q, v in zip(here["quantity"], here["value"], strict=True)
            ],
        }
    ).set_index("classes")
    runs = ", ".join(f"<code>{run}</code>" for run in here["run"].unique())
    return shown(frame, f"Threshold {study.threshold:g}, value by value; found by the runs {runs}.")
