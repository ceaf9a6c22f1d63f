"""The parameters of a notebook: checked, completed from a profile, before any work starts."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from ..data import class_names, short_name
from ..masking.selection import check_threshold
from ..models import MODELS
from ..support.checks import (
    check_bool,
    check_classes,
    check_loss_weights,
    check_number,
    check_subtask_sizes,
    numbers,
    resolve_device,
)
from ..support.errors import UsageError, choose
from ..support.precision import PRECISIONS
from .authors import released_files
from .config import Config
from .injected import refuse_unknown
from .profiles import DEFAULT, SETTINGS, load_profile
from .subtasks import drawn, nested, subtask_name

TRAINING = {*SETTINGS, "device", "released"}  # parameters that training depends on


@dataclass(frozen=True)
class Study:
    """What a notebook works on.

    Attributes
    ----------
    profile
        Name of the profile.
    about
        What the profile says that it is and is not, unless data or settings are others.
    configs
        Settings of training and fine-tuning, one for each seed.
    device
        Where to compute.
    num_classes
        Of the data set.
    threshold
        The operating point, in (0, 1].
    thresholds
        Those of the sweep, ascending, the operating point among them.
    classes
        The sub-task.
    subtasks
        The sub-tasks of the reuse study, each beginning with the classes of the one before.
    priced
        Those of the study that asks whether modules are worth it, likewise.
    small
        Sizes of those beside whose modules a small network is trained.
    random_subtasks
        Those of the study over many sub-tasks.
    finetune
        Sizes of those whose modules are fine-tuned too.
    alphas, betas
        Weights of the cohesion and the coupling loss to try, ascending.
    search
        What CNNSplitter's search has otherwise than published: changes for
        `mwt.cnnsplitter.settings_for`.
    """

    profile: str
    about: str
    configs: tuple[Config, ...]
    device: torch.device
    num_classes: int
    threshold: float
    thresholds: list[float]
    classes: list[int]
    subtasks: list[list[int]]
    priced: list[list[int]]
    small: list[int]
    random_subtasks: list[list[int]]
    finetune: list[int]
    alphas: list[float]
    betas: list[float]
    search: dict[str, Any]

    @property
    def config(self) -> Config:
        """The settings with the first seed; pages show it where they can show one seed only."""
        return self.configs[0]

    @property
    def subtask(self) -> str:
        """The sub-task as the column ``classes`` of the results names it: ``"0 1 2"``."""
        return subtask_name(self.classes)


def read(namespace: Mapping[str, Any], grid: bool = False) -> Study:
    """Check a notebook's parameters and complete them from the profile.

    Parameters
    ----------
    namespace
        The notebook's ``globals()``, or any mapping of parameter names to values. What is absent
        or None comes from the profile.
    grid
        Whether the profile's settings for the study of alpha and beta apply.

    Raises
    ------
    UsageError
        With one sentence on the first mistake.
    """
    refuse_unknown(namespace)
    given = {name: value for name, value in namespace.items() if value is not None}
    profile = load_profile(given.get("profile", DEFAULT))
    configs = tuple(
        configured(given | {"seed": seed}, profile, grid) for seed in seeds_of(given, profile)
    )
    config = configs[0]
    names = class_names(config.dataset)
    threshold = check_threshold(given.get("threshold", profile["threshold"]))
    thresholds = {
        check_threshold(t) for t in numbers(given.get("thresholds", profile["thresholds"]))
    }
    # What the profile says is for ten classes; other data may have fewer.
    usual = [c for c in profile["target_classes"] if c < len(names)]
    classes = check_classes(given.get("target_classes", usual), len(names))
    many = profile["random_subtasks"]
    sizes = {
        name: check_subtask_sizes(
            given.get("subtask_sizes", [s for s in usual if s <= len(names)]), len(names)
        )
        for name, usual in (
            ("nested", profile["subtask_sizes"]),
            ("priced", profile["worth"]["sizes"]),
            ("drawn", many["sizes"]),
        )
    }
    per_size = given.get("per_size", many["per_size"])
    hyper = profile["hyperparameters"]
    return Study(
        profile=profile["profile"],
        about=about(given, profile, config, grid),
        configs=configs,
        device=resolve_device(given.get("device", "auto")),
        num_classes=len(names),
        threshold=threshold,
        thresholds=sorted(thresholds | {threshold}),
        classes=classes,
        subtasks=nested(classes, sizes["nested"], len(names)),
        priced=nested(classes, sizes["priced"], len(names)),
        small=some_of("small", given, profile["worth"]["small"], sizes["priced"]),
        random_subtasks=drawn(sizes["drawn"], per_size, len(names)),
        finetune=some_of("finetune", given, many["finetune"], sizes["drawn"]),
        alphas=check_loss_weights("alphas", given.get("alphas", hyper["alphas"])),
        betas=check_loss_weights("betas", given.get("betas", hyper["betas"])),
        search=search_changes(given, profile["cnnsplitter"]["settings"]),
    )


def seeds_of(given: Mapping[str, Any], profile: Mapping[str, Any]) -> list[int]:
    """Return the seeds that are asked for: some, all of the profile's, or its first."""
    asked = given.get("seeds", given.get("seed", profile["seeds"][0]))
    wrong = f"seeds {asked!r}: give all, or whole numbers, each once: '0,1,2'."
    try:
        seeds = profile["seeds"] if asked == "all" else numbers(asked)
    except UsageError:
        raise UsageError(wrong) from None
    if not seeds or len(set(seeds)) < len(seeds):
        raise UsageError(wrong)
    return [check_number("seed", seed, int, 0) for seed in seeds]


