"""Whether a module is worth it: what it saves at full width, and the simpler way beside it."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import on_subtask, over_on_subtask, ratio
from ...results.seeds import by_subtask
from ...results.tidy import select
from ..figures.small_networks import NETWORKS
from .base import Case, Said, by_limit, measured, number, span
from .panels import Panel, accuracies

SMALL = "small-standard"
FORMS = {"module-masked": "with generators", "module-finetuned": "fine-tuned"}
COSTS = {
    "full_flops": "multiply-adds",
    "full_latency_1_ms": "time of 1 image",
    "full_latency_64_ms": "time of 64 images",
    "full_bytes": "bytes",
}


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say what modules save, and whether small networks are as good; first in short."""
    return [*in_short(cases), *of_savings(cases), *of_small_networks(cases)]


def in_short(cases: Sequence[Case]) -> list[Said]:
    """Say how often modules are more accurate than small networks, with and without training."""
    masked, tuned = (measured(cases, over_on_subtask(form, SMALL)) for form in FORMS)
    if not masked or not tuned:
        return []
    classes = len(cases[0].study.classes)
    more = [sum(found.value > 0 for found in one.values()) for one in (masked, tuned)]
    return [
        Said(
            f"In short: the module with generators, which is not trained for its {classes} "
            "classes, is more accurate than a small network trained on them alone in "
            f"{more[0]} of {len(masked)} networks; the fine-tuned module in {more[1]} of "
            f"{len(tuned)}."
        )
    ]


def of_savings(cases: Sequence[Case]) -> list[Said]:
    """Say what the plain module of the study's sub-task costs at full width."""
    parts = []
    for quantity, word in COSTS.items():
        found = measured(cases, ratio(quantity, "module-plain", of_subtask=True))
        if found:
            parts.append(f"{span(found)} of its {word}")
    if not parts:
        return []
    classes = len(cases[0].study.classes)
    return [
        Said(
            f"At full width, the plain module of {classes} classes costs, beside the standard "
            f"network, {', '.join(parts)}."
        )
    ]


def of_small_networks(cases: Sequence[Case]) -> list[Said]:
    """Say whether a small network, trained on the sub-task alone, is as accurate as the module."""
    if not cases:
        return []
    classes = len(cases[0].study.classes)
    said = []
    for form, word in FORMS.items():
        what = (
            f"The module of {classes} classes, {word}, beside a small network with the plain "
            "module's multiply-adds that was trained on these classes alone, in points of accuracy"
        )
        said += by_limit(
            measured(cases, over_on_subtask(form, SMALL)),
            0,
            (
                f"{what}: the module is better by {{list}}.",
                f"{what}: the module is not better: {{list}}.",
                f"{what}: undecided, because the interval contains 0: {{list}}.",
            ),
            better="more",
            ours=True,
        )
    return said


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network."""
    if select(case.at, method=SMALL).empty:
        return []
    line: dict[str, object] = {"standard": accuracy_of("standard", case)}
    for method in ("module-masked", "module-finetuned", SMALL):
        line[NETWORKS[method][2]] = accuracy_of(method, case)
    for quantity, word in COSTS.items():
        measure = ratio(quantity, "module-plain", of_subtask=True)
        line[f"{word} ×"] = number(case, measure, ".2f")
    return [line]


def accuracy_of(method: str, case: Case) -> str | float:
    """Return the accuracy on the study's sub-task, as a table's cell."""
    return number(case, on_subtask(method), ".3f")


ROWS = (
    "Test accuracy on the study's own sub-task of the standard model, of its module with "
    "generators and fine-tuned, and of a small network that was trained on the sub-task alone; "
    "costs of the plain module at full width, as multiples of the standard network's."
)
PANELS = (
    "Test accuracy by the size of the sub-task, which begins with the same classes each time. The "
    "small network has the plain module's multiply-adds. All panels of a data set have one scale, "
    "which does not begin at 0."
)


def panels(case: Case, others: Sequence[Case]) -> list[Panel]:
    """Draw what modules and small networks score by the size of the sub-task."""
    lines = by_size(case)
    if lines.empty:
        return []
    lowest = min(found.min(axis=None) for one in others if len(found := by_size(one)))
    return [accuracies(case, lines, NETWORKS, lowest, lines.index)]


def by_size(case: Case) -> pd.DataFrame:
    """Return accuracies on sub-tasks that have a small network, a column for each method."""
    of = select(case.at, quantity="accuracy", method=SMALL)["classes"].unique()
    some = case.at[case.at["classes"].isin(of)]
    columns = {}
    for method in NETWORKS:
        found = by_subtask(select(some, method=method, quantity="accuracy"))
        columns[method] = found.set_axis(found.index.str.split().str.len())
    return pd.DataFrame({method: one for method, one in columns.items() if len(one)})
