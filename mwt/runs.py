"""What is asked for, and the store of finished runs that is searched for it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .checks import check_bool, check_number
from .data import identity, short_name
from .errors import Missing, UsageError, choose
from .files import digest, locked, project, save_json, store
from .models import INITIALIZATIONS, MODELS
from .precision import PRECISIONS, resolved
from .provenance import commit, machine, now, versions

RECIPE = 4  # raise it when the same configuration gives other results than before
METHODS = ("standard", "modular")
FINETUNING = ("finetune_epochs", "finetune_lr", "finetune_batch_size")
OF_IMAGES = ("answers", "test-masks")  # stages that keep something of every image: too large
MADE_FOR_32 = ("vgg16", "simcnn", "rescnn")  # they pool five times


@dataclass(frozen=True)
class Config:
    """Everything that changes a result, apart from a sub-task and a threshold.

    The defaults are the paper's settings; profiles and notebook parameters replace some of them.
    ``dataset`` is a name, or the path of a folder of images; ``released`` names the authors' file
    for each method that is not to be trained: ``(("modular", "x.pth"),)``.

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
    standard_lr: float | None = None  # where the standard network needs another; None: lr
    schedule: str = "cosine"
    alpha: float = 0.5
    beta: float = 1.5
    initialization: str = "authors"  # of modular networks; standard ones start by their default
    seed: int = 0
    training_precision: str = "float32"  # or "bfloat16"; "auto": as the device computes itself
    channels_last: bool = False
    half_weights: bool = False  # rounded to half precision before anything is measured
    finetune_epochs: int = 10
    finetune_lr: float = 0.05
    finetune_batch_size: int = 128
    released: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        choose("model", self.model, MODELS)
        identity(self.dataset)
        choose("schedule", self.schedule, ("cosine", "one-cycle"))
        choose("initialization", self.initialization, INITIALIZATIONS)
        for name in ("epochs", "batch_size", "finetune_epochs", "finetune_batch_size"):
            check_number(name, getattr(self, name), int, 1)
        check_number("seed", self.seed, int, 0)
        check_number("image_size", self.image_size, int, 8)
        for name in ("width", "lr", "standard_lr", "finetune_lr", "alpha", "beta"):
            if getattr(self, name) is None:
                continue
            number = check_number(name, getattr(self, name), (int, float), 0)
            if number == 0 and name not in ("alpha", "beta"):
                raise UsageError(f"{name} 0: give a number above 0.")
            object.__setattr__(self, name, float(number))  # 1 and 1.0 ask for the same run
        choose("training_precision", self.training_precision, PRECISIONS)
        for name in ("channels_last", "half_weights"):
            check_bool(name, getattr(self, name))
        if self.model in MADE_FOR_32 and self.image_size != 32:
            raise UsageError(
                f"image_size {self.image_size}: {self.model} pools five times and is made for 32; "
                "use 32, or resnet18 for other sizes."
            )

    def learning_rate(self, method: str) -> float:
        """Return the learning rate of the standard or the modular network."""
        own = self.standard_lr if method == "standard" else None
        return self.lr if own is None else own

    def amp(self, device: torch.device) -> bool:
        """Tell whether a device is to train in bfloat16, by torch's autocast."""
        return resolved(self.training_precision, device) == "bfloat16"

    def asked(self, stage: str, method: str = "both") -> dict[str, Any]:
        """Return the values that a result depends on.

        Parameters
        ----------
        stage
            ``trained``, or what builds on it; only ``finetuned`` depends on how to fine-tune.
        method
            Which network it builds on: ``standard``, ``modular`` or ``both``.
        """
        values = dataclasses.asdict(self) | {"dataset": identity(self.dataset)}
        methods = METHODS if method == "both" else (method,)
        values["lr"] = {m: self.learning_rate(m) for m in methods}
        values["released"] = {m: digest(Path(path)) for m, path in self.released if m in methods}
        unused = ["standard_lr"]
        unused += [] if self.half_weights else ["half_weights"]  # older runs had no choice
        unused += [] if stage == "finetuned" else FINETUNING
        unused += ["alpha", "beta", "initialization"] if method == "standard" else []
        kept = {name: value for name, value in values.items() if name not in unused}
        return kept | {"method": method}


