"""Tidy results: one value a row, the only source of numbers for pages, figures and tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist, mean, stdev
from typing import Any, TextIO

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ..data import class_names, short_name
from ..models import MODELS
from ..study.parameters import Study
from ..support.errors import UsageError
from .names import display_name

COLUMNS = [
    *("profile", "dataset", "model", "method", "seed", "classes", "threshold", "quantity"),
    *("value", "run", "alpha", "beta"),  # the last two only where a study varies them
    "machine",  # only where the value is a time: seconds of two machines do not compare
]
REQUIRED = COLUMNS[:10]
KEYS = [column for column in COLUMNS if column not in ("value", "run", "machine")]


def read_results(source: Path | TextIO) -> pd.DataFrame:
    """Read a ``results.csv``; sub-tasks and run names stay text.

    Raises
    ------
    UsageError
        If it is no table, or lacks columns.
    """
    if isinstance(source, Path) and not source.is_file():
        raise UsageError(f"there is no file {source}: run `make book` first.")
    try:
        found = pd.read_csv(source, dtype={"classes": str, "run": str})
    except (ValueError, OverflowError) as error:  # of which pandas' own and bad text are kinds
        reason = str(error).splitlines()[0]
        raise UsageError(f"{source} cannot be read ({reason}): run `make book` again.") from error
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise UsageError(f"{source} has no column {missing[0]!r}: run `make book` again.")
    return found


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


def interval(accuracy: float, images: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval of an accuracy that was measured on so many images.

    The formula stands here since scipy's own takes a second to import, on every page.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
    """
    hits = round(accuracy * images)
    z2 = NormalDist().inv_cdf(0.975) ** 2
    centre = (hits + z2 / 2) / (images + z2)
    half = (z2 * (hits * (1 - hits / images) + z2 / 4)) ** 0.5 / (images + z2)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def mean_and_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return a mean and its 95 % interval by Student's t; of one value, no interval."""
    centre = mean(values)
    if len(values) < 2:
        return centre, centre, centre
    half = float(stdtrit(len(values) - 1, 0.975)) * stdev(values) / len(values) ** 0.5
    return centre, centre - half, centre + half


def short(classes: str) -> str:
    """Return classes as pages show them: ``"0–4"`` for ``"0 1 2 3 4"``, else as they are.

    Of more than a dozen only the first and the last are named: ``"0, 3, …, 97 (20 classes)"``.
    """
    numbers = [int(c) for c in classes.split()]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}–{numbers[-1]}"
    if len(numbers) > 12:
        return f"{numbers[0]}, {numbers[1]}, …, {numbers[-1]} ({len(numbers)} classes)"
    return ", ".join(map(str, numbers))


def subtask_in_words(study: Study) -> str:
    """Return a study's sub-task, with the names of its classes where these are not numbers."""
    numbers, every = short(study.subtask), class_names(study.config.dataset)
    names = [every[label] for label in study.classes]
    return numbers if " ".join(names) == study.subtask else f"{numbers} ({', '.join(names)})"


def by_network(results: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the rows of each network and data set, which is named where there are several."""
    datasets = results["dataset"].unique()
    for model in MODELS:
        for dataset in datasets:
            rows = select(results, model=model, dataset=dataset)
            if len(rows):
                on = f" on {display_name(dataset)}" if len(datasets) > 1 else ""
                yield display_name(model) + on, rows


def select(results: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """Return the rows in which the given columns have the given values."""
    if not wanted:
        return results
    fits = [(results[column] == value).to_numpy(bool) for column, value in wanted.items()]
    return results[np.logical_and.reduce(fits)]


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
        # A narrow column may break before the sign, not behind it.
        behind = "" if self.half is None else f" ±\N{NO-BREAK SPACE}{style(self.half)}"
        return style(self.mean) + behind


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
