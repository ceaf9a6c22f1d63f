"""``python -m mwt.results.agree FRESH PUBLISHED``: whether two ``results.csv`` say the same.

The last digits of a training depend on the machine, and a training multiplies them: on another
processor it is another run, as with another seed. So a value is not compared with one published
number, but with what the published seeds say it scatters.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ..study import parameters
from ..study.parameters import Study
from ..study.stages.reuse import UNTRAINED
from ..study.stages.worth import SMALL
from ..support.command import run
from ..support.errors import UsageError
from .claims import Finding, judged, verdict
from .measured import Measured
from .tidy import KEYS, read_results

LEVEL = 0.95  # of the prediction interval
# How far from the mean a value may lie, in half-widths of its interval, and how many may lie
# outside of theirs. Of many values some do by chance, those of one network move together, and cuts
# without generators either work or do not. Of three published seeds each held against the other
# two, 1 to 8 % lay outside, the farthest at 3.5; another learning rate of one network was seen at
# 5.6.
FARTHEST = 4.0
SHARE = 0.1
# What a difference must exceed to be one, whatever the seeds say: a few seeds may agree by chance.
FLOORS = {
    "accuracy": 0.02,
    "kernel_retention_rate": 0.03,
    "kernel_retention_rate_by_sum": 0.03,
    "cohesion": 0.02,
    "coupling": 0.03,
}
CLAIM_FLOORS = {"points": 2.0, "percent": 3.0, "share": 0.02}  # the same, by a claim's unit
COSTS = (
    *("flops", "parameters", "full_flops", "full_parameters", "full_bytes"),
    *("module_flops", "width"),  # of a small network as large as a module
)
RELATIVE_FLOORS = dict.fromkeys(COSTS, 0.1)  # of the value; they follow the kernels kept
EXACT = ("test_images",)
TIMES = (
    *("train_seconds", "modularize_seconds", "latency_ms"),
    *("full_latency_1_ms", "full_latency_64_ms"),
)
NOT_COMPARED = dict.fromkeys(TIMES, "time of another machine")
# At threshold 1 one image decides whether a kernel stays: rounding alone gave the same module
# accuracies of 0.66, 0.89 and 0.98.
NOT_AT_ONE = {
    "accuracy of untrained modules at threshold 1": "one image decides whether a kernel stays"
}
# Whose small networks may lie farther, if not many values do. Of 50 trainings of SimCNN on three
# digits (8 seeds, 4 widths around a module's, 2 learning rates), 47 ended at 0.95 to 1 and three
# at 0.83, 0.89 and 0.91: without batch norm and with few images, a class is lost now and then. Of
# 15 of ResCNN, which has none either, all ended at 0.96 to 1.
UNSTEADY = "simcnn"
CLAIMS_NOT_COMPARED = {"half-the-time": "a ratio of times, which differs between processors"}


def compared(fresh: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Return each value of a fresh run beside its prediction interval.

    The scatter of a value is the larger of two standard deviations: that of its own over the seeds,
    and that of its kind (quantity, method, threshold; all classes or a sub-task) pooled over
    networks and sub-tasks, since that of few seeds alone is often too small by chance. The interval
    is Student's t at 95 %, for the mean of the fresh seeds, and at least as wide as `FLOORS`.

    Parameters
    ----------
    fresh, published
        Rows of ``results.csv``; the published ones of at least two seeds.

    Returns
    -------
    DataFrame
        One line a value: its keys, ``fresh``, ``mean``, ``half`` (of the interval) and ``ratio``,
        the distance to the mean in halves; infinite where one side lacks it.

    Raises
    ------
    UsageError
        If only one seed was published.
    """
    if published["seed"].nunique() < 2:
        raise UsageError(
            "the published results have one seed, which says nothing of scatter: publish several, "
            "`make book SEEDS=all && make publish`."
        )
    keys = [key for key in KEYS if key != "seed"]
    sides = []
    for rows, name in ((fresh, "fresh"), (published, "published")):
        untrained = rows["method"].isin(UNTRAINED) & (rows["quantity"] == "accuracy")
        rows = rows[~rows["quantity"].isin(NOT_COMPARED) & ~(untrained & (rows["threshold"] == 1))]
        by_seed = rows.groupby(keys, dropna=False)["value"]
        sides.append(by_seed.agg([("mean", "mean"), ("std", "std"), ("seeds", "count")]))
        sides[-1].columns = [f"{column}_{name}" for column in sides[-1].columns]
    both = sides[0].join(sides[1], how="outer").reset_index()
    both = both.rename(columns={"mean_fresh": "fresh", "mean_published": "mean"})
    both["half"] = half_widths(both)
    distance = (both["fresh"] - both["mean"]).abs()
    both["ratio"] = np.where(distance == 0, 0.0, distance / both["half"])
    both["ratio"] = both["ratio"].fillna(np.inf)
    return both[[*keys, "fresh", "mean", "half", "ratio"]]