def about(given: Mapping[str, Any], profile: Mapping[str, Any], config: Config, grid: bool) -> str:
    """Return what the profile says of itself; where other things were asked for, which."""
    usual = configured({"model": config.model}, profile, grid)
    others = (
        [] if config.dataset in profile["datasets"] else [f"dataset {short_name(config.dataset)}"]
    )
    others += [
        f"{name} {value}"
        for name, value in dataclasses.asdict(config).items()
        if name in given and name in SETTINGS and value != getattr(usual, name)
    ]
    return f"Unlike the profile: {', '.join(others)}." if others else profile["about"]


def some_of(name: str, given: Mapping[str, Any], usual: Any, sizes: list[int]) -> list[int]:
    """Return which sizes of sub-tasks are asked for: all, none, or those that are named.

    What the profile names is for its own sizes; others may have been given.
    """
    asked = given.get(name, usual)
    if isinstance(asked, bool):
        return sizes if asked else []
    try:
        chosen = numbers(asked)
    except UsageError:
        chosen = [asked]
    if name not in given:
        return [size for size in chosen if size in sizes]
    for size in chosen:
        if size not in sizes:
            raise UsageError(
                f"{name} {asked!r}: give True or False, or some of the sizes "
                f"{', '.join(map(str, sizes))}."
            )
    return chosen


def search_changes(given: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Return what CNNSplitter's search has otherwise than published."""
    published = check_bool("published", given.get("published", False))
    changes = (
        {} if published else {k: tuple(v) if isinstance(v, list) else v for k, v in usual.items()}
    )
    for name, least in (("population", 2), ("generations", 1)):
        if name in given:
            changes[name] = check_number(name, given[name], int, least)
    if "precision" in given:
        changes["precision"] = choose("precision", given["precision"], PRECISIONS)
    return changes


def configured(given: Mapping[str, Any], profile: Mapping[str, Any], grid: bool) -> Config:
    """Return the settings of training: the profile's, where none are given."""
    hyper = profile["hyperparameters"]
    usual = hyper["models"][0] if grid else next(iter(profile["models"]))
    model = choose("model", given.get("model", usual), MODELS)
    if model not in profile["models"]:
        raise UsageError(
            f"profile {profile['profile']!r} has no settings for {model}: add them to its file."
        )
    dataset = str(given.get("dataset", profile["datasets"][0]))
    num_classes = len(class_names(dataset))
    settings = profile["defaults"] | profile["models"][model] | (hyper["settings"] if grid else {})
    if "lr" in given:  # it is for both networks, whatever the profile says of one
        settings.pop("standard_lr", None)
    settings |= {name: value for name, value in given.items() if name in SETTINGS}
    config = Config(**settings | {"model": model, "dataset": dataset})
    if "released" not in given:
        return config
    files = released_files(str(given["released"]), config, num_classes)
    return Config(**settings | {"model": model, "dataset": dataset, "released": files})
