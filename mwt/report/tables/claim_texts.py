"""Claims in words and numbers: the overview, and one claim in detail."""

import html
from collections.abc import Mapping, Sequence

import pandas as pd
from IPython.display import HTML

from ...results.claims import Finding, Judgement
from ...results.measured import Measured
from ...results.names import display_name, display_names
from ...results.rules import HOLDS, NOT_RUN, VERDICTS, WEAKER, Claim, turns_back
from .base import html_table

SIGNS = dict(zip(VERDICTS, "✓◐✗–", strict=True))
UNITS = {"points": " points", "percent": " %", "share": ""}


def with_unit(claim: Claim, value: float, digits: str | None = None) -> str:
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
    text = with_unit(claim, claim.reported, "g")
    return f"{text} ({span(claim, claim.ends, 'g')})" if claim.ends else text


def span(claim: Claim, pair: Sequence[float], style: str) -> str:
    """Return what a change goes from and to."""
    return f"{pair[0]:{style}} → {pair[1]:{style}}{UNITS[claim.unit]}"


def measured(claim: Claim, one: Measured | None) -> str:
    """Return a number of this run with its interval and, of a change, its ends."""
    if one is None:
        return NOT_RUN
    text = with_unit(claim, one.value)
    if one.interval:
        low, high = (with_unit(claim, bound).removesuffix(unit(claim)) for bound in one.interval)
        text += f" [{low}, {high}]"
    style = ".3f" if claim.unit == "share" else ".1f"
    return text + (f" ({span(claim, one.ends, style)})" if one.ends else "")


def badge(verdict: str, doubtful: bool = False) -> str:
    """Return a verdict as a label with a sign, so that colour is not all that tells it.

    A question mark says that another verdict is within reach.
    """
    doubt = '<span title="another verdict is within reach"> (?)</span>' if doubtful else ""
    return (
        f'<span class="mwt-verdict mwt-{verdict.replace(" ", "-")}">'
        f'<span aria-hidden="true">{SIGNS[verdict]}</span> {verdict}{doubt}</span>'
    )


def overview(
    findings: Mapping[str, Sequence[Finding]], anchors: Sequence[str], files: str = ""
) -> HTML:
    """Return all claims at a glance: the paper's number, and each profile's verdict and number.

    Parameters
    ----------
    findings
        What each profile says of every claim, by the title of its column.
    anchors
        Where each claim is told at length.
    files
        HTML to append to the caption.
    """
    rows = []
    for anchor, *of_claim in zip(anchors, *findings.values(), strict=True):
        claim = of_claim[0].claim
        link = f'<a href="#{anchor}">{html.escape(claim.title)}</a>'
        row = {"claim": link, "paper": headed("paper", as_reported(claim))}
        for title, one in zip(findings, of_claim, strict=True):
            label = badge(one.verdict, doubtful=one.doubtful)
            text = reached(claim, one.decides).removeprefix(f"{NOT_RUN}: ")
            text += f"; {by_budget(one)}" if one.reduced else ""
            row[html.escape(title)] = headed(title, f"{label} {html.escape(text)}")
        rows.append(row)
    counts = " ".join(f"{html.escape(t)}: {trainings(some)}" for t, some in findings.items())
    caption = (
        f"{counts} In brackets: 95 % intervals. For several seeds they are Student's t over the "
        "seeds; for one training only accuracies have one, from the number of test images "
        "(Newcombe). For a claim about several networks, interval and number are of their mean. "
        "(?): the interval reaches another verdict, or a number without an interval is close to a "
        "limit. An arrow leads from threshold 0.1 to threshold 0.9. Only the networks that a claim "
        f"is about decide. {files}"
    )
    return html_table(
        pd.DataFrame(rows).set_index("claim"), caption, escape=False, kind="mwt-words"
    )


def headed(head: str, text: str) -> str:
    """Return a cell that names its column itself where a page is too narrow for the head."""
    return f'<span class="mwt-head">{html.escape(head)}: </span>{text}'


def reached(claim: Claim, one: Judgement) -> str:
    """Return the number that decides and whose it is, or why there is none."""
    if one.judged is None:
        return f"{NOT_RUN}: {one.lacks}"
    return f"{measured(claim, one.judged)}, {one.name}, {averaged_over(one.judged.seeds)}"


