"""The forms of a module that need no training, beside the networks that they come from."""

import pandas as pd
from IPython.display import HTML

from ...results.tidy import Estimate, by_network, select
from ...study.parameters import Study
from ...study.subtasks import subtask_name
from .base import FORMS, html_table, three_decimals

COLUMNS = {
    "standard": FORMS["standard"],
    "modular": "modular, uncut",
    **{form: FORMS[form] for form in ("module-plain", "module-folded", "module-masked")},
}
COSTS = {"parameters": "more parameters", "flops": "more multiply-adds"}
# What modules with generators promise: points of test accuracy below the uncut modular network.
ON_AVERAGE, AT_MOST = 0.5, 3.0


def forms_table(results: pd.DataFrame, study: Study) -> HTML:
    """Return accuracy over random sub-tasks of each form, and what mask generators cost.

    Parameters
    ----------
    results
        Rows of ``results.csv``.
    study
        Says which threshold and which random sub-tasks.
    """
    lines = []
    for name, rows in by_network(results):
        scores = of_random_subtasks(rows, study)
        line: dict[str, str | float] = {"network": name}
        line |= {label: mean_and_worst(scores, method) for method, label in COLUMNS.items()}
        line |= {label: added(rows, study, cost) for cost, label in COSTS.items()}
        lines.append(line)
    frame = pd.DataFrame(lines, columns=["network", *COLUMNS.values(), *COSTS.values()])
    caption = (
        f"Threshold {study.threshold:g}. Mean test accuracy over random sub-tasks; in brackets the "
        "worst of all sub-tasks and seeds. The last columns say how much larger a module with mask "
        f"generators is than one without, on average. {of_seeds(results)}"
    )
    return html_table(frame.set_index("network"), caption)


def of_random_subtasks(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return accuracies by seed and random sub-task, a column for each method."""
    classes = [subtask_name(some) for some in study.random_subtasks]
    return by_method(rows[rows["classes"].isin(classes)], study, "accuracy")


def by_method(rows: pd.DataFrame, study: Study, quantity: str) -> pd.DataFrame:
    """Return a quantity at the operating point by seed and sub-task, a column for each method."""
    rows = select(rows, threshold=study.threshold, quantity=quantity)
    frame = rows.pivot_table(index=["seed", "classes"], columns="method", values="value")
    return frame.reindex(columns=list(COLUMNS))


def mean_and_worst(scores: pd.DataFrame, method: str) -> str | float:
    """Return a method's mean with its interval over the seeds and its worst value, as text."""
    found = scores[method].dropna()
    if found.empty:
        return float("nan")
    mean = Estimate(tuple(found.groupby("seed").mean())).text(three_decimals)
    return f"{mean} ({three_decimals(found.min())})"


def added(rows: pd.DataFrame, study: Study, cost: str) -> str | float:
    """Return what mask generators add to a module's cost, over the sub-tasks with costs."""
    costs = by_method(rows, study, cost)
    share = (costs["module-masked"] / costs["module-folded"] - 1).mean()
    return float("nan") if pd.isna(share) else f"{100 * share:.1f} %"


def of_seeds(results: pd.DataFrame) -> str:
    """Say how many seeds the numbers are of."""
    seeds = results["seed"].nunique()
    if seeds < 2:
        return "One seed, so there are no intervals."
    return f"{seeds} seeds; ± is half of the 95 % interval over them (Student's t)."


def points(value: float) -> str:
    """Return points with two decimals, below 0 with a minus sign."""
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def shortfalls(results: pd.DataFrame, study: Study) -> HTML:
    """Say how far modules with generators stay below the uncut modular network."""
    items, measured, broken = [], 0, []
    for name, rows in by_network(results):
        scores = of_random_subtasks(rows, study)
        below = 100 * (scores["modular"] - scores["module-masked"]).dropna()
        if below.empty:
            items.append(f"{name}: –")
            continue
        measured += 1
        if below.mean() > ON_AVERAGE or below.max() > AT_MOST:
            broken.append(name)
        items.append(
            f"{name}: {points(below.mean())} points on average, {max(below.max(), 0):.1f} at most "
            f"({len(below)} modules)"
        )
    verdict = "holds for every network that was measured"
    if broken:
        verdict = f"does not hold for {', '.join(broken)}"
    return HTML(
        "<p>We want modules with generators to stay within "
        f"{ON_AVERAGE:g} points of the uncut modular network on average, and never more than "
        f"{AT_MOST:g} points below it.{f' This {verdict}.' if measured else ''} How far they are "
        f"below: {'; '.join(items)}.</p>"
    )
