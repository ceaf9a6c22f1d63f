"""What modularity costs: accuracy, time, and the mask generators."""

from collections.abc import Sequence

import pandas as pd

from ...results.contrasts import ratio
from ...results.measures import accuracy_loss
from ...results.reported import reported
from ...results.tidy import estimate, interval, value
from ..style import BLUE, INK, Key
from ..tables.base import cell
from ..tables.outcome import in_the_paper
from .base import GAIN, Case, Said, by_limit, listed, measured, number, span, without_batch_norm
from .panels import Panel, small

COSTS = {"flops": "multiply-adds", "parameters": "parameters", "latency_ms": "latency"}


def findings(cases: Sequence[Case]) -> list[Said]:
    """Say what modular training costs the networks of a profile."""
    return [*of_accuracy(cases), *of_time(cases), *of_generators(cases)]


def of_accuracy(cases: Sequence[Case]) -> list[Said]:
    """Say which networks lose no more than the paper's average."""
    losses = measured(cases, accuracy_loss)
    limit = reported()["seed_readme"]["average_accuracy_loss_pp"]
    said = by_limit(
        losses,
        limit,
        (
            f"{{Count}}: no more test accuracy is lost than the paper's average of {limit} "
            f"points: {{list}}. {GAIN}",
            f"More than {limit} points are lost, even at the better end of the interval: {{list}}"
            f"{papers_own(cases)}.",
            f"Undecided, because the interval contains {limit} points: {{list}}.",
        ),
    )
    return [*said, *without_batch_norm(losses)]


def papers_own(cases: Sequence[Case]) -> str:
    """Return what the paper's table has these networks lose, in brackets; empty without any."""
    theirs = [f"{c.name} {loss}" for c in cases if isinstance(loss := papers_loss(c), str)]
    return f" (in the paper's table: {'; '.join(theirs)})" if theirs else ""


def of_time(cases: Sequence[Case]) -> list[Said]:
    """Say how much longer modular training takes."""
    ratios = measured(cases, ratio("train_seconds"))
    if not ratios:
        return []
    machines = {name for case in ratios for name in case.results["machine"].dropna()}
    shared = any("jobs at once" in name for name in machines)
    more = " Several jobs shared the GPU, which may change these ratios." if shared else ""
    return [
        Said(
            "Time of modular training, divided by the time of standard training: "
            f"{listed(ratios, '.2f', interval=False)}.{more}"
        )
    ]


def of_generators(cases: Sequence[Case]) -> list[Said]:
    """Say what the mask generators of the uncut network cost."""
    parts = [
        f"{span(found)} times the {word}"
        for quantity, word in COSTS.items()
        if (found := measured(cases, ratio(quantity)))
    ]
    if not parts:
        return []
    return [
        Said(
            "The uncut modular network contains mask generators, which have a cost. Compared with "
            f"the standard network it has {', '.join(parts)}."
        )
    ]


def rows(case: Case) -> list[dict[str, object]]:
    """Return what the table says of a network."""
    whole = case.at[case.at["classes"] == "all"]
    line: dict[str, object] = {
        "standard": cell(whole, "accuracy", method="standard"),
        "modular": cell(whole, "accuracy", method="modular"),
        "points lost": number(case, accuracy_loss, ".1f", interval=True),
        "paper": papers_loss(case),
    }
    for quantity, word in {"train_seconds": "time", **COSTS}.items():
        line[f"{word} ×"] = number(case, ratio(quantity), ".2f")
    return [line]


def papers_loss(case: Case) -> str | float:
    """Return the points that the paper's table has this network lose; none if it has none."""
    paper = in_the_paper(case.model, case.dataset)
    if paper.empty:
        return float("nan")
    return f"{(paper['standard_accuracy_pct'] - paper['modular_accuracy_pct']).iloc[0]:.2f}"


ROWS = (
    "Test accuracy of both networks, uncut; the points that the modular one loses, with their 95 % "
    "interval, and the points lost in the paper; then training time and costs of the modular "
    "network, divided by those of the standard one."
)

KEYS: tuple[Key, ...] = ((INK, "s", "standard"), (BLUE, "o", "modular"))
PANELS = (
    "Test accuracy of the standard and the modular network, both uncut, with 95 % intervals: of "
    "one training from the number of test images (Wilson), of several over the seeds (Student's "
    "t). All panels of a data set have one scale, which does not begin at 0."
)


def panels(case: Case, others: Sequence[Case]) -> list[Panel]:
    """Draw the accuracy of both networks, on one scale with the others of the profile."""
    scores = pd.DataFrame({method: score(case, method) for _, _, method in KEYS}).T
    if scores.isna().all(axis=None):
        return []
    figure, ax = small(case, "", "test accuracy")
    for place, (colour, marker, method) in enumerate(KEYS):
        mean, low, high = scores.loc[method]
        bars = [[mean - low], [high - mean]]
        ax.errorbar([place], [mean], yerr=bars, marker=marker, color=colour, capsize=3)
    ends = [bound for one in others for _, _, m in KEYS for bound in score(one, m)[1:]]
    ax.set(xlim=(-0.5, 1.5), ylim=(min(ends) - 0.01, min(max(ends) + 0.01, 1.005)))
    ax.set_xticks([0, 1], [method for _, _, method in KEYS])
    said = "; ".join(f"{m} {mean:.3f}" for m, mean in scores["mean"].items())
    numbers = scores.rename_axis("network").reset_index().assign(case=case.title)
    return [Panel(figure, f"Test accuracy of {case.title}: {said}.", numbers, KEYS)]


def score(case: Case, method: str) -> pd.Series:
    """Return a network's accuracy with the bounds of its interval."""
    wanted = {"method": method, "classes": "all"}
    found = estimate(case.results, quantity="accuracy", **wanted)
    if found.half is None:
        images = value(case.results, quantity="test_images", **wanted)
        low, high = interval(found.mean, images) if found.values else (float("nan"),) * 2
    else:
        low, high = found.mean - found.half, min(found.mean + found.half, 1.0)
    return pd.Series({"mean": found.mean, "low": low, "high": high})
