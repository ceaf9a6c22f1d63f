"""Modular training beside CNNSplitter."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import more, over_on_subtask
from ...results.measures import (
    accuracy_over_cnnsplitter,
    kernels_below_cnnsplitter,
    time_of_cnnsplitters,
)
from ...results.reported import reported
from ...results.seeds import NOT_COMPARABLE
from ...results.tidy import curve
from ...study.subtasks import subtask_name
from ..banners import search_budget
from ..figures.reusing import MODULES, by_size
from ..style import BLUE, RED, Key, draw
from ..tables.base import QUANTITIES, cell
from ..tables.splitting import SECONDS, SYSTEMS
from .base import OPEN, Case, Said, by_limit, measured, names
from .panels import Panel, small

HALF = 50  # percent of CNNSplitter's time


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say how MwT fares beside CNNSplitter on the networks for which both were run."""
    both = beside(cases)
    if not both:
        return []
    return [
        *of_accuracy(both),
        *of_kernels(both),
        *of_coupling(both),
        *of_time(both),
        Said(f"All this depends on CNNSplitter's search. {search_budget(both[0].study)}", OPEN),
    ]


def beside(cases: Sequence[Case]) -> list[Case]:
    """Return the networks for which CNNSplitter was run."""
    return [case for case in cases if "cnnsplitter" in set(case.results["method"])]


def of_accuracy(cases: Sequence[Case]) -> list[Said]:
    """Say whose modules are more accurate, neither trained further."""
    study = cases[0].study
    return [
        said
        for measure, which in (
            (accuracy_over_cnnsplitter("module-masked"), "of all classes"),
            (
                over_on_subtask("module-masked", "cnnsplitter"),
                f"of the sub-task of {len(study.classes)} classes",
            ),
        )
        for said in by_limit(
            measured(cases, measure),
            0,
            (
                f"MwT's modules {which}, with generators, are more accurate than CNNSplitter's. "
                "MwT minus CNNSplitter, in points: {list}.",
                f"MwT's modules {which}, with generators, are less accurate than CNNSplitter's. "
                "MwT minus CNNSplitter, in points: {list}.",
                f"Undecided whose modules {which} are more accurate, because the interval contains "
                "0. MwT minus CNNSplitter, in points: {list}.",
            ),
            better="more",
        )
    ]


def of_kernels(cases: Sequence[Case]) -> list[Said]:
    """Say whose modules keep fewer kernels."""
    theirs = reported()["seed_readme"]["krr_reduction_over_cnnsplitter_pct"]
    return by_limit(
        measured(cases, kernels_below_cnnsplitter),
        0,
        (
            "MwT's modules keep fewer kernels than CNNSplitter's. Percent fewer: {list} (paper: "
            f"{theirs}).",
            "MwT's modules keep no fewer kernels than CNNSplitter's. Percent fewer: {list}.",
            "Undecided whose modules keep fewer kernels, because the interval contains 0. Percent "
            "fewer: {list}.",
        ),
        better="more",
    )


def of_coupling(cases: Sequence[Case]) -> list[Said]:
    """Say whose modules overlap less."""
    return by_limit(
        measured(cases, more("coupling", "modular", "cnnsplitter")),
        0,
        (
            "MwT's modules overlap less than CNNSplitter's. Difference of coupling: {list}.",
            "MwT's modules overlap no less than CNNSplitter's. Difference of coupling: {list}.",
            "Undecided whose modules overlap less, because the interval contains 0. Difference of "
            "coupling: {list}.",
        ),
        style=".3f",
    )


def of_time(cases: Sequence[Case]) -> list[Said]:
    """Say how much time MwT takes of CNNSplitter's."""
    said = by_limit(
        measured(cases, time_of_cnnsplitters),
        HALF,
        (
            "MwT takes at most half of CNNSplitter's time for training and modularizing. Percent "
            "of its time: {list}.",
            "MwT takes more than half of CNNSplitter's time for training and modularizing. Percent "
            "of its time: {list}.",
            "Undecided, because the interval contains half of CNNSplitter's time. Percent of its "
            "time: {list}.",
        ),
    )
    refused = [case for case in cases if case.number(time_of_cnnsplitters).refused]
    if refused:
        said.append(
            Said(
                f"The times of {names(refused)} cannot be compared: they were measured on "
                "different machines.",
                OPEN,
            )
        )
    return said


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network; nothing where CNNSplitter was not run."""
    if not beside([case]):
        return []
    whole = case.at[case.at["classes"] == "all"]
    every = case.at[case.at["classes"] == case.trainings[0].every_class]
    refused = bool(case.number(time_of_cnnsplitters).refused)
    lines = []
    for method, scored in (("cnnsplitter", "cnnsplitter"), ("modular", "module-masked")):
        line: dict[str, object] = {"system": SYSTEMS[method]}
        for quantity in MEASURES:
            line[QUANTITIES[quantity][0]] = cell(whole, quantity, method=method)
        line["accuracy"] = cell(every, "accuracy", method=scored)
        for quantity in SECONDS:
            taken = NOT_COMPARABLE if refused else cell(whole, quantity, method=method)
            line[QUANTITIES[quantity][0]] = taken
        lines.append(line)
    return lines


MEASURES = ("kernel_retention_rate", "cohesion", "coupling")
ROWS = (
    "Kernel retention rate, cohesion and coupling of the modules of single classes; test accuracy "
    "of all ten together (MwT's with generators); seconds of training and of modularizing, where "
    "all were measured on one machine."
)
ACCURACIES: dict[str, Key] = {
    "standard": MODULES["standard"],
    "cnnsplitter": (RED, "X", "CNNSplitter"),
    "module-masked": (BLUE, "o", "MwT (its accuracy: with generators)"),
}
PANELS = (
    "Test accuracy on the study's sub-tasks, by number of classes (no module was trained further), "
    "and the share of kernels in the union of the sub-task's modules. Bands: 95 % intervals over "
    "seeds, where there are several. The scale of accuracy does not begin at 0."
)


def panels(case: Case, _others: Sequence[Case]) -> list[Panel]:
    """Draw accuracy and kernels of both systems by the size of the sub-task."""
    if not beside([case]):
        return []
    nested = by_size(case.at[case.at["classes"].isin(map(subtask_name, case.study.subtasks))])
    kernels = {"cnnsplitter": ACCURACIES["cnnsplitter"], "modular": ACCURACIES["module-masked"]}
    return [
        panel(case, nested, "accuracy", ACCURACIES, "test accuracy"),
        panel(case, nested, "kernel_retention_rate", kernels, "KRR, union"),
    ]


def panel(
    case: Case, rows: pd.DataFrame, quantity: str, methods: dict[str, Key], ylabel: str
) -> Panel:
    """Draw one quantity of several methods."""
    figure, ax = small(case, "classes", ylabel)
    lines, said = [], []
    for method, (colour, marker, label) in methods.items():
        line = curve(rows, "size", method=method, quantity=quantity)
        if line.empty:
            continue
        draw(ax, line, color=colour, marker=marker)
        lines.append(line.rename_axis("size").reset_index().assign(method=method))
        said.append(f"{label} {', '.join(f'{value:.3f}' for value in line['mean'])}")
    ax.set_xticks(sorted(rows["size"].unique()))
    if quantity != "accuracy":
        ax.set_ylim(0, 1.03)
    numbers = pd.concat(lines).assign(case=case.title, quantity=quantity)
    return Panel(
        figure, f"{case.title}, {ylabel}: {'; '.join(said)}.", numbers, [*methods.values()]
    )
