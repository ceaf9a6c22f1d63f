"""Whether modules work: what they score on sub-tasks, and what they save."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import lost, on_random, ratio, under_on_subtask
from ...results.seeds import by_subtask
from ...results.tidy import select
from ..figures.reusing import MODULES
from .base import GAIN, Case, Said, by_limit, listed, measured, number, span, without_batch_norm
from .panels import Panel, accuracies

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
                f"{{Count}}: fine-tuned modules, the paper's form, are less than {CLOSE} point of "
                f"test accuracy below the standard network on {where}. Points lost: {{list}}. "
                f"{GAIN}",
                f"Fine-tuned modules, the paper's form, are more than {CLOSE} point of test "
                f"accuracy below the standard network on {where}. Points lost: {{list}}.",
                f"Fine-tuned modules, the paper's form, on {where}: undecided, because the "
                f"interval contains a loss of {CLOSE} point. Points lost: {{list}}.",
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
            f"{{Count}}: modules with generators, not trained further, are less than {CLOSE} point "
            "of test accuracy below the standard network, on average over random sub-tasks "
            f"{sizes(cases)}. Points lost: {{list}}. {GAIN}",
            f"Modules with generators, not trained further, are more than {CLOSE} point of test "
            "accuracy below the standard network, on average over random sub-tasks "
            f"{sizes(cases)}. Points lost: {{list}}.",
            f"Modules with generators, not trained further, over random sub-tasks {sizes(cases)}: "
            f"undecided, because the interval contains a loss of {CLOSE} point. Points lost: "
            "{list}.",
        ),
        ours=True,
    )
    return [*said, *without_batch_norm(found)]


def of_cutting(cases: Sequence[Case]) -> list[Said]:
    """Say where the cut itself costs accuracy on small sub-tasks."""
    what = (
        f"What the cut alone costs, on random sub-tasks of {SMALL} classes: points that modules "
        "with generators are below the uncut modular network"
    )
    return by_limit(
        measured(cases, lost("module-masked", "modular", SMALL)),
        CLOSE,
        (
            f"{what}, less than {CLOSE}: {{list}}.",
            f"{what}: {{list}}. At this threshold the modules lack kernels that they need.",
            f"{what}: {{list}}. With so few sub-tasks these numbers are rough.",
        ),
        ours=True,
    )


def of_other_forms(cases: Sequence[Case]) -> list[Said]:
    """Say what modules without generators lose, if they are not trained further."""
    said = []
    for method, word in OTHERS.items():
        what = (
            f"{word.capitalize()} modules beside modules with generators, neither trained further, "
            f"on random sub-tasks {sizes(cases)}"
        )
        said += by_limit(
            measured(cases, lost(method, "module-masked")),
            FAILS,
            (
                f"{what}. Less than {FAILS} points lost: {{list}}.",
                f"{what}. More than {FAILS} points lost, too many for a useful module: {{list}}.",
                f"{what}. Undecided, because the interval contains a loss of {FAILS} points: "
                "{list}.",
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
                f"The module of {classes} classes with generators needs {span(work)} times the "
                "multiply-adds of the standard network."
            )
        )
    slow = any(one.value > SAVES for one in times.values())
    if slow:
        said.append(
            Said(
                "It saves kernels, but not always time. Its latency, divided by the standard "
                f"network's: {listed(times, '.2f', False)}.",
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
    "their modules. Then, for the module with generators of the study's own sub-task: "
    "multiply-adds and latency, divided by those of the standard network."
)

DRAWN = ("standard", "module-masked", "module-folded", "module-finetuned")
PANELS = (
    "Mean test accuracy on random sub-tasks, by number of classes. Modules with generators and "
    "folded modules are not trained further; fine-tuned ones were made for some sizes only. All "
    "panels of a data set have the same scale, which does not begin at 0."
)


def panels(case: Case, others: Sequence[Case]) -> list[Panel]:
    """Draw what the forms of module score by the size of the sub-task."""
    lines = by_size(case)
    if lines.empty:
        return []
    every = [by_size(one) for one in others]
    lowest = min(some.min(axis=None) for some in every if not some.empty)
    step = max(2, case.study.num_classes // 5)
    return [accuracies(case, lines, MODULES, lowest, range(step, case.study.num_classes + 1, step))]


def by_size(case: Case) -> pd.DataFrame:
    """Return the mean accuracy on random sub-tasks, a row for each size, a column for each form."""
    some = case.at[case.at["classes"].isin(case.trainings[0].drawn)]
    columns = {}
    for method in DRAWN:
        dots = by_subtask(select(some, method=method, quantity="accuracy"))
        if len(dots):
            columns[method] = dots.groupby(dots.index.str.split().str.len()).mean()
    return pd.DataFrame(columns)
