"""Profiles: YAML files that complete what a notebook is not told."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from .. import cnnsplitter
from ..models import MODELS
from ..support.errors import UsageError, choose
from ..support.files import project_root, read_yaml
from .config import Config

DEFAULT = "quick"  # needs neither a GPU nor a download
PAPER = "paper"  # has the paper's networks, data and settings
KEYS = (
    *("profile", "about", "datasets", "seeds", "defaults", "models"),
    *("threshold", "thresholds", "target_classes", "subtask_sizes"),
    *("random_subtasks", "hyperparameters", "cnnsplitter", "worth"),
)
SECTIONS = {
    "random_subtasks": ("sizes", "per_size", "finetune"),
    "hyperparameters": ("models", "alphas", "betas", "settings"),
    "cnnsplitter": ("models", "settings"),
    "worth": ("sizes", "small"),
    "publish": ("weights",),
}
LISTS = ("datasets", "seeds", "thresholds", "target_classes", "subtask_sizes")
SETTINGS = {field.name for field in dataclasses.fields(Config)} - {"model", "dataset", "released"}


def load_profile(name: object) -> dict[str, Any]:
    """Read ``profiles/NAME.yaml``.

    Raises
    ------
    UsageError
        If there is none, with the names there are; if its file lacks a key or has a wrong one.
    """
    folder = project_root() / "profiles"
    choose("profile", name, [path.stem for path in folder.glob("*.yaml")])
    file = f"profiles/{name}.yaml"
    found = read_yaml(project_root() / file)
    if not isinstance(found, dict):
        raise UsageError(f"{file} is no mapping of names to values: see profiles/quick.yaml.")
    # Only a profile that says so publishes its runs, too: what has them is not trained again.
    # And only networks that read drawings are asked on the page "See it live".
    profile: dict[str, Any] = {"publish": None, "live": []} | found
    check_keys(file, profile, (*KEYS, "publish", "live"))
    for section, keys in SECTIONS.items():
        if section == "publish" and profile[section] is None:
            continue
        check_keys(f"{section} in {file}", profile[section], keys)
    for key in LISTS:
        if not isinstance(profile[key], list) or not profile[key]:
            raise UsageError(f"{key} in {file}: give a list of at least one value.")
    if profile["profile"] != name:
        raise UsageError(f"{file} calls itself {profile['profile']!r}: rename one.")
    check_keys(f"models in {file}", profile["models"], MODELS, all_of_them=False)
    for part in ("hyperparameters", "cnnsplitter"):
        check_networks(f"{part} in {file}", profile[part]["models"], MODELS)
    check_networks(f"live in {file}", profile["live"], profile["models"])
    if profile["publish"]:
        check_publishing(file, profile)
    settings = (profile["defaults"], *profile["models"].values())
    for given in (*settings, profile["hyperparameters"]["settings"]):
        check_keys(f"settings in {file}", given, SETTINGS, all_of_them=False)
    search = {field.name for field in dataclasses.fields(cnnsplitter.Settings)}
    given = profile["cnnsplitter"]["settings"]
    check_keys(f"cnnsplitter's settings in {file}", given, search, all_of_them=False)
    return profile


def check_publishing(file: str, profile: dict[str, Any]) -> None:
    """Refuse weights of unknown networks, and a search that other machines would not find."""
    check_networks(f"publish in {file}", profile["publish"]["weights"], profile["models"])
    search = profile["cnnsplitter"]
    if search["models"] and search["settings"].get("precision", "auto") == "auto":
        raise UsageError(
            f"cnnsplitter's settings in {file} leave the precision to the machine: say precision: "
            "float32, or bfloat16, so that a search that is published is found on every machine."
        )


def check_networks(place: str, given: Any, allowed: Iterable[str]) -> None:
    """Refuse what is no list of names of networks."""
    if not isinstance(given, list):
        raise UsageError(f"{place}: give a list of networks, or [] for none.")
    for model in given:
        choose(f"network under {place}", model, allowed)


def check_keys(place: str, given: Any, wanted: Iterable[str], all_of_them: bool = True) -> None:
    """Refuse a part of a profile that is no mapping, lacks a key or has one of another name."""
    if not isinstance(given, dict):
        raise UsageError(f"{place}: give names with values, or {{}} for none.")
    missing = [key for key in wanted if key not in given]
    if missing and all_of_them:
        raise UsageError(f"{place} lacks {', '.join(missing)}: see profiles/quick.yaml.")
    for key in given:
        choose(f"key of {place}", key, wanted)
