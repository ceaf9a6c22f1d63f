"""The published configurations of CNNSplitter's search, as data."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Annotated, Any

import torch
from pydantic import Field

from ..support.checks import check_number
from ..support.errors import UsageError, choose
from ..support.precision import PRECISIONS, resolved
from ..support.validation import Count, PositiveShare, Share, one_of, validated

SIZES = (2, 4, 8, 10)  # classes of the ensembles that `Settings.bounds` is for


@validated
class Settings:
    """What the search is told (CNNSplitter, ASE 2022, sections 3 and 4).

    Attributes
    ----------
    sensitive
        Positions of the layers (in ResCNN those that a shortcut ties count as one) that lose
        accuracy most when kernels are switched off.
    ratios_sensitive, ratios_other
        Shares of a block's groups, in (0, 1], one of which a first solution switches on.
    mutation
        Share of an offspring's genes that are drawn anew, in (0, 1].
    gamma
        Accuracy, in [0, 1], below which accuracy weighs more than 0.9.
    bounds
        Accuracies, in [0, 1], at which ensembles of 2, 4, 8 and 10 classes stay.
    population
        Solutions of each class, at least 2.
    generations
        Rounds of scoring, at least 1.
    parents
        Best solutions of a class that have offspring, at most ``population``.
    kept
        Best solutions of a class that stay as they are, at least 1 and below ``population``.
    survivors
        Least and greatest number of ensembles that a stage passes on; last generation's best may
        come on top.
    images
        Validation images of each class on which solutions are scored, the first ones; None: all.
    precision
        In which solutions are evaluated: ``float32``, which is exact; ``bfloat16``, good to about
        two digits; or ``auto``, which is bfloat16 where the device computes with it itself, else
        float32.

    Raises
    ------
    UsageError
        For a number outside its range, or another precision.
    """

    sensitive: tuple[Annotated[int, Field(ge=0)], ...]
    ratios_sensitive: Annotated[tuple[PositiveShare, ...], Field(min_length=1)]
    ratios_other: Annotated[tuple[PositiveShare, ...], Field(min_length=1)]
    mutation: PositiveShare
    gamma: Share
    bounds: tuple[Share, Share, Share, Share]
    population: Annotated[int, Field(ge=2)] = 100
    generations: Count = 200
    parents: Count = 50
    kept: Count = 20
    survivors: tuple[Count, Count] = (50, 500)
    images: Count | None = None
    precision: Annotated[str, one_of("precision", PRECISIONS)] = "auto"

    def __post_init__(self) -> None:
        check_number("parents", self.parents, int, 1, self.population)
        check_number("kept", self.kept, int, 1, self.population - 1)
        check_number("survivors, the greatest number", self.survivors[1], int, self.survivors[0])

    def resolved(self, device: torch.device) -> Settings:
        """Return the settings with the precision that ``auto`` is on a device.

        The course of a search depends on it: what is kept of a search should name it, so that
        another machine can go on or begin again in the same precision.
        """
        return replace(self, precision=resolved(self.precision, device))

    def bound(self, classes: int) -> float:
        """Return the accuracy at which an ensemble of so many classes stays.

        Of a number that was not published, the bound of the next smaller one that was: data sets
        of other than ten classes make such ensembles.
        """
        known = [bound for size, bound in zip(SIZES, self.bounds, strict=True) if size <= classes]
        return known[-1] if known else self.bounds[0]


PUBLISHED: dict[tuple[str, str], Settings] = {
    ("simcnn", "cifar10"): Settings(
        sensitive=(0, 1, 2, 3, 4, 5, 6),
        ratios_sensitive=(0.6, 0.7, 0.8),
        ratios_other=(0.4, 0.5, 0.6, 0.7),
        mutation=0.05,
        gamma=0.90,
        bounds=(0.95, 0.95, 0.85, 0.80),
    ),
    ("rescnn", "cifar10"): Settings(
        sensitive=(0, 2, 3, 5),
        ratios_sensitive=(0.5, 0.6, 0.7),
        ratios_other=(0.2, 0.3, 0.4),
        mutation=0.05,
        gamma=0.90,
        bounds=(0.95, 0.95, 0.85, 0.80),
    ),
    ("simcnn", "svhn"): Settings(
        sensitive=(0, 1, 2, 3, 4, 5, 6),
        ratios_sensitive=(0.4, 0.5, 0.6),
        ratios_other=(0.1, 0.2, 0.3, 0.4),
        mutation=0.10,
        gamma=0.95,
        bounds=(0.95, 0.95, 0.85, 0.80),
    ),
    ("rescnn", "svhn"): Settings(
        sensitive=(2, 3, 5),
        ratios_sensitive=(0.3, 0.4, 0.5),
        ratios_other=(0.2, 0.3),
        mutation=0.10,
        gamma=0.90,
        bounds=(0.95, 0.95, 0.90, 0.85),
    ),
}


def settings_for(model: str, dataset: str, **changes: Any) -> Settings:
    """Return the published settings of a network and data set, with changes.

    Parameters
    ----------
    model
        ``simcnn`` or ``rescnn``, the two that CNNSplitter is for.
    dataset
        ``cifar10`` or ``svhn``; any other takes the network's settings for ``cifar10``.
    **changes
        Attributes of `Settings`. A ``population`` other than 100 brings half as many ``parents``
        and a fifth as many ``kept``, the published proportions, unless they are given.

    Raises
    ------
    UsageError
        For another network, an unknown setting, or a number outside its range.
    """
    models = {name for name, _ in PUBLISHED}
    if model not in models:
        raise UsageError(
            f"CNNSplitter is for {' and '.join(sorted(models))}, not {model!r}: choose one of them."
        )
    row = PUBLISHED.get((model, dataset), PUBLISHED[model, "cifar10"])
    for name in changes:
        choose("setting of CNNSplitter", name, [field.name for field in fields(Settings)])
    if "population" in changes:
        population = changes["population"]
        check_number("population", population, int, 2)
        shares = {"parents": population // 2, "kept": max(1, population // 5)}
        changes = shares | changes
    return replace(row, **changes)
