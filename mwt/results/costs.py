"""What it takes to check a claim: seconds that were measured, GPU hours estimated from steps."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from ..study import parameters
from ..study.config import METHODS, Config
from ..study.profiles import load_profile
from ..support.errors import UsageError
from .tidy import select

SECONDS = ("train_seconds", "modularize_seconds")
SCALE = "resnet18"  # measured at several widths


@dataclass(frozen=True)
class Computing:
    """What was computed for some rows of results.

    Attributes
    ----------
    seconds
        Of one seed, the mean over those that were run; not a number if nothing was timed.
    machines
        Where these seconds were taken.
    """

    seconds: float
    machines: tuple[str, ...]


def computing(rows: pd.DataFrame, results: pd.DataFrame, model: str, dataset: str) -> Computing:
    """Return the time of all runs behind a notebook of one network, each run counted once.

    Parameters
    ----------
    rows
        The notebook's own: the fine-tunings, the masks and the search that it shows.
    results
        Of the profile: the trainings of the network, which other notebooks may show.
    model, dataset
        The network.
    """
    trained = select(results, model=model, dataset=dataset, classes="all")
    trained = trained[trained["method"].isin(METHODS) & (trained["quantity"] == "train_seconds")]
    timed = pd.concat([trained, rows[rows["quantity"].isin(SECONDS)]])
    timed = timed.drop_duplicates(["run", "quantity"])
    by_seed = timed.groupby("seed")["value"].sum()
    return Computing(float(by_seed.mean()), tuple(sorted(timed["machine"].dropna().unique())))


@cache
def measured_steps() -> dict[str, Any]:
    """Return what steps of training took, and on which device: ``measured_steps.json``."""
    return json.loads(Path(__file__).with_name("measured_steps.json").read_text())


@dataclass(frozen=True)
class Step:
    """How long a step of training takes.

    Attributes
    ----------
    milliseconds
        Of a step, by method.
    width
        At which the network was measured; if it is not the one asked for, the time is scaled as
        ResNet18's is between both.
    """

    milliseconds: dict[str, float]
    width: float


def step(model: str, width: float) -> Step:
    """Return what a step of a network takes, measured or scaled from another width.

    Raises
    ------
    UsageError
        If the network was not measured, or the width is none of ResNet18's.
    """
    steps = measured_steps()["steps"]
    of_model = {one["width"]: one for one in steps if one["model"] == model}
    scale = {one["width"]: one for one in steps if one["model"] == SCALE}
    if width in of_model:
        return Step({method: of_model[width][method] for method in METHODS}, width)
    known = next((other for other in of_model if other in scale and width in scale), None)
    if known is None:
        raise UsageError(
            f"{model} of width {width:g}: no step of it was measured; add one to "
            "mwt/results/measured_steps.json."
        )
    return Step({m: of_model[known][m] * scale[width][m] / scale[known][m] for m in METHODS}, known)


@dataclass(frozen=True)
class Hours:
    """GPU hours of a network's trainings on a data set, as a profile has them.

    Attributes
    ----------
    config
        Its settings.
    step
        What a step takes.
    each
        Hours of one training, by method.
    """

    config: Config
    step: Step
    each: dict[str, float]


def gpu_hours(profile: str) -> Iterator[Hours]:
    """Yield the hours of each network and data set of a profile: steps times their time.

    Batches that are not full are left out, as in training.
    """
    known = load_profile(profile)
    for dataset, model in product(known["datasets"], known["models"]):
        config = parameters.read({"profile": profile, "model": model, "dataset": dataset}).config
        yield hours(config)


def hours(config: Config) -> Hours:
    """Return what one training of each method takes with some settings."""
    measured = measured_steps()
    if config.batch_size != measured["batch_size"]:
        raise UsageError(
            f"batch_size {config.batch_size}: steps were measured with {measured['batch_size']}."
        )
    one = step(config.model, config.width)
    steps = config.epochs * (measured["training_images"][config.dataset] // config.batch_size)
    each = {method: steps * ms / 3_600_000 for method, ms in one.milliseconds.items()}
    return Hours(config, one, each)


def grid_hours(profile: str) -> tuple[int, float]:
    """Return how many more networks a seed of the study of alpha and beta trains, and its hours.

    The pair of the profile's own alpha and beta is trained anyway.
    """
    study = parameters.read({"profile": profile}, grid=True)
    pairs = set(product(study.alphas, study.betas))
    extra = len(pairs - {(study.config.alpha, study.config.beta)})
    networks = load_profile(profile)["hyperparameters"]["models"]
    return extra * len(networks), extra * sum(
        one.each["modular"] for one in grid(profile, networks)
    )


def grid(profile: str, networks: Sequence[str]) -> Iterator[Hours]:
    """Yield the hours of the networks of the study of alpha and beta."""
    for model in networks:
        yield hours(parameters.read({"profile": profile, "model": model}, grid=True).config)
