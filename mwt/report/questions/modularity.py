"""How modular networks get: kernel retention rate, cohesion and coupling."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import fewer, more, of
from ...results.measures import kernels_kept
from ...results.reported import reported
from ...results.tidy import estimate
from ..style import BLUE, INK, Key
from ..tables.base import QUANTITIES, cell
from ..tables.outcome import OPERATING, in_the_paper
from .base import AGAINST, OPEN, Case, Said, by_limit, listed, measured
from .panels import Panel, small

THINNED = 20  # percent fewer kernels than in the standard network: less is hardly thinned out
TELLS = 0.05  # cohesion that differs by less hardly tells two networks apart
WIDE = 0.1  # half of an interval: a share is then known to a fifth of its range


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say how modular the networks of a profile get."""
    return [
        *of_size(cases),
        *of_thinning(cases),
        *of_coupling(cases),
        *of_cohesion(cases),
        *of_intervals(cases),
    ]


def of_size(cases: Sequence[Case]) -> list[Said]:
    """Say how many kernels a module keeps."""
    limit = reported()["seed_readme"]["average_kernel_retention_rate_pct"]
    return by_limit(
        measured(cases, kernels_kept),
        limit,
        (
            f"{{Count}}: the module of a class keeps no more than {limit} % of the kernels, the "
            "paper's average. Percent kept: {list}.",
            f"{{Count}}: the module of a class keeps more than {limit} % of the kernels, the "
            f"paper's average. Percent kept: {{list}}{papers_own(cases)}.",
            f"Undecided, because the interval contains the paper's average of {limit} %: {{list}}.",
        ),
    )


def papers_own(cases: Sequence[Case]) -> str:
    """Return what the paper's table has for these networks, in brackets; empty without any."""
    papers = [(case.name, in_the_paper(case.model, case.dataset)) for case in cases]
    theirs = [f"{name} {paper['krr_pct'].iloc[0]:.1f}" for name, paper in papers if len(paper)]
    return f" (in the paper's table: {'; '.join(theirs)})" if theirs else ""


def of_thinning(cases: Sequence[Case]) -> list[Said]:
    """Say whether a class's module has fewer kernels than a class uses in the standard network."""
    return by_limit(
        measured(cases, fewer("kernel_retention_rate")),
        THINNED,
        (
            f"{{Count}}: the module of a class keeps over {THINNED} % fewer kernels than the class "
            "uses in the standard network. Percent fewer: {list}.",
            "Modular training hardly thins out the network: the module of a class keeps less than "
            f"{THINNED} % fewer kernels than the class uses in the standard network. Percent "
            "fewer: {list}.",
            f"Undecided, because the interval contains {THINNED} % fewer kernels than in the "
            "standard network: {list}.",
        ),
        better="more",
    )


def of_coupling(cases: Sequence[Case]) -> list[Said]:
    """Say whether classes share fewer kernels than in the standard network."""
    return by_limit(
        measured(cases, more("coupling")),
        0,
        (
            "{Count}: modules of different classes overlap less than the kernels that the classes "
            "use in the standard network. Change of coupling: {list}.",
            "Modules of different classes overlap no less than the kernels that the classes use in "
            "the standard network. Change of coupling: {list}.",
            "Undecided, because the interval contains 0. Change of coupling: {list}.",
        ),
        style=".2f",
    )


def of_cohesion(cases: Sequence[Case]) -> list[Said]:
    """Say whether cohesion tells a modular network from a standard one."""
    changes = measured(cases, more("cohesion"))
    blind = {case: number for case, number in changes.items() if number.value < TELLS}
    if not blind:
        return []
    return [
        Said(
            "Cohesion is hardly higher in the modular network than in the standard one, or it is "
            f"lower. Modular minus standard: {listed(blind, '.3f', interval=False)}. Cohesion "
            "alone says little: if all images use the same kernels it is 1, in any network.",
            AGAINST,
        )
    ]


def of_intervals(cases: Sequence[Case]) -> list[Said]:
    """Say which intervals are too wide."""
    wide = [
        f"{QUANTITIES[quantity][0]} of {case.name} ({cell(case.at, quantity, **MODULES)})"
        for case in cases
        for quantity in OPERATING
        if (number := case.number(of("modular", quantity))).interval
        and number.interval[1] - number.interval[0] > 2 * WIDE
    ]
    if not wide:
        return []
    return [
        Said(
            f"Known only roughly, because the seeds gave different results: {'; '.join(wide)}.",
            OPEN,
        )
    ]


MODULES = {"method": "modular", "classes": "all"}


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network."""
    paper = in_the_paper(case.model, case.dataset)
    line: dict[str, object] = {}
    for quantity, (word, column, unit) in OPERATING.items():
        for method in ("standard", "modular"):
            line[f"{word}, {method}"] = cell(case.at, quantity, method=method, classes="all")
        line[f"{word}, paper"] = (
            f"{paper[column].iloc[0] / unit:.3f}" if len(paper) else float("nan")
        )
    return [line]


ROWS = (
    "Kernel retention rate, cohesion and coupling at the operating point. Modular: of the modules "
    "of single classes. Standard: of the kernels that fire for a class in the standard network."
)

KEYS: tuple[Key, ...] = (
    (INK, "s", "kernels that fire in the standard network"),
    (BLUE, "o", "modules of the modular network"),
)
PANELS = (
    "Low is good for the kernel retention rate (KRR) and coupling, high for cohesion. Bars: 95 % "
    "intervals over seeds, where there are several."
)


def panels(case: Case, _others: Sequence[Case]) -> list[Panel]:
    """Draw the three measures before and after."""
    figure, ax = small(case, "", "share")
    numbers, said = [], []
    for place, (quantity, (word, _, _)) in enumerate(OPERATING.items()):
        for offset, (colour, marker, _), method in zip(
            (-0.13, 0.13), KEYS, ("standard", "modular"), strict=True
        ):
            found = estimate(case.at, quantity=quantity, method=method, classes="all")
            at, bar = [place + offset], found.half
            ax.errorbar(at, [found.mean], yerr=bar, marker=marker, color=colour, capsize=3)
            numbers.append(
                {"case": case.title, "measure": word, "network": method}
                | {"mean": found.mean, "half": found.half}
            )
            said.append(f"{word}, {method}: {found.mean:.3f}")
    ax.set(xlim=(-0.4, 2.7), ylim=(0, 1.03))
    first, second, third = (word for word, _, _ in OPERATING.values())
    ax.set_xticks(range(3), [first, f"\n{second}", third])  # beside each other they would touch
    return [Panel(figure, f"{case.title}: {'; '.join(said)}.", pd.DataFrame(numbers), KEYS)]
