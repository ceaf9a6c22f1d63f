"""Whether modules work: what they score on sub-tasks, and what they save."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import lost, on_random, ratio
from ...results.seeds import by_subtask
from ...results.tidy import select
from ..figures.reusing import MODULES
from ..tables.base import FORMS
from .base import AGAINST, OPEN, Case, Said, by_limit, listed, measured, number, span
from .panels import Panel, small

CLOSE = 1  # point of accuracy: less is hardly worth a training
FAILS = 10  # points: a module that loses more is of no use as it is
SMALL = 3  # classes, as in the paper's sub-task
SAVES = 0.9  # of the standard network's latency: what somebody would notice
OTHERS = {"module-folded": "folded", "module-plain": "plain"}


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say how modules of random sub-tasks fare, and what they save."""
    return [*of_generators(cases), *of_cutting(cases), *of_other_forms(cases), *of_savings(cases)]


def of_generators(cases: Sequence[Case]) -> list[Said]:
    """Say what modules with generators lose to the standard network."""
    return by_limit(
        measured(cases, lost("module-masked", "standard")),
        CLOSE,
        (
            f"{{Count}}: without any training, modules with their mask generators lose less than "
            f"{CLOSE} point of accuracy to the standard network, on average over random sub-tasks: "
            "{list}. Below 0 is a gain.",
            f"Modules with their mask generators lose more than {CLOSE} point to the standard "
            "network, on average over random sub-tasks: {list}.",
            f"Undecided, because the interval holds {CLOSE} point: {{list}}.",
        ),
    )


def of_cutting(cases: Sequence[Case]) -> list[Said]:
    """Say where the cut itself costs accuracy on small sub-tasks."""
    found = measured(cases, lost("module-masked", "modular", SMALL))
    worse = {case: one for case, one in found.items() if one.value > CLOSE}
    sure, rough = (
        {c: n for c, n in worse.items() if ((n.interval or (n.value,))[0] > CLOSE) == clear}
        for clear in (True, False)
    )
    what = (
        f"On random sub-tasks of {SMALL} classes the cut itself costs accuracy: these modules lose "
        "to the uncut modular network, in points, "
    )
    said = []
    if sure:
        said.append(Said(f"{what}{listed(sure)}. The threshold took kernels they need.", AGAINST))
    if rough:
        said.append(Said(f"{what}{listed(rough)}: so few sub-tasks tell it only roughly.", OPEN))
    return said


def of_other_forms(cases: Sequence[Case]) -> list[Said]:
    """Say what modules without generators lose, if they are not trained further."""
    said = []
    for method, word in OTHERS.items():
        found = measured(cases, lost(method, "module-masked"))
        fails = {case: one for case, one in found.items() if one.value > FAILS}
        if fails:
            said.append(
                Said(
                    f"Not to be used without training: {word} modules, without generators, lose "
                    f"more than {FAILS} points to those with generators: {listed(fails)}.",
                    AGAINST,
                )
            )
    return said


def of_savings(cases: Sequence[Case]) -> list[Said]:
    """Say what the module of the study's sub-task saves."""
    work = measured(cases, ratio("flops", "module-masked", of_subtask=True))
    times = measured(cases, ratio("latency_ms", "module-masked", of_subtask=True))
    said = []
    if work:
        classes = len(cases[0].study.classes)
        said.append(
            Said(
                f"The module of {classes} classes with generators does {span(work)} of the "
                "standard network's multiply-adds."
            )
        )
    slow = {case: one for case, one in times.items() if one.value > SAVES}
    if slow:
        said.append(
            Said(
                "It saves kernels, but hardly time: its latency is "
                f"{listed(slow, '.2f', False)} of the standard network's.",
                AGAINST,
            )
        )
    return said


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network."""
    line: dict[str, object] = {}
    for method, word in FORMS.items():
        line[word] = number(case, on_random(method, size=SMALL), ".3f")
        if method == "standard":
            line["uncut modular"] = number(case, on_random("modular", size=SMALL), ".3f")
    kept = on_random("modular", "kernel_retention_rate", SMALL)
    line["KRR"] = number(case, kept, ".3f")
    for quantity, word in (("flops", "multiply-adds"), ("latency_ms", "latency")):
        measure = ratio(quantity, "module-masked", of_subtask=True)
        line[f"{word} ×"] = number(case, measure, ".2f")
    return [line]


ROWS = (
    f"Mean test accuracy on random sub-tasks of {SMALL} classes, and the kernel retention rate of "
    "their modules; multiply-adds and latency of the study's own sub-task's module with "
    "generators, as a multiple of the standard network's."
)

DRAWN = ("standard", "module-masked", "module-folded", "module-finetuned")
PANELS = (
    "Mean test accuracy on random sub-tasks by their size. Modules with generators and folded ones "
    "are not trained further; fine-tuned ones were made for some sizes only. All panels of a data "
    "set have one scale, which does not begin at 0."
)


def panels(case: Case, others: Sequence[Case]) -> list[Panel]:
    """Draw what the forms of module score by the size of the sub-task."""
    lines = by_size(case)
    if lines.empty:
        return []
    figure, ax = small(case, "classes", "test accuracy")
    said = []
    for method in lines.columns:
        colour, marker, label = MODULES[method]
        line = lines[method].dropna()
        ax.plot(line.index, line, color=colour, marker=marker, markersize=3.5)
        first, last = line.index[[0, -1]]
        said.append(f"{label} {line[first]:.3f} at {first}, {line[last]:.3f} at {last} classes")
    ax.set_xticks(range(2, case.study.num_classes + 1, 2))
    lowest = min(by_size(one).min(axis=None) for one in others)
    ax.set_ylim(max(0, lowest - 0.03), 1.01)
    keys = [MODULES[method] for method in lines.columns]
    numbers = lines.rename_axis("classes").reset_index().assign(case=case.title)
    return [Panel(figure, f"{case.title}, accuracy by size: {'; '.join(said)}.", numbers, keys)]


def by_size(case: Case) -> pd.DataFrame:
    """Return the mean accuracy on random sub-tasks, a row for each size, a column for each form."""
    some = case.at[case.at["classes"].isin(case.trainings[0].drawn)]
    columns = {}
    for method in DRAWN:
        dots = by_subtask(select(some, method=method, quantity="accuracy"))
        if len(dots):
            columns[method] = dots.groupby(dots.index.str.split().str.len()).mean()
    return pd.DataFrame(columns)