@dataclass(frozen=True)
class Run:
    """One run's folder: ``result.json`` is written last, so it marks a finished run."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, by which results refer to the run."""
        return self.path.name

    @property
    def published(self) -> bool:
        """Whether it came with the project and is not of one's own store."""
        return self.path.parent != store() / "runs"

    def finished(self) -> bool:
        """Tell whether the run has a result."""
        return (self.path / "result.json").exists()

    def result(self) -> dict[str, Any]:
        """Return what the run found."""
        return self.record()["result"]

    def machine(self) -> str:
        """Return the machine that made it, whose seconds its seconds are."""
        return self.record()["made"]["machine"]

    def record(self) -> dict[str, Any]:
        """Return what was ``asked``, how it was ``made``, and the ``result``."""
        return json.loads((self.path / "result.json").read_text())


def find(stage: str, config: Config, method: str = "both", **more: Any) -> Run:
    """Return the run of a stage for what is asked, finished or not (`named`)."""
    text = json.dumps(asked_for(stage, config, method, more), sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:10]
    kind = stage if method == "both" else f"{stage}-{method}"
    folder = f"{kind}-{config.model}-{short_name(config.dataset)}-{name}"
    return named(folder)


def named(name: str) -> Run:
    """Return the run of a name: one's own, or the published one where that alone is finished.

    Where ``MWT_FRESH`` is set, nothing is taken from what the project publishes.
    """
    own = Run(store() / "runs" / name)
    if own.finished() or os.environ.get("MWT_FRESH", "0") not in ("", "0"):
        return own
    folders = (project() / "book" / "results").glob("*/runs")
    return next((run for run in (Run(f / name) for f in folders) if run.finished()), own)


def asked_for(stage: str, config: Config, method: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that a run is found by."""
    return {"stage": stage, "recipe": RECIPE, **config.asked(stage, method), **more}


def in_words(stage: str, config: Config, method: str, more: Mapping[str, Any]) -> str:
    """Say what is not in the store, as the beginning of a sentence."""
    which = f"{stage} ({config.model} on {short_name(config.dataset)}, seed {config.seed}"
    which += "" if method == "both" else f", {method}"
    which += f", threshold {more['threshold']:g}" if "threshold" in more else ""
    which += f", classes {' '.join(map(str, more['classes']))}" if "classes" in more else ""
    return f"{which}) is not in the store and cannot be made"


# The names of the runs that this process found or made, in order: what is behind its results.
USED: dict[str, None] = {}


def found_or_made(
    stage: str,
    config: Config,
    device: torch.device,
    make: Callable[[Run], dict[str, Any]],
    method: str = "both",
    **more: Any,
) -> Run:
    """Return the finished run of what is asked; if there is none, make it first.

    Parameters
    ----------
    stage
        Name of the kind of work: ``trained``, or what `derived` names.
    config, method, more
        What is asked for.
    device
        Where it is made, if need be: a run made on another one is found just the same, so that a
        laptop can read what a cluster trained.
    make
        Does the work, may leave files in the run's folder, and returns the result as JSON values.

    Raises
    ------
    Missing
        If data or weights are needed to make it and not there.
    """
    run = find(stage, config, method, **more)
    if stage not in OF_IMAGES:
        USED[run.name] = None
    if run.finished():
        return run
    # Another process may want the same run: it waits here and then finds it.
    with locked(run.path):
        if not run.finished():
            # Before the work: files may change while a network trains.
            asked = asked_for(stage, config, method, more)
            made = {"commit": commit(), "machine": machine(device), "versions": versions()}
            try:
                result = make(run)
            except Missing as error:  # what was asked for first says it, not what that builds on
                asked_first = in_words(stage, config, method, more)
                raise Missing(error.needed, asked_first) from error.__cause__
            made["date"] = now()
            save_json(run.path / "result.json", {"asked": asked, "made": made, "result": result})
    return run
