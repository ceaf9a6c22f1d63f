"""What the threshold changes: the paper's fourth research question."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import change_of
from ...results.measured import Measured
from ...results.measures import (
    FIRST,
    LAST,
    change_of_modules,
    change_of_subtask_accuracy,
    change_of_subtask_krr,
    lost_to_best,
)
from ...results.tidy import curve
from ..figures.modularity import MEASURES
from ..figures.threshold import behind, papers_curves_of
from ..style import Key, draw
from .base import AGAINST, Case, Measure, Said, by_limit, listed, measured
from .panels import Panel, small

NEGLIGIBLE = 0.54  # points of accuracy that the authors' README calls negligible
CLOSE = 1  # point of accuracy
TURNS = 0.005  # a step the other way of less is no turn of a curve
SHARES: dict[str, tuple[Measure, str, str]] = {
    "cohesion": (change_of_modules("cohesion", 1), "more", "rises"),
    "coupling": (change_of_modules("coupling", 1), "less", "falls"),
}
KRR = change_of_modules("kernel_retention_rate", 100)


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say what a higher threshold does to modules, and where 0.9 is too high."""
    said = [*of_size(cases), *of_modularity(cases), *of_turns(cases)]
    return [*said, *of_finetuned(cases), *of_untrained(cases)]


def of_size(cases: Sequence[Case]) -> list[Said]:
    """Say how much smaller modules become."""
    return by_limit(
        measured(cases, KRR),
        0,
        (
            f"{{Count}}: when the threshold rises from {FIRST} to {LAST}, the modules of single "
            "classes become smaller. Change of their kernel retention rate, in points: {list}. (A "
            "higher threshold can only remove kernels, so what counts is how many.)",
            "Modules do not become smaller. Change of their kernel retention rate, in points: "
            "{list}.",
            "Undecided, because the interval contains 0: {list}.",
        ),
    )


def of_modularity(cases: Sequence[Case]) -> list[Said]:
    """Say whether cohesion rises and coupling falls."""
    return [
        said
        for word, (measure, better, moves) in SHARES.items()
        for said in by_limit(
            measured(cases, measure),
            0,
            (
                f"{{Count}}: {word} {moves} when the threshold rises from {FIRST} to {LAST}. "
                "Change: {list}.",
                f"{word.capitalize()} does not move in the paper's direction. Change: {{list}}.",
                f"{word.capitalize()}: undecided, because the interval contains 0: {{list}}.",
            ),
            better,
            ".3f",
        )
    ]


def of_turns(cases: Sequence[Case]) -> list[Said]:
    """Say which curves turn back on their way."""
    turns = [
        f"{word} of {case.name}, by {number.against:.3f}"
        for word, (measure, _, _) in SHARES.items()
        for case, number in measured(cases, measure).items()
        if number.against > TURNS
    ]
    return (
        [Said(f"Between neighbouring thresholds a curve turns back: {'; '.join(turns)}.", AGAINST)]
        if turns
        else []
    )


def of_finetuned(cases: Sequence[Case]) -> list[Said]:
    """Say what the threshold costs the fine-tuned module of the sub-task."""
    return by_limit(
        measured(cases, change_of_subtask_accuracy),
        -NEGLIGIBLE,
        (
            f"{{Count}}: from threshold {FIRST} to {LAST} the sub-task's fine-tuned module loses "
            f"less than {NEGLIGIBLE} points of accuracy, a loss that the paper calls negligible. "
            "Change in points: {list}.",
            f"From threshold {FIRST} to {LAST} the sub-task's fine-tuned module loses more than "
            f"{NEGLIGIBLE} points of accuracy. Change in points: {{list}}.",
            f"Accuracy of the sub-task's fine-tuned module from threshold {FIRST} to {LAST}: "
            "undecided, because the interval contains the loss that the paper calls negligible, "
            f"{NEGLIGIBLE} points. Change in points: {{list}}.",
        ),
        better="more",
    )


def of_untrained(cases: Sequence[Case]) -> list[Said]:
    """Say where the operating point is too high for modules that are not trained further."""
    found = measured(cases, lost_to_best("module-masked"))
    worse = {case: one for case, one in found.items() if one.value > CLOSE}
    if not worse:
        return []
    at = cases[0].study.threshold
    return [
        Said(
            f"Without fine-tuning, the default threshold of {at:g} is too high here. At the best "
            "threshold the sub-task's module with generators would be more accurate. Points more: "
            f"{listed(worse)}.",
            AGAINST,
        )
    ]


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network."""
    columns = {
        "KRR, %": (KRR, ".1f"),
        **{word: (measure, ".3f") for word, (measure, _, _) in SHARES.items()},
        "sub-task: KRR, %": (change_of_subtask_krr, ".1f"),
        "fine-tuned, %": (change_of("module-finetuned"), ".1f"),
        "with generators, %": (change_of("module-masked"), ".1f"),
        "folded, %": (change_of("module-folded"), ".1f"),
    }
    return [
        {label: ends(case.number(measure), style) for label, (measure, style) in columns.items()}
    ]


def ends(number: Measured, style: str) -> str | float:
    """Return what a change goes from and to; not a number if it was not measured."""
    if number.missing or number.ends is None:
        return float("nan")
    return " →\N{NO-BREAK SPACE}".join(f"{end:{style}}" for end in number.ends)


ROWS = (
    f"From threshold {FIRST} to {LAST}: kernel retention rate, cohesion and coupling of the "
    "modules of one class each; then of the study's sub-task the kernel retention rate of its "
    "module and the test accuracy of three forms of it."
)

PAPERS = {"kernel_retention_rate": "krr", "cohesion": "cohesion", "coupling": "coupling"}
KEYS: tuple[Key, ...] = tuple(MEASURES.values())
PANELS = (
    "The modules of one class each, on average, by threshold. Bands: 95 % intervals over seeds, "
    "where there are several. Hollow marks on dotted lines: the paper's ResNet18 on CIFAR-10, at "
    "full width; it drew no other network's."
)


def panels(case: Case, _others: Sequence[Case]) -> list[Panel]:
    """Draw the three measures over the threshold, the paper's behind its own network's."""
    figure, ax = small(case, "threshold", "share")
    paper = papers_curves_of(case.model, case.dataset)
    lines, said = [], []
    for quantity, (colour, marker, label) in MEASURES.items():
        wanted = {"classes": "all", "method": "modular", "quantity": quantity}
        line = curve(case.results, "threshold", **wanted)
        if line.empty:
            continue
        draw(ax, line, color=colour, marker=marker, markersize=3.5)
        if paper:
            behind(ax, paper["modularizing"][PAPERS[quantity]], colour, marker, "")
        lines.append(line.rename_axis("threshold").reset_index().assign(measure=label))
        said.append(f"{label} {line['mean'].iloc[0]:.3f} to {line['mean'].iloc[-1]:.3f}")
    ax.set(ylim=(0, 1.03), xlim=(0.05, 1.03))
    ax.set_xticks([0.1, 0.5, 0.9])
    if not lines:
        return []
    alt = f"{case.title}, from the lowest to the highest threshold: {'; '.join(said)}."
    return [Panel(figure, alt, pd.concat(lines).assign(case=case.title), KEYS)]
