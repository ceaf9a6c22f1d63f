"""What is asked for: everything that changes a result."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import Field

from ..data import identity
from ..models import INITIALIZATIONS, MODELS, WIDEST
from ..support.errors import UsageError
from ..support.files import digest
from ..support.precision import PRECISIONS, resolved
from ..support.validation import Count, NotNegative, Positive, one_of, validated
from ..training.loop import SCHEDULES

METHODS = ("standard", "modular")
FINETUNING = ("finetune_epochs", "finetune_lr", "finetune_batch_size")
Width = Annotated[float, Field(gt=0, le=WIDEST)]
MADE_FOR_32 = ("vgg16", "simcnn", "rescnn")  # they pool five times


@validated
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

    model: Annotated[str, one_of("model", MODELS)] = "resnet18"
    dataset: str = "cifar10"
    width: Width = 1.0
    image_size: Annotated[int, Field(ge=8)] = 32
    epochs: Count = 200
    batch_size: Count = 128
    lr: Positive = 0.05
    standard_lr: Positive | None = None  # where the standard network needs another; None: lr
    schedule: Annotated[str, one_of("schedule", SCHEDULES)] = "cosine"
    alpha: NotNegative = 0.5
    beta: NotNegative = 1.5
    # Of modular networks; standard ones start by their default.
    initialization: Annotated[str, one_of("initialization", INITIALIZATIONS)] = "authors"
    seed: Annotated[int, Field(ge=0)] = 0
    # "auto" is as the device computes itself.
    training_precision: Annotated[str, one_of("training_precision", PRECISIONS)] = "float32"
    channels_last: bool = False
    half_weights: bool = False  # rounded to half precision before anything is measured
    finetune_epochs: Count = 10
    finetune_lr: Positive = 0.05
    finetune_batch_size: Count = 128
    released: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        identity(self.dataset)
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
