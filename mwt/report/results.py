"""Tidy results: one value a row, the only source of numbers for pages, figures and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

import pandas as pd
from scipy.stats import binomtest, t

from ..data import short_name
from ..findings import (
    Cost,
    Costs,
    Modularized,
    Networks,
    Reused,
    Sampled,
    Scored,
    Split,
    SplitReuse,
    Trained,
)
from ..models import MODELS
from ..parameters import Study
from ..runs import Config

COLUMNS = [
    *("profile", "dataset", "model", "method", "seed", "classes", "threshold", "quantity"),
    *("value", "run", "alpha", "beta"),  # the last two only where a study varies them
    "machine",  # only where the value is a time: seconds of two machines do not compare
]
KEYS = [column for column in COLUMNS if column not in ("value", "run", "machine")]


def table(study: Study, rows_of: Sequence[Iterable[Mapping[str, Any]]]) -> pd.DataFrame:
    """Return rows of a study as a data frame with the columns of ``results.csv``.

    Rows without a value are left out: some studies do without costs or fine-tuning.

    Parameters
    ----------
    study
        What was asked for.
    rows_of
        The rows of each seed, in the order of the study's.
    """
    found = []
    for config, rows in zip(study.configs, rows_of, strict=True):
        common = {
            "profile": study.profile,
            "dataset": short_name(config.dataset),
            "model": config.model,
            "seed": config.seed,
        }
        found += [common | dict(row) for row in rows if row["value"] is not None]
    frame = pd.DataFrame(found, columns=COLUMNS)
    return frame.astype(dict.fromkeys(("threshold", "value", "alpha", "beta"), float))


def of_training(networks: Networks) -> Iterator[dict[str, Any]]:
    """Yield what training found, by method."""
    for method, network in networks.trained.items():
        score, cost = networks.scored[method], networks.costs.of[method]
        yield row(method, "all", None, "accuracy", score.accuracy, score.run)
        yield row(method, "all", None, "test_images", score.test_images, score.run)
        yield seconds(method, "train_seconds", network.seconds, network)
        yield from of_cost(method, "all", None, cost, networks.costs)


def of_cost(
    method: str, classes: str, threshold: float | None, cost: Cost, found: Costs
) -> Iterator[dict[str, Any]]:
    """Yield what a network costs; its latency is that of a machine."""
    for quantity in ("flops", "parameters"):
        yield row(method, classes, threshold, quantity, getattr(cost, quantity), found.run)
    latency = row(method, classes, threshold, "latency_ms", cost.latency_ms, found.run)
    yield latency | {"machine": found.machine}


def seconds(
    method: str, quantity: str, taken: float | None, found: Trained | Sampled | Split
) -> dict[str, Any]:
    """Return a row for the time that a run took, with the machine that took it."""
    return row(method, "all", None, quantity, taken, found.run) | {"machine": found.machine}


def of_modules(sweep: Sequence[Modularized]) -> Iterator[dict[str, Any]]:
    """Yield how modular the modules of all classes are, by method and threshold."""
    for result in sweep:
        for quantity, value in modularity(result):
            yield row(result.method, "all", result.threshold, quantity, value, result.run)
    for method, sampled in {result.method: result.sampled for result in sweep}.items():
        yield seconds(method, "modularize_seconds", sampled.seconds, sampled)


def modularity(result: Modularized) -> list[tuple[str, float]]:
    """Return the three measures of the modules of all classes, by name."""
    return [
        ("kernel_retention_rate", mean(result.kernel_retention_rate)),
        ("cohesion", mean(result.cohesion)),
        ("coupling", result.coupling),
    ]


def of_reuse(sweep: Sequence[Reused]) -> Iterator[dict[str, Any]]:
    """Yield what the modules of sub-tasks cost and score, by threshold and sub-task."""
    for result in sweep:
        classes = " ".join(map(str, result.classes))
        at = (classes, result.threshold)
        for method, accuracy in result.accuracy.items():
            yield row(method, *at, "accuracy", accuracy, result.run)
        yield row("standard", *at, "test_images", result.test_images, result.run)
        rate = result.kernel_retention_rate
        yield row("modular", *at, "kernel_retention_rate", rate, result.run)
        if tuned := result.finetuned:
            yield row("module-finetuned", *at, "accuracy", tuned.accuracy, tuned.run)
            taken = row("module-finetuned", *at, "train_seconds", tuned.seconds, tuned.run)
            yield taken | {"machine": tuned.machine}
        if result.costs:
            for method, cost in result.costs.of.items():
                yield from of_cost(method, *at, cost, result.costs)


def of_splitting(
    network: Split, reuse: Sequence[SplitReuse], standard: Trained
) -> Iterator[dict[str, Any]]:
    """Yield what CNNSplitter's modules of all classes, and those of sub-tasks, gave."""
    for quantity, value in (
        ("kernel_retention_rate", mean(network.kernel_retention_rate)),
        ("cohesion", mean(network.cohesion)),
        ("coupling", network.coupling),
    ):
        yield row("cnnsplitter", "all", None, quantity, value, network.run)
    yield seconds("cnnsplitter", "train_seconds", standard.seconds, standard)
    yield seconds("cnnsplitter", "modularize_seconds", network.search_seconds, network)
    for result in reuse:
        classes = " ".join(map(str, result.classes))
        for quantity, value in (
            ("accuracy", result.accuracy),
            ("kernel_retention_rate", result.retention_by_union),
            ("kernel_retention_rate_by_sum", result.retention_by_sum),
            ("flops", result.flops),
            ("parameters", result.parameters),
        ):
            yield row("cnnsplitter", classes, None, quantity, value, result.run)


