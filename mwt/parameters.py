"""The parameters of a notebook: checked, completed from a profile, before any work starts."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import yaml

from .errors import UsageError, choose
from .files import project
from .models import MODELS
from .modules import check_classes, check_threshold
from .runs import Config
from .sources import SOURCES

PROFILE_KEYS = (
    *("profile", "about", "dataset", "defaults", "models"),
    *("threshold", "thresholds", "target_classes", "subtask_sizes"),
)
CONFIG_FIELDS = {field.name for field in dataclasses.fields(Config)}


@dataclass(frozen=True)
class Study:
    """What a notebook works on.

    Attributes
    ----------
    profile
        Name of the profile.
    about
        One sentence of the profile on what it is and is not.
    config
        Settings of training and fine-tuning.
    device
        Where to compute.
    threshold
        The operating point, in (0, 1].
    thresholds
        Those of the sweep, ascending, the operating point among them.
    classes
        The sub-task.
    subtasks
        The sub-tasks of the reuse study, each beginning with the classes of the one before.
    """

    profile: str
    about: str
    config: Config
    device: torch.device
    threshold: float
    thresholds: list[float]
    classes: list[int]
    subtasks: list[list[int]]

    @property
    def subtask(self) -> str:
        """The sub-task as the column ``classes`` of the results names it: ``"0 1 2"``."""
        return " ".join(map(str, self.classes))


def load_profile(name: object) -> dict[str, Any]:
    """Read ``profiles/NAME.yaml``.

    Raises
    ------
    UsageError
        If there is none, with the names there are; if its file lacks a key or has a wrong one.
    """
    folder = project() / "profiles"
    choose("profile", name, [path.stem for path in folder.glob("*.yaml")])
    profile = yaml.safe_load((folder / f"{name}.yaml").read_text())
    missing = [key for key in PROFILE_KEYS if key not in profile]
    if missing:
        raise UsageError(f"profiles/{name}.yaml lacks {', '.join(missing)}: see quick.yaml.")
    if profile["profile"] != name:
        raise UsageError(f"profiles/{name}.yaml calls itself {profile['profile']!r}: rename one.")
    for model, settings in profile["models"].items():
        choose("model", model, MODELS)
        for key in profile["defaults"] | settings:
            choose(f"setting in profiles/{name}.yaml", key, CONFIG_FIELDS)
    return profile


def read(namespace: Mapping[str, Any]) -> Study:
    """Check a notebook's parameters and complete them from the profile.

    Parameters
    ----------
    namespace
        The notebook's ``globals()``, or any mapping of parameter names to values. What is absent
        or None comes from the profile.

    Raises
    ------
    UsageError
        With one sentence on the first mistake.
    """
    refuse_unknown(namespace)
    given = {name: value for name, value in namespace.items() if value is not None}
    profile = load_profile(given.get("profile", "quick"))
    model = choose("model", given.get("model", next(iter(profile["models"]))), MODELS)
    dataset = choose("dataset", given.get("dataset", profile["dataset"]), SOURCES)
    if model not in profile["models"]:
        raise UsageError(
            f"profile {profile['profile']!r} has no settings for {model}: add them to its file."
        )
    settings = profile["defaults"] | profile["models"][model]
    settings |= {name: value for name, value in given.items() if name in CONFIG_FIELDS}
    config = Config(**settings | {"model": model, "dataset": dataset})
    num_classes = len(SOURCES[dataset].classes)
    threshold = check_threshold(given.get("threshold", profile["threshold"]))
    thresholds = {
        check_threshold(t) for t in numbers(given.get("thresholds", profile["thresholds"]))
    }
    classes = check_classes(given.get("target_classes", profile["target_classes"]), num_classes)
    sizes = given.get("subtask_sizes", profile["subtask_sizes"])
    in_order = classes + [c for c in range(num_classes) if c not in classes]
    return Study(
        profile=profile["profile"],
        about=profile["about"],
        config=config,
        device=resolve_device(given.get("device", "auto")),
        threshold=threshold,
        thresholds=sorted(thresholds | {threshold}),
        classes=classes,
        subtasks=[in_order[:size] for size in check_sizes(sizes, num_classes)],
    )


def numbers(values: object) -> list[Any]:
    """Return a list of numbers, which the command line may give as text: ``"0.1,0.5"``."""
    if isinstance(values, str):
        parts = values.strip("[]() ").replace(",", " ").split()
        try:
            return [float(part) if "." in part else int(part) for part in parts]
        except ValueError:
            raise UsageError(f"{values!r} is no list of numbers, such as '0.1,0.5'.") from None
    return list(values) if isinstance(values, Sequence) else [values]


def check_sizes(sizes: object, num_classes: int) -> list[int]:
    """Return sizes of sub-tasks as whole numbers between 1 and the number of classes."""
    chosen = numbers(sizes)
    if not chosen:
        raise UsageError(f"no sub-task sizes: give some of 1 to {num_classes}, such as '2,3'.")
    for size in chosen:
        if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= num_classes:
            raise UsageError(
                f"sub-task size {size!r}: sizes are 1 to {num_classes}, such as '2,3'."
            )
    return chosen


def refuse_unknown(namespace: Mapping[str, Any]) -> None:
    """Refuse parameters that papermill injected but the notebook does not have.

    Papermill only warns, so a misspelt parameter would be ignored. It injects its values in a cell
    of its own after the parameters cell, which is the notebook's first.
    """
    cells = [cell for cell in namespace.get("In", []) if cell]
    injected = [cell for cell in cells if cell.startswith("# Parameters")]
    if injected:
        known = assigned(cells[0])
        for name in assigned(injected[0]):
            choose("parameter", name, known)


def assigned(source: str) -> list[str]:
    """Return the names that a piece of code assigns at its top level."""
    return [
        target.id
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    ]


def resolve_device(name: object) -> torch.device:
    """Return the device of a name: ``auto`` takes CUDA where it is there, else the CPU.

    Raises
    ------
    UsageError
        If the device is unknown or not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, index = str(name).partition(":")
    choose("device", kind, ("auto", "cpu", "cuda"))
    present = torch.cuda.device_count() if kind == "cuda" else 1
    if (index and not index.isdecimal()) or int(index or 0) >= present:
        raise UsageError(
            f"device {name!r} is not there ({present} of that kind): use 'auto' or 'cpu'."
        )
    return torch.device(str(name))
