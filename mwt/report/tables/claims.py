"""Claims in words and numbers: the overview, and one claim in detail."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

import pandas as pd
from IPython.display import HTML

from ..claims import NOT_RUN, VERDICTS, Claim, Finding, ends
from ..measures import Measured
from .base import shown

SIGNS = dict(zip(VERDICTS, "✓↗✗–", strict=True))
UNITS = {"points": " points", "percent": " %", "share": ""}


def number(claim: Claim, value: float) -> str:
    """Return a number in a claim's unit; of a change with its sign."""
    digits = 3 if claim.unit == "share" else 1
    change = "+" if claim.ends and value else ""
    unit = " points" if claim.ends and claim.unit == "percent" else UNITS[claim.unit]
    return f"{value:{change}.{digits}f}{unit}".replace("-", "−")


def as_reported(claim: Claim) -> str:
    """Return the paper's number, with all the digits that it has."""
    if not claim.ends:
        return f"{claim.reported:g}{UNITS[claim.unit]}"
    change = f"{claim.reported:+g}".replace("-", "−")
    unit = " points" if claim.unit == "percent" else ""
    return f"{change}{unit} ({span(claim, claim.ends, 'g')})"


def span(claim: Claim, pair: Sequence[float], style: str) -> str:
    """Return what a change goes from and to."""
    return f"{pair[0]:{style}} → {pair[1]:{style}}{UNITS[claim.unit]}"


def measured(finding: Finding) -> str:
    """Return this run's number with its interval."""
    claim = finding.claim
    if finding.value is None:
        return NOT_RUN
    text = number(claim, finding.value)
    if finding.interval:
        low, high = (number(claim, bound) for bound in finding.interval)
        unit = UNITS["points"] if claim.ends and claim.unit == "percent" else UNITS[claim.unit]
        text += f" [{low.removesuffix(unit)}, {high.removesuffix(unit)}]"
    both = ends(finding)
    style = ".3f" if claim.unit == "share" else ".1f"
    return text + (f" ({span(claim, both, style)})" if both else "")


def badge(verdict: str, count: str = "") -> str:
    """Return a verdict as a label with a sign, so that colour is not all that tells it."""
    return (
        f'<span class="mwt-verdict mwt-{verdict.replace(" ", "-")}">'
        f'<span aria-hidden="true">{SIGNS[verdict]}</span> {count}{verdict}</span>'
    )


def overview(findings: Sequence[Finding], anchors: Sequence[str]) -> HTML:
    """Return all claims at a glance: the paper's number, this run's, the verdict."""
    rows = [
        {
            "claim": f'<a href="#{anchor}">{html.escape(finding.claim.title)}</a>',
            "verdict": badge(finding.verdict),
            "paper": as_reported(finding.claim),
            "here": measured(finding),
        }
        for finding, anchor in zip(findings, anchors, strict=True)
    ]
    caption = (
        "In brackets: the 95 % interval over the networks (Student's t); of a single network, that "
        "of its accuracies (Newcombe). An arrow goes from threshold 0.1 to 0.9."
    )
    return shown(pd.DataFrame(rows).set_index("claim"), caption, escape=False, kind="mwt-words")


def verdict_counts(findings: Sequence[Finding]) -> HTML:
    """Return how many claims got which verdict."""
    counts = Counter(finding.verdict for finding in findings)
    return HTML(" ".join(badge(v, f"{counts[v]} ") for v in VERDICTS if counts[v]))


def rule(claim: Claim) -> str:
    """Say by which rule a claim is judged."""
    side, worse = {"less": ("at most", 1), "more": ("at least", -1)}[claim.better]
    reached = number(claim, claim.reported + worse * claim.tolerance)
    beyond = {"less": "below", "more": "above"}[claim.better]
    within = apart(claim, claim.tolerance)
    text = (
        f"Reproduced: {side} {reached}, the paper's number or better, to within {within}. "
        f"Same direction: {beyond} {number(claim, claim.bound)} ({claim.because})."
    )
    if claim.slack is not None:
        text += " No step between neighbouring thresholds may go the other way"
        text += f" by more than {apart(claim, claim.slack)}."
    return text


def apart(claim: Claim, difference: float) -> str:
    """Return how far apart two numbers of a claim are: percents differ by points."""
    unit = "" if claim.unit == "share" else UNITS["points"]
    return f"{difference:.2g}{unit}"


def detail(claim: Claim, one: Measured) -> str:
    """Return one network's number; its interval or ends where it has them."""
    alone = Finding(claim, {"": one}, one.value, one.interval, "")
    return measured(alone)
