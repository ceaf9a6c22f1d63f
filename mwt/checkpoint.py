"""All that an interrupted training needs to go on exactly where it was."""

import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler

from .files import appearing

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

    def restore(self) -> None:
        """Continue from the file, if there is one."""
        if self.path is None or not self.path.exists():
            return
        state = torch.load(self.path, map_location="cpu", weights_only=True)
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        self.history[:] = state["history"]
        self.best.update(state["best"])
        torch.set_rng_state(state["random"])
        if self.device.type == "cuda" and "random_cuda" in state:
            torch.cuda.set_rng_state(state["random_cuda"], self.device)

    def save_now_and_then(self) -> None:
        """Write the file if the last one is old enough."""
        if time.monotonic() - self.saved >= CHECKPOINT_SECONDS:
            self.save()

    def save(self) -> None:
        """Write the file."""
        if self.path is None:
            return
        state = {name: part.state_dict() for name, part in self.parts.items()}
        state |= {"history": self.history, "best": self.best, "random": torch.get_rng_state()}
        if self.device.type == "cuda":
            state["random_cuda"] = torch.cuda.get_rng_state(self.device)
        with appearing(self.path) as temporary:
            torch.save(state, temporary)
        self.saved = time.monotonic()
