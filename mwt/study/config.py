"""What is asked for: everything that changes a result."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..data import identity
from ..models import INITIALIZATIONS, MODELS
from ..support.checks import check_bool, check_number
from ..support.errors import UsageError, choose
from ..support.files import digest
from ..training.precision import PRECISIONS, resolved

METHODS = ("standard", "modular")


FINETUNING = ("finetune_epochs", "finetune_lr", "finetune_batch_size")


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
