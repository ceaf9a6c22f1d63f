"""All that an interrupted training needs to go on exactly where it was."""

import hashlib
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler

from ..data import Dataset
from ..support.errors import UsageError
from ..support.files import CHANGED, atomic_write, set_aside
from .distributed import is_first
from .diverging import finite

History = list[dict[str, float]]
CHECKPOINT_SECONDS = 60  # between two files: a lost minute costs less than writing each epoch


class Checkpoint:
    """One file with the state of everything that a training changes."""

    def __init__(
        self,
        path: Path | None,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        scheduler: LRScheduler,
        history: History,
        best: dict[str, Any],
    ) -> None:
        self.path = path
        self.parts: dict[str, Any] = {
            "model": model,
            "optimizer": optimizer,
            "scheduler": scheduler,
        }
        self.history, self.best = history, best
        self.device = next(model.parameters()).device
        self.saved = time.monotonic()
        self.belongs_to: dict[str, Any] = {}

    def restore(self, settings: Mapping[str, Any], train: Dataset, validation: Dataset) -> None:
        """Continue from the file, if there is one.

        Parameters
        ----------
        settings
            Of the training, by name.
        train, validation
            Its data.

        Raises
        ------
        UsageError
            If the file is of a training with another network, other data or other settings.
        """
        if self.path is None:
            return
        shapes = [(n, list(t.shape)) for n, t in self.parts["model"].state_dict().items()]
        self.belongs_to = {
            "network": hashlib.sha256(str(shapes).encode()).hexdigest(),
            "training data": data_digest(train),
            "validation data": data_digest(validation),
            **settings,
        }
        if not self.path.exists():
            return
        state = self.read()
        if state is None:
            return
        check_same(self.path, state.get("belongs_to", {}), self.belongs_to)
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        if not finite(self.parts["model"]):
            raise UsageError(
                f"{self.path} holds weights that are no finite numbers: delete it to begin anew, "
                "with a smaller lr."
            )
        self.history[:] = state["history"]
        self.best.update(state["best"])
        torch.set_rng_state(state["random"])
        if self.device.type == "cuda" and "random_cuda" in state:
            torch.cuda.set_rng_state(state["random_cuda"], self.device)

    def read(self) -> dict[str, Any] | None:
        """Return what the file holds; None if it is damaged, and so set aside."""
        assert self.path is not None  # the caller has looked
        wrong, state = None, None
        try:
            with zipfile.ZipFile(self.path) as parts:
                wrong = parts.testzip()  # torch does not look at its checksums
            if wrong is None:
                state = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception:  # damaged bytes fail in as many ways as there are bytes
            pass
        if isinstance(state, dict):
            return state
        set_aside(self.path, CHANGED if wrong else "it cannot be read")
        return None

    def save_now_and_then(self) -> None:
        """Write the file if the last one is old enough."""
        if time.monotonic() - self.saved >= CHECKPOINT_SECONDS:
            self.save()

    def save(self) -> None:
        """Write the file."""
        if self.path is None or not is_first():
            return
        state = {name: part.state_dict() for name, part in self.parts.items()}
        state |= {"history": self.history, "best": self.best, "random": torch.get_rng_state()}
        state["belongs_to"] = self.belongs_to
        if self.device.type == "cuda":
            state["random_cuda"] = torch.cuda.get_rng_state(self.device)
        # Through a file of Python, whose errors say when the disk is full.
        with atomic_write(self.path) as temporary, temporary.open("wb") as file:
            torch.save(state, file)
        self.saved = time.monotonic()


def data_digest(data: Dataset) -> str:
    """Return what tells a data set from others: a digest of its images, labels, mean and std."""
    found = hashlib.sha256(f"{data.mean} {data.std} {data.flip} {data.shape}".encode())
    for tensor in (data.images, data.labels):
        found.update(tensor.cpu().contiguous().numpy().data)
    return found.hexdigest()


def check_same(path: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Refuse a checkpoint of another training, and say what is another."""
    others = [name for name in wanted if found.get(name) != wanted[name]]
    if not others:
        return
    hidden = ("network", "training data", "validation data")  # digests say nothing to readers
    named = [
        f"another {name}" if name in hidden else f"{name} {found.get(name)}, not {wanted[name]}"
        for name in others
    ]
    raise UsageError(
        f"{path} belongs to another training ({'; '.join(named)}): name another checkpoint, or "
        "delete this one to begin anew."
    )
