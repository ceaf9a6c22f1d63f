"""Claims in words and numbers: the overview, and one claim in detail."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from ..agree import TOLERANCES
from ..claims import NOT_RUN, VERDICTS, Claim, Finding
from ..measures import Measured
from .base import shown

SIGNS = dict(zip(VERDICTS, "✓↗✗–", strict=True))
UNITS = {"points": " points", "percent": " %", "share": ""}


def number(claim: Claim, value: float, digits: str | None = None) -> str:
    """Return a number in a claim's unit; of a change with its sign."""
    value = round(value, 3 if claim.unit == "share" else 1) if digits is None else value
    style = digits or (".3f" if claim.unit == "share" else ".1f")
    change = "+" if claim.ends and value else ""
    return f"{value or 0:{change}{style}}{unit(claim)}".replace("-", "−")


def unit(claim: Claim) -> str:
    """Return a claim's unit; percents change by points."""
    return UNITS["points" if claim.ends and claim.unit == "percent" else claim.unit]


def as_reported(claim: Claim) -> str:
    """Return the paper's number, with all the digits that it has."""
    text = number(claim, claim.reported, "g")
    return f"{text} ({span(claim, claim.ends, 'g')})" if claim.ends else text


def span(claim: Claim, pair: Sequence[float], style: str) -> str:
    """Return what a change goes from and to."""
    return f"{pair[0]:{style}} → {pair[1]:{style}}{UNITS[claim.unit]}"


def measured(claim: Claim, one: Measured | None) -> str:
    """Return a number of this run with its interval and, of a change, its ends."""
    if one is None:
        return NOT_RUN
    text = number(claim, one.value)
    if one.interval:
        low, high = (number(claim, bound).removesuffix(unit(claim)) for bound in one.interval)
        text += f" [{low}, {high}]"
    style = ".3f" if claim.unit == "share" else ".1f"
    return text + (f" ({span(claim, one.ends, style)})" if one.ends else "")


def badge(verdict: str, count: str = "", doubtful: bool = False) -> str:
    """Return a verdict as a label with a sign, so that colour is not all that tells it.

    A question mark says that another verdict lies within the interval.
    """
    doubt = '<span title="the interval reaches another verdict"> (?)</span>' if doubtful else ""
    return (
        f'<span class="mwt-verdict mwt-{verdict.replace(" ", "-")}">'
        f'<span aria-hidden="true">{SIGNS[verdict]}</span> {count}{verdict}{doubt}</span>'
    )


def overview(findings: Sequence[Finding], anchors: Sequence[str]) -> HTML:
    """Return all claims at a glance: the verdict, the paper's number, this run's."""
    rows = []
    for finding, anchor in zip(findings, anchors, strict=True):
        claim, here = finding.claim, measured(finding.claim, finding.judged)
        if finding.judged != finding.overall:
            here += f"; all networks: {measured(claim, finding.overall)}"
        rows.append(
            {
                "claim": f'<a href="#{anchor}">{html.escape(claim.title)}</a>',
                "verdict": badge(finding.verdict, doubtful=bool(finding.doubts)),
                "paper": as_reported(claim),
                "here": here,
            }
        )
    caption = (
        "In brackets: the 95 % interval that accuracies have from the number of test images "
        "(Newcombe), and that a mean over all networks has from how they differ (Student's t); "
        "elsewhere none; (?) where it reaches another verdict. An arrow goes from threshold 0.1 to "
        "0.9. Where a claim is about some of the networks, these decide. Each network was trained "
        "with one seed: the same run on another "
        f"machine may differ by {TOLERANCES['accuracy']:g} in accuracy and by "
        f"{TOLERANCES['coupling']:g} in KRR, cohesion or coupling, and a verdict so near to its "
        "limit may turn."
    )
    return shown(pd.DataFrame(rows).set_index("claim"), caption, escape=False, kind="mwt-words")


def verdict_counts(findings: Sequence[Finding]) -> HTML:
    """Return how many claims got which verdict, and how many of them are in doubt."""
    counts = Counter(finding.verdict for finding in findings)
    doubts = sum(bool(finding.doubts) for finding in findings)
    text = " ".join(badge(v, f"{counts[v]} ") for v in VERDICTS if counts[v])
    if doubts:
        text += f" (for {doubts} of them the interval reaches another verdict)"
    return HTML(text)


def rule(claim: Claim) -> str:
    """Say by which rule a claim is judged."""
    side, worse = {"less": ("at most", 1), "more": ("at least", -1)}[claim.better]
    reached = number(claim, claim.reported + worse * claim.tolerance, ".6g")
    beyond = {"less": "below", "more": "above"}[claim.better]
    text = (
        f"Reproduced: {side} {reached}, the paper's number or better, to within "
        f"{apart(claim, claim.tolerance)}. Same direction: {beyond} "
        f"{number(claim, claim.bound, 'g')} ({claim.because})."
    )
    if claim.slack is not None:
        text += " No step between neighbouring thresholds may go the other way"
        text += f" by more than {apart(claim, claim.slack)}."
    return text


def apart(claim: Claim, difference: float) -> str:
    """Return how far apart two numbers of a claim are: percents differ by points."""
    return f"{difference:g}{'' if claim.unit == 'share' else UNITS['points']}"


def doubt(finding: Finding) -> str:
    """Say so where the interval of the judged number reaches into another verdict."""
    ends = [f"“{verdict}”" for verdict in finding.doubts]
    return f"(?) its interval reaches from {' to '.join(ends)}" if ends else ""


def others(finding: Finding, name: str) -> str:
    """Return the measures beside a claim's number of a network."""
    claim, found = finding.claim, finding.beside[name]
    return "".join(
        f"; {label}: {measured(claim, None if pd.isna(one.value) else one)}"
        for label, one in found.items()
    )