def averaged_over(count: int) -> str:
    """Say of how many trainings a number is."""
    return "one run" if count == 1 else f"mean of {count} seeds"


def trainings(findings: Sequence[Finding]) -> str:
    """Say with how many seeds the networks were trained, and what that means for verdicts."""
    counts = {one.seeds for finding in findings for one in finding.networks.values()}
    if max(counts, default=1) == 1:
        return (
            "each network was trained once, so another seed or machine may change a verdict that "
            "is close to its limit."
        )
    some = " to ".join(str(count) for count in sorted({min(counts), max(counts)}))
    return f"numbers are means over {some} seeds."


def judged_on(finding: Finding) -> str:
    """Say on which data a claim was judged where these are not the paper's, or are several."""
    claim, parts = finding.claim, finding.judgements
    there = [one.dataset for one in parts if one.judged]
    text = ""
    if there and set(there) != set(claim.datasets):
        text = (
            f"judged on {display_names(there)}; the paper's number is for "
            f"{display_names(claim.datasets)}"
        )
    if len(parts) > 1:
        each = [
            f"{display_name(one.dataset)}: {one.verdict}, "
            f"{measured(claim, one.judged) if one.judged else one.lacks}"
            for one in parts
        ]
        text = "; ".join([*filter(None, [text]), *each, "the least favourable decides"])
    return text


def rule(claim: Claim) -> str:
    """Say by which rule a claim is judged."""
    text = (
        f"Holds here: {near(claim)}. Why {'this' if claim.tolerance else 'no'} tolerance: "
        f"{claim.within_because}. Weaker here: "
        f"{beyond(claim)} ({claim.because})."
    )
    if claim.slack is not None:
        text += " No step between neighbouring thresholds may go the other way"
        text += f" by more than {apart(claim, claim.slack)}."
    return text


def near(claim: Claim) -> str:
    """Say which numbers are the paper's or better."""
    side, worse = {"less": ("at most", 1), "more": ("at least", -1)}[claim.better]
    limit = with_unit(claim, claim.reported + worse * claim.tolerance, ".6g")
    within = f", with a tolerance of {apart(claim, claim.tolerance)}" if claim.tolerance else ""
    return f"{side} {limit} (the paper's number or better{within})"


def beyond(claim: Claim) -> str:
    """Say which numbers are on the better side of a claim's bound."""
    side = {"less": "below", "more": "above"}[claim.better]
    return f"{side} {with_unit(claim, claim.bound, 'g')}"


def why(finding: Finding) -> str:
    """Say why a claim got its verdict; empty if it was not run."""
    claim, one = finding.claim, finding.judged
    if one is None:
        return ""
    if finding.verdict == HOLDS:
        return f"it is {near(claim)}"
    if finding.verdict == WEAKER:
        return f"it is {beyond(claim)} ({claim.because}), but not {near(claim)}"
    if turns_back(claim, one):
        return (
            f"a step between neighbouring thresholds goes the other way by "
            f"{apart(claim, round(one.against, 4))}, more than {apart(claim, claim.slack or 0)}"
        )
    return f"it is not {beyond(claim)} ({claim.because})"


def apart(claim: Claim, difference: float) -> str:
    """Return how far apart two numbers of a claim are: percents differ by points."""
    return f"{difference:g}{'' if claim.unit == 'share' else UNITS['points']}"


def doubt(finding: Finding) -> str:
    """Say so where another verdict is within reach of the judged number."""
    ends = [f"“{verdict}”" for verdict in finding.doubts]
    if ends:
        return f"(?) its interval reaches from {' to '.join(ends)}"
    return "(?) one run without an interval, and close to a limit of the rule" * finding.close


def by_budget(finding: Finding) -> str:
    """Say so where a verdict depends on how long CNNSplitter may search."""
    return "CNNSplitter's search was not the published one" if finding.reduced else ""


def others(finding: Finding, network: tuple[str, str]) -> str:
    """Return the measures beside a claim's number of a network."""
    claim, found = finding.claim, finding.beside[network]
    return "".join(
        f"; {label}: {measured(claim, None if one.missing else one)}"
        for label, one in found.items()
    )