def half_widths(both: pd.DataFrame) -> pd.Series:
    """Return half of each value's prediction interval."""
    kind = [both["quantity"], both["method"], both["threshold"].fillna(0)]
    kind.append(both["classes"] == "all")
    relative = both["quantity"].isin(RELATIVE_FLOORS)
    unit = both["mean"].abs().where(relative, 1.0)
    freedom = (both["seeds_published"] - 1).clip(lower=0).fillna(0)
    variance = (both["std_published"] / unit) ** 2
    total = (variance * freedom).fillna(0).groupby(kind).transform("sum")
    degrees = freedom.groupby(kind).transform("sum").clip(lower=1)
    own = variance.fillna(0) ** 0.5
    pooled = (total / degrees) ** 0.5
    scatter = np.maximum(own, pooled)
    fresh_seeds = both["seeds_fresh"].fillna(1).clip(lower=1)
    width = (1 / fresh_seeds + 1 / both["seeds_published"].clip(lower=1)) ** 0.5
    half = unit * stdtrit(degrees, (1 + LEVEL) / 2) * scatter * width
    floor = both["quantity"].map(FLOORS | RELATIVE_FLOORS).fillna(0) * unit
    return pd.Series(np.maximum(half, floor)).where(~both["quantity"].isin(EXACT), 0.0)


def too_far(values: pd.DataFrame) -> pd.DataFrame:
    """Return the values, as `compared` gives them, that not even chance explains."""
    small = (values["method"] == SMALL) & (values["quantity"] == "accuracy")
    failed = small & (values["model"] == UNSTEADY) & np.isfinite(values["ratio"])
    return values[(values["ratio"] > FARTHEST) & ~failed]


def other_verdicts(fresh: pd.DataFrame, published: pd.DataFrame, study: Study) -> list[str]:
    """Return a line for each claim whose fresh verdict the published seeds do not predict.

    A fresh verdict must be one of those that the prediction interval of the claim's number reaches.
    """
    seeds = sorted(published["seed"].unique())
    by_seed = [judged(published[published["seed"] == seed], study) for seed in seeds]
    found = []
    for one, other, *alone in zip(
        judged(fresh, study), judged(published, study), *by_seed, strict=True
    ):
        expected = expected_verdicts(other, alone)
        if one.claim.id not in CLAIMS_NOT_COMPARED and one.verdict not in expected:
            found.append(
                f"{one.claim.id}: {one.verdict}, but the published seeds let expect "
                f"{' or '.join(sorted(expected))}"
            )
    return found


def expected_verdicts(finding: Finding, alone: Sequence[Finding]) -> set[str]:
    """Return the verdicts that a run of one seed may come to, by what each published seed says.

    Parameters
    ----------
    finding
        Of all published seeds together.
    alone
        Of the same claim, of each of them.
    """
    numbers = [one.judged.value for one in alone if one.judged]
    found = {finding.verdict, *(one.verdict for one in alone)}
    if finding.judged is None or len(numbers) < 2:
        return found
    spread = float(np.std(numbers, ddof=1)) * (1 + 1 / len(numbers)) ** 0.5
    half = float(stdtrit(len(numbers) - 1, (1 + LEVEL) / 2)) * spread
    half = max(half, CLAIM_FLOORS[finding.claim.unit])
    centre = float(np.mean(numbers))
    steps = np.linspace(centre - half, centre + half, 41)
    return found | {verdict(finding.claim, Measured(float(step))) for step in steps}


def agree(fresh: Path, published: Path) -> bool:
    """Print what disagrees and what is not compared; tell whether the runs agree."""
    study = parameters.read({"profile": published.parent.name})
    both = read_results(fresh), read_results(published)
    values = compared(*both)
    outside, far = values[values["ratio"] > 1], too_far(values)
    verdicts = other_verdicts(*both, study)
    seeds = both[1]["seed"].nunique()
    print(
        f"{len(outside)} of {len(values)} values lie outside of the {LEVEL:.0%} prediction "
        f"intervals of {seeds} published seeds (at most {SHARE:.0%} may)."
    )
    for reason, names in by_reason({**NOT_COMPARED, **NOT_AT_ONE, **CLAIMS_NOT_COMPARED}).items():
        print(f"Not compared: {', '.join(names)} ({reason}).")
    print(
        f"May lie farther than {FARTHEST:g} halves: accuracy of small networks of {UNSTEADY} "
        "(a training without batch norm on few images may lose a class)."
    )
    if len(far):
        print(f"Farther than {FARTHEST:g} halves of their interval, or on one side only:")
        print(far.dropna(axis="columns", how="all").to_string(index=False))
    print(*verdicts, sep="\n", end="\n" if verdicts else "")
    disagree = len(far) > 0 or len(outside) > SHARE * len(values) or bool(verdicts)
    print(f"{fresh} {'disagrees' if disagree else 'agrees'} with {published}.")
    return not disagree


def by_reason(reasons: dict[str, str]) -> dict[str, list[str]]:
    """Return what has the same reason together."""
    found: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        found.setdefault(reason, []).append(name)
    return found


def main(fresh: Path, published: Path) -> None:
    """Say whether two files of results, results.csv, agree; the exit status is 1 if not."""
    sys.exit(not agree(fresh, published))


if __name__ == "__main__":
    run(main)