def of_grid(
    grid: Sequence[tuple[Config, Scored, Modularized]],
) -> Iterator[dict[str, Any]]:
    """Yield what each pair of alpha and beta gave."""
    for config, score, result in grid:
        found = [row("modular-grid", "all", None, "accuracy", score.accuracy, score.run)]
        found += [
            row("modular-grid", "all", result.threshold, quantity, value, result.run)
            for quantity, value in modularity(result)
        ]
        for one in found:
            yield one | {"alpha": config.alpha, "beta": config.beta}


def interval(accuracy: float, images: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of an accuracy that was measured on so many images."""
    hits = binomtest(round(accuracy * images), int(images))
    low, high = hits.proportion_ci(method="wilson")
    return float(low), float(high)


def mean_and_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return a mean and its 95 % interval by Student's t; of one value, no interval."""
    centre = mean(values)
    if len(values) < 2:
        return centre, centre, centre
    half = float(t.ppf(0.975, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return centre, centre - half, centre + half


def short(classes: str) -> str:
    """Return classes as pages show them: ``"0–4"`` for ``"0 1 2 3 4"``, else as they are."""
    numbers = [int(c) for c in classes.split()]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}–{numbers[-1]}"
    return ", ".join(map(str, numbers))


def row(
    method: str,
    classes: str,
    threshold: float | None,
    quantity: str,
    value: float | None,
    run: str,
) -> dict[str, Any]:
    """Return one row without the columns that a study has in common."""
    return {
        "method": method,
        "classes": classes,
        "threshold": threshold,
        "quantity": quantity,
        "value": value,
        "run": run,
    }


def by_network(results: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the rows of each network and data set, which is named where there are several."""
    datasets = results["dataset"].unique()
    for model in MODELS:
        for dataset in datasets:
            rows = select(results, model=model, dataset=dataset)
            if len(rows):
                yield f"{model} on {dataset}" if len(datasets) > 1 else model, rows


def select(results: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """Return the rows in which the given columns have the given values."""
    for column, value in wanted.items():
        results = results[results[column] == value]
    return results


@dataclass(frozen=True)
class Estimate:
    """What several seeds say of one number.

    Attributes
    ----------
    values
        One for each seed; none if it was not measured.
    """

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds; not a number if there is none."""
        return mean(self.values) if self.values else float("nan")

    @property
    def half(self) -> float | None:
        """Half of the 95 % interval of the mean, by Student's t; None for fewer than two seeds."""
        if len(self.values) < 2:
            return None
        centre, low, _ = mean_and_interval(self.values)
        return centre - low

    def text(self, style: Callable[[float], str]) -> str | None:
        """Return it as text, ``0.983 ± 0.004``, or without an interval for a single seed."""
        if not self.values:
            return None
        return style(self.mean) + (f" ± {style(self.half)}" if self.half is not None else "")


def estimate(results: pd.DataFrame, **wanted: Any) -> Estimate:
    """Return what the seeds say of the one number that fits, at most one value a seed."""
    rows = select(results, **wanted).drop_duplicates("seed")
    return Estimate(tuple(rows["value"].astype(float)))


def value(results: pd.DataFrame, **wanted: Any) -> float:
    """Return the one number that fits, its mean over the seeds; not a number if there is none."""
    return estimate(results, **wanted).mean


def curve(results: pd.DataFrame, by: str, **wanted: Any) -> pd.DataFrame:
    """Return the numbers that fit over a column, in order: ``mean``, ``low`` and ``high``.

    The last two are the bounds of the 95 % interval over the seeds; of a single seed, the number.
    """
    rows = select(results, **wanted).drop_duplicates([by, "seed"])
    groups = ((key, Estimate(tuple(part["value"]))) for key, part in rows.groupby(by))
    lines = {key: (e.mean, e.mean - (e.half or 0), e.mean + (e.half or 0)) for key, e in groups}
    return pd.DataFrame.from_dict(lines, orient="index", columns=["mean", "low", "high"])
