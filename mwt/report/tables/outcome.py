"""What came out, in sentences: the claims, and a network at the operating point."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from ...data import short_name
from ...results.claims import Finding
from ...results.measured import over_seeds
from ...results.measures import accuracy_loss, runs_by_network
from ...results.names import display_name
from ...results.reported import reported
from ...results.rules import HOLDS, NOT, NOT_RUN, WEAKER
from ...results.tidy import select
from ...study.parameters import Study
from .base import cell

FARED = {  # of one claim, of several
    HOLDS: ("holds here", "hold here"),
    WEAKER: ("is weaker here", "are weaker here"),
    NOT: ("does not hold here", "do not hold here"),
    NOT_RUN: ("has no verdict", "have no verdict"),
}
OPERATING = {  # our quantity, its word, the column of the reported table, and its unit
    "kernel_retention_rate": ("KRR", "krr_pct", 100),
    "cohesion": ("cohesion", "cohesion", 1),
    "coupling": ("coupling", "coupling", 1),
}


def fared(findings: Sequence[Finding]) -> str:
    """Say how many claims got which verdict, and how many of them are in doubt."""
    counts = Counter(finding.verdict for finding in findings)
    parts = [
        f"{counts[verdict]} {one if counts[verdict] == 1 else more}"
        for verdict, (one, more) in FARED.items()
        if counts[verdict]
    ]
    text = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    doubts = sum(finding.doubtful for finding in findings)
    if not doubts:
        return text
    return f"{text}; {doubts} of these verdicts {'is' if doubts == 1 else 'are'} uncertain"


def exceptions(findings: Sequence[Finding]) -> str:
    """Name the claims that do not simply hold; empty if all do."""
    parts = []
    for verdict, word in ((WEAKER, "Weaker"), (NOT, "Not so"), (NOT_RUN, "Without a verdict")):
        titles = [f"“{one.claim.title}”" for one in findings if one.verdict == verdict]
        if titles:
            parts.append(f"{word}: {'; '.join(titles)}.")
    return " ".join(parts)


def accuracy_lost(results: pd.DataFrame, study: Study) -> str:
    """Say what modular training costs each network of the study's data, beside the paper's."""
    dataset = short_name(study.config.dataset)
    parts = []
    for (model, data), runs in runs_by_network(results, study).items():
        loss = over_seeds([accuracy_loss(one) for one in runs])
        if data != dataset or loss.missing:
            continue
        paper = in_the_paper(model, dataset)
        theirs = {
            form: float(paper[f"{form}_accuracy_pct"].iloc[0])
            for form in ("standard", "modular")
            if len(paper)
        }
        beside = f" (paper: {theirs['standard'] - theirs['modular']:.2f})" if theirs else ""
        low, high = loss.interval or (loss.value, loss.value)
        parts.append(f"{display_name(model)} {loss.value:.1f} [{low:.1f}, {high:.1f}]{beside}")
    if not parts:
        return ""
    text = "; ".join(parts).replace("-", "\N{MINUS SIGN}")
    return (
        "Modular training costs, in points of test accuracy with 95 % intervals (below 0: a gain): "
        f"{text}."
    )


def at_operating_point(results: pd.DataFrame, study: Study) -> str:
    """Say how modular the study's network is at the operating point, beside the paper's."""
    model, dataset = study.config.model, short_name(study.config.dataset)
    at = select(results, model=model, dataset=dataset, classes="all", method="modular")
    at = select(at, threshold=study.threshold)
    paper = in_the_paper(model, dataset)
    parts = []
    for quantity, (word, column, unit) in OPERATING.items():
        found = cell(at, quantity)
        if not isinstance(found, str):
            continue
        beside = f" (paper: {paper[column].iloc[0] / unit:.4f})" if len(paper) else ""
        parts.append(f"{word} {found}{beside}")
    if not parts:
        return ""
    return (
        f"At threshold {study.threshold:g} the modules of {display_name(model)}, one for each "
        f"class, have {', '.join(parts)}."
    )


def in_the_paper(model: str, dataset: str) -> pd.DataFrame:
    """Return the line of the paper's table for a network; none if it has none."""
    table = reported()["table_2"]
    return select(
        pd.DataFrame(table["rows"], columns=table["columns"]), model=model, dataset=dataset
    )
