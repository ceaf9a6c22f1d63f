"""What is asked for, and the store of finished runs that is searched for it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError, choose
from .files import locked, save_json, store
from .models import MODELS
from .provenance import commit, machine, now, versions
from .sources import SOURCES

RECIPE = 1  # raise it when the same configuration gives other results than before
FINETUNING = ("finetune_epochs", "finetune_lr", "finetune_batch_size")


@dataclass(frozen=True)
class Config:
    """Everything that changes a result, apart from a sub-task and a threshold.

    The defaults are the paper's settings; profiles and notebook parameters replace some of them.

    Raises
    ------
    UsageError
        On construction, if a value is impossible.
    """

    model: str = "resnet18"
    dataset: str = "cifar10"
    width: float = 1.0
    image_size: int = 32
    epochs: int = 200
    batch_size: int = 128
    lr: float = 0.05
    schedule: str = "cosine"
    alpha: float = 0.5
    beta: float = 1.5
    seed: int = 0
    amp: bool = False
    channels_last: bool = False
    finetune_epochs: int = 10
    finetune_lr: float = 0.05
    finetune_batch_size: int = 128

    def __post_init__(self) -> None:
        choose("model", self.model, MODELS)
        choose("dataset", self.dataset, SOURCES)
        choose("schedule", self.schedule, ("cosine", "one-cycle"))
        for name in ("epochs", "batch_size", "finetune_epochs", "finetune_batch_size"):
            check_number(name, getattr(self, name), int, 1)
        check_number("seed", self.seed, int, 0)
        check_number("image_size", self.image_size, int, 8)
        for name in ("width", "lr", "finetune_lr", "alpha", "beta"):
            number = check_number(name, getattr(self, name), (int, float), 0)
            if number == 0 and name not in ("alpha", "beta"):
                raise UsageError(f"{name} 0: give a number above 0.")
            object.__setattr__(self, name, float(number))  # 1 and 1.0 ask for the same run
        if self.model == "vgg16" and self.image_size != 32:
            raise UsageError(
                f"image_size {self.image_size}: vgg16 pools five times and is made for 32; "
                "use 32, or resnet18 for other sizes."
            )

    def asked(self, stage: str) -> dict[str, Any]:
        """Return the values that a stage's result depends on.

        ``stage`` is ``standard``, ``modular``, or one that builds on both trained networks.
        """
        values = dataclasses.asdict(self)
        unused: tuple[str, ...] = ()
        if stage == "standard":
            unused = ("alpha", "beta", *FINETUNING)
        elif stage in ("modular", "masks", "modularized"):
            unused = FINETUNING
        return {name: value for name, value in values.items() if name not in unused}


def check_number(name: str, value: Any, kind: Any, least: float) -> Any:
    """Return a number of at least ``least``, or raise a `UsageError` that says so."""
    if isinstance(value, bool) or not isinstance(value, kind) or not value >= least:
        number = "a whole number" if kind is int else "a number"
        raise UsageError(f"{name} {value!r}: give {number} of at least {least}.")
    return value


@dataclass(frozen=True)
class Run:
    """One run's folder: ``result.json`` is written last, so it marks a finished run."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, by which results refer to the run."""
        return self.path.name

    def finished(self) -> bool:
        """Tell whether the run has a result."""
        return (self.path / "result.json").exists()

    def result(self) -> dict[str, Any]:
        """Return what the run found."""
        return self.record()["result"]

    def record(self) -> dict[str, Any]:
        """Return what was ``asked``, how it was ``made``, and the ``result``."""
        return json.loads((self.path / "result.json").read_text())


def find(stage: str, config: Config, **more: Any) -> Run:
    """Return the run of a stage for what is asked, finished or not."""
    text = json.dumps(asked_for(stage, config, more), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return Run(store() / "runs" / f"{stage}-{config.model}-{config.dataset}-{digest}")


def asked_for(stage: str, config: Config, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that a run is found by."""
    return {"stage": stage, "recipe": RECIPE, **config.asked(stage), **more}


def found_or_made(
    stage: str, config: Config, make: Callable[[Run], dict[str, Any]], **more: Any
) -> Run:
    """Return the finished run of what is asked; if there is none, make it first.

    Parameters
    ----------
    stage
        Name of the kind of work.
    config, more
        What is asked for.
    make
        Does the work, may leave files in the run's folder, and returns the result as JSON values.
    """
    run = find(stage, config, **more)
    if run.finished():
        return run
    # Another process may want the same run: it waits here and then finds it.
    with locked(run.path):
        if not run.finished():
            result = make(run)
            asked = asked_for(stage, config, more)
            made = {
                "commit": commit(),
                "date": now(),
                "machine": machine(),
                "versions": versions(),
            }
            save_json(run.path / "result.json", {"asked": asked, "made": made, "result": result})
    return run
