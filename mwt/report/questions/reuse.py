"""Whether modules work: what they score on sub-tasks, and what they save."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import lost, on_random, ratio, under_on_subtask
from ...results.seeds import by_subtask
from ...results.tidy import select
from ..figures.reusing import MODULES
from .base import Case, Said, by_limit, listed, measured, number, span, without_batch_norm
from .panels import Panel, small

CLOSE = 1  # point of accuracy: less is hardly worth a training
FAILS = 10  # points: a module that loses more is of no use as it is
SMALL = 3  # classes, as in the paper's sub-task
SAVES = 0.9  # of the standard network's latency: what somebody would notice
SCORED = {
    "standard": "standard",
    "modular": "uncut",
    "module-masked": "with generators",
    "module-folded": "folded",
    "module-finetuned": "fine-tuned",
}
OTHERS = {"module-folded": "folded", "module-plain": "plain"}


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say how modules of random sub-tasks fare, the paper's form first, and what they save."""
    if not cases:
        return []
    return [
        *of_finetuned(cases),
        *of_generators(cases),
        *of_cutting(cases),
        *of_other_forms(cases),
        *of_savings(cases),
    ]


def of_finetuned(cases: Sequence[Case]) -> list[Said]:
    """Say what the paper's form of module, fine-tuned, loses to the standard network."""
    return [
        said
        for measure, where in (
            (lost("module-finetuned", "standard", SMALL), f"random sub-tasks of {SMALL} classes"),
            (under_on_subtask("module-finetuned", "standard"), "the study's own sub-task"),
        )
        for said in by_limit(
            measured(cases, measure),
            CLOSE,
            (
                f"{{Count}}: the paper's form of module, fine-tuned, loses less than {CLOSE} point "
                f"of accuracy to the standard network on {where}: {{list}}. Below 0 is a gain.",
                f"The paper's form of module, fine-tuned, loses more than {CLOSE} point to the "
                f"standard network on {where}: {{list}}.",
                f"The paper's form of module, fine-tuned, on {where}: undecided, because the "
                f"interval contains {CLOSE} point lost: {{list}}.",
            ),
        )
    ]


def of_generators(cases: Sequence[Case]) -> list[Said]:
    """Say what modules with generators lose to the standard network."""
    found = measured(cases, lost("module-masked", "standard"))
    said = by_limit(
        found,
        CLOSE,
        (
            f"{{Count}}: without any training, modules with their mask generators lose less than "
            f"{CLOSE} point of accuracy to the standard network, on average over random sub-tasks "
            f"{sizes(cases)}: {{list}}. Below 0 is a gain.",
            f"Modules with their mask generators lose more than {CLOSE} point to the standard "
            f"network, on average over random sub-tasks {sizes(cases)}: {{list}}.",
            f"Modules with their mask generators, over random sub-tasks {sizes(cases)}: "
            f"undecided, because the interval contains {CLOSE} point: {{list}}.",
        ),
        ours=True,
    )
    return [*said, *without_batch_norm(found)]


def of_cutting(cases: Sequence[Case]) -> list[Said]:
    """Say where the cut itself costs accuracy on small sub-tasks."""
    what = (
        f"On random sub-tasks of {SMALL} classes alone, what the cut itself costs modules with "
        "generators, in points to the uncut modular network"
    )
    return by_limit(
        measured(cases, lost("module-masked", "modular", SMALL)),
        CLOSE,
        (
            f"{what}: less than {CLOSE} for {{list}}.",
            f"{what}: {{list}}. The threshold took kernels that they need.",
            f"{what}: {{list}}. So few sub-tasks tell it only roughly.",
        ),
        ours=True,
    )


def of_other_forms(cases: Sequence[Case]) -> list[Said]:
    """Say what modules without generators lose, if they are not trained further."""
    said = []
    for method, word in OTHERS.items():
        what = (
            f"Without training, {word} modules lose to those with generators, in points, on random "
            f"sub-tasks {sizes(cases)}"
        )
        said += by_limit(
            measured(cases, lost(method, "module-masked")),
            FAILS,
            (
                f"{what}, less than {FAILS}: {{list}}.",
                f"{what}, too much to be used: {{list}}.",
                f"{what}, {FAILS} being within the interval: {{list}}.",
            ),
            ours=True,
        )
    return said


def sizes(cases: Sequence[Case]) -> str:
    """Say how large the random sub-tasks are that means are taken over."""
    study = cases[0].study
    found = sorted({len(some) for some in study.random_subtasks} - {study.num_classes})
    return f"of {found[0]} to {found[-1]} classes"


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
    slow = any(one.value > SAVES for one in times.values())
    if slow:
        said.append(
            Said(
                "It saves kernels, but not always time: its latency as a multiple of the standard "
                f"network's is {listed(times, '.2f', False)}.",
            )
        )
    return said


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network."""
    line: dict[str, object] = {}
    for method, word in SCORED.items():
        line[word] = number(case, on_random(method, size=SMALL), ".3f")
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
