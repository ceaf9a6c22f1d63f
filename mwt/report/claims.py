"""The paper's claims, and what a run says of each: computed from its results, never typed."""

from __future__ import annotations

from dataclasses import dataclass
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
    better: str
    tolerance: float
    bound: float
    because: str
    figure: dict[str, Any]
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
    value
        Their mean; None if nothing was measured.
    interval
        The mean's 95 % interval: Student's t over the networks; of a single one, its own.
    verdict
        One of `VERDICTS`.
    """

    claim: Claim
    networks: dict[str, Measured]
    value: float | None
    interval: tuple[float, float] | None
    verdict: str


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
    networks = {
        name: Network(rows, study.threshold, study.subtask) for name, rows in by_network(results)
    }
    return [judge(claim, networks) for claim in claims()]


def judge(claim: Claim, networks: dict[str, Network]) -> Finding:
    """Return what the networks say of one claim; those without its number have no say."""
    found = {name: MEASURES[claim.measure](network) for name, network in networks.items()}
    found = {name: measured for name, measured in found.items() if not pd.isna(measured.value)}
    if not found:
        return Finding(claim, {}, None, None, NOT_RUN)
    values = [measured.value for measured in found.values()]
    centre, low, high = mean_and_interval(values)
    interval = (low, high) if len(values) > 1 else next(iter(found.values())).interval
    against = max(measured.against for measured in found.values())
    return Finding(claim, found, centre, interval, verdict(claim, centre, against))


def verdict(claim: Claim, value: float, against: float) -> str:
    """Judge a number by a claim's rule."""
    sign = {"less": -1, "more": 1}[claim.better]
    if sign * (value - claim.bound) <= 0 or (claim.slack is not None and against > claim.slack):
        return NOT
    return REPRODUCED if sign * (value - claim.reported) >= -claim.tolerance else DIRECTION


def ends(finding: Finding) -> tuple[float, float] | None:
    """Return what a change goes from and to, on average over the networks."""
    pairs = [measured.ends for measured in finding.networks.values() if measured.ends]
    return (mean(p[0] for p in pairs), mean(p[1] for p in pairs)) if pairs else None
