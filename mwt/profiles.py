"""Profiles: YAML files that complete what a notebook is not told."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from .errors import UsageError, choose
from .files import project
from .models import MODELS
from .runs import Config

KEYS = (
    *("profile", "about", "datasets", "defaults", "models"),
    *("threshold", "thresholds", "target_classes", "subtask_sizes"),
    *("random_subtasks", "hyperparameters", "cnnsplitter"),
)
RANDOM_SUBTASKS = ("sizes", "per_size", "finetune")
CNNSPLITTER = ("models", "settings")
HYPERPARAMETERS = ("models", "alphas", "betas", "settings")
SETTINGS = {field.name for field in dataclasses.fields(Config)} - {"model", "dataset", "released"}


def load_profile(name: object) -> dict[str, Any]:
    """Read ``profiles/NAME.yaml``.

    Raises
    ------
    UsageError
        If there is none, with the names there are; if its file lacks a key or has a wrong one.
    """
    folder = project() / "profiles"
    choose("profile", name, [path.stem for path in folder.glob("*.yaml")])
    file = f"profiles/{name}.yaml"
    profile = yaml.safe_load((project() / file).read_text())
    check_keys(file, profile, KEYS)
    check_keys(f"random_subtasks in {file}", profile["random_subtasks"], RANDOM_SUBTASKS)
    check_keys(f"hyperparameters in {file}", profile["hyperparameters"], HYPERPARAMETERS)
    check_keys(f"cnnsplitter in {file}", profile["cnnsplitter"], CNNSPLITTER)
    if profile["profile"] != name:
        raise UsageError(f"{file} calls itself {profile['profile']!r}: rename one.")
    some = (*profile["hyperparameters"]["models"], *profile["cnnsplitter"]["models"])
    for model in (*profile["models"], *some):
        choose("model", model, MODELS)
    settings = (profile["defaults"], *profile["models"].values())
    for given in (*settings, profile["hyperparameters"]["settings"]):
        for key in given:
            choose(f"setting in {file}", key, SETTINGS)
    return profile


def check_keys(place: str, given: Mapping[str, Any], wanted: Iterable[str]) -> None:
    """Refuse a part of a profile that lacks a key or has one of another name."""
    missing = [key for key in wanted if key not in given]
    if missing:
        raise UsageError(f"{place} lacks {', '.join(missing)}: see profiles/quick.yaml.")
    for key in given:
        choose(f"key of {place}", key, wanted)
