"""The paper's claims, and what a run says of each: computed from its results, never typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from statistics import mean
from typing import Any

import pandas as pd
import yaml

from ..parameters import Study
from .measures import MEASURES, Measured, Network
from .results import by_network, mean_and_interval

REPRODUCED, DIRECTION, NOT, NOT_RUN = VERDICTS = (
    "reproduced",
    "same direction",
    "not reproduced",
    "not run",
)


@dataclass(frozen=True)
class Claim:
    """A claim of the paper and the rule by which it is judged; see ``claims.yaml``."""

    id: str
    title: str
    words: str
    place: str
    reported: float
    unit: str
    measure: str
    meaning: str
    better: str
    tolerance: float
    bound: float
    because: str
    shown: dict[str, Any]
    networks: tuple[str, ...] | None = None
    beside: dict[str, str] | None = None
    but: str | None = None
    ends: tuple[float, float] | None = None
    slack: float | None = None


@dataclass(frozen=True)
class Finding:
    """What a run says of a claim.

    Attributes
    ----------
    claim
        The claim.
    networks
        Its number for each network that was measured, by name.
    beside
        For each of these networks the other measures, by what they are of.
    judged
        The number that decides: of the networks that the claim is about, else of all. None if it
        was not measured.
    overall
        The number of all networks; None if nothing was measured.
    verdict
        One of `VERDICTS`.
    """

    claim: Claim
    networks: dict[str, Measured]
    beside: dict[str, dict[str, Measured]]
    judged: Measured | None
    overall: Measured | None
    verdict: str

    @property
    def doubts(self) -> list[str]:
        """The verdicts at both ends of the interval, where they are not the same."""
        return at_ends(self.claim, self.judged) if self.judged else []


@cache
def claims() -> tuple[Claim, ...]:
    """Return the claims in the order of the file."""
    entries = yaml.safe_load(Path(__file__).with_name("claims.yaml").read_text())
    return tuple(Claim(**entry) for entry in entries)


def judged(results: pd.DataFrame, study: Study) -> list[Finding]:
    """Return what the results of a profile say of every claim.

    Parameters
    ----------
    results
        Rows of ``results.csv``; none if nothing was run.
    study
        Its threshold is the operating point, its classes are the sub-task.
    """
    return [judge(claim, results, study) for claim in claims()]


def judge(claim: Claim, results: pd.DataFrame, study: Study) -> Finding:
    """Return what the results say of one claim; networks without its number have no say."""
    found, beside, own = {}, {}, []
    for name, rows in by_network(results):
        network = Network(rows, study.threshold, study.subtask, study.num_classes)
        measured = MEASURES[claim.measure](network)
        if not pd.isna(measured.value):
            found[name] = measured
            others = (claim.beside or {}).items()
            beside[name] = {label: MEASURES[measure](network) for label, measure in others}
            if claim.networks is None or rows["model"].iloc[0] in claim.networks:
                own.append(measured)
    overall = together(list(found.values()))
    decides = of_these(own) if claim.networks else overall
    reached = verdict(claim, decides) if decides else NOT_RUN
    return Finding(claim, found, beside, decides, overall, reached)


def together(numbers: Sequence[Measured]) -> Measured | None:
    """Return the mean over all networks with its interval; of one, itself; of none, None."""
    if len(numbers) < 2:
        return numbers[0] if numbers else None
    centre, low, high = mean_and_interval([number.value for number in numbers])
    pairs = [number.ends for number in numbers if number.ends]
    return Measured(
        centre,
        (low, high),
        (mean(p[0] for p in pairs), mean(p[1] for p in pairs)) if pairs else None,
        max(number.against for number in numbers),
    )


def of_these(numbers: Sequence[Measured]) -> Measured | None:
    """Return the mean of the numbers of the networks that a claim is about.

    They are not a sample of networks: its interval comes from those of the numbers, as the root of
    the sum of their squared halves; where one has none, neither has the mean.
    """
    mean_of_all = together(numbers)
    if mean_of_all is None or len(numbers) < 2:
        return mean_of_all
    spread = None
    if all(number.interval for number in numbers):
        low, high = (
            sum((n.value - n.interval[end]) ** 2 for n in numbers if n.interval) ** 0.5
            for end in (0, 1)
        )
        centre, count = mean_of_all.value, len(numbers)
        spread = centre - low / count, centre + high / count
    return replace(mean_of_all, interval=spread)


def verdict(claim: Claim, number: Measured) -> str:
    """Judge a number by a claim's rule."""
    sign = {"less": -1, "more": 1}[claim.better]
    turns_back = claim.slack is not None and number.against > claim.slack
    if sign * (number.value - claim.bound) <= 0 or turns_back:
        return NOT
    near = sign * (number.value - claim.reported) >= -claim.tolerance
    return REPRODUCED if near else DIRECTION


def at_ends(claim: Claim, number: Measured) -> list[str]:
    """Return the verdicts at both ends of a number's interval, where they are not the same."""
    found = [
        verdict(claim, replace(number, value=end)) for end in number.interval or (number.value,)
    ]
    return found if len(set(found)) > 1 else []
