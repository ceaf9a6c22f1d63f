"""Where a search stands: all that it needs to go on after an interruption."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import nn

from ..data import Dataset
from ..support.errors import UsageError
from ..support.files import CHANGED, atomic_write, set_aside
from .settings import Settings

FILE = "search.safetensors"


@dataclass(frozen=True)
class State:
    """The state after some generations.

    No state of random numbers is among it: each draw follows from the seed, the generation and the
    class.

    Attributes
    ----------
    populations
        ``(classes, P, genes)`` uint8, of the last generation.
    fitness
        ``(classes, P)`` float64, of its solutions; infinite for those of its best ensemble, which
        makes them the first rows of the next populations.
    carried
        ``(classes, kept, N)`` float32, logits of the solutions that stay, in their next order.
    winners
        ``(classes, genes)`` uint8, the solutions of the best ensemble of all generations.
    winners_generation
        In which it was found, counted from 1.
    winners_score
        By which it was best.
    history
        A row for each generation, as `mwt.cnnsplitter.Found` has it.
    """

    populations: np.ndarray
    fitness: np.ndarray
    carried: np.ndarray
    winners: np.ndarray
    winners_generation: int
    winners_score: float
    history: list[dict[str, float]]

    @property
    def generation(self) -> int:
        """How many generations have been scored."""
        return len(self.history)

    def save(self, folder: Path, identity: str) -> None:
        """Write the state as the one file of a folder, which appears whole or not at all."""
        arrays = {n: v for n, v in vars(self).items() if isinstance(v, np.ndarray)}
        rest = {n: v for n, v in vars(self).items() if n not in arrays}
        texts = {"identity": identity, "state": json.dumps(rest)}
        with atomic_write(folder / FILE) as temporary:
            save_file(arrays, temporary, texts | {"checksum": checksum(arrays, texts)})


NOTHING = np.empty(0)
START = State(NOTHING, NOTHING, NOTHING, NOTHING, 0, -1.0, [])  # before the first generation


def read_state(folder: Path, identity: str) -> State:
    """Return the state that a folder holds, or `START`: also where it is damaged, and set aside.

    Raises
    ------
    UsageError
        If it is another search's.
    """
    path = folder / FILE
    if not path.exists():
        return START
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError:
        metadata, arrays = {}, {}
    texts = {name: metadata.get(name, "") for name in ("identity", "state")}
    if metadata.get("checksum") != checksum(arrays, texts):
        set_aside(path, CHANGED)
        return START
    if metadata["identity"] != identity:
        raise UsageError(
            f"{path} is of another search: its network, data, settings or seed differ. "
            "Give another folder, or delete the file."
        )
    return State(**arrays, **json.loads(metadata["state"]))


def checksum(arrays: Mapping[str, np.ndarray], texts: Mapping[str, str]) -> str:
    """Return a digest of all that a file of a state holds."""
    found = hashlib.sha256(json.dumps(texts, sort_keys=True).encode())
    for name in sorted(arrays):
        found.update(f"{name} {arrays[name].shape}".encode())
        found.update(np.ascontiguousarray(arrays[name]).tobytes())
    return found.hexdigest()


def identity_of(net: nn.Module, data: Dataset, settings: Settings, seed: int) -> str:
    """Return a digest of all that a search's course follows from; the settings resolved."""
    tensors: Iterable[torch.Tensor] = (*net.state_dict().values(), data.images, data.labels)
    digest = hashlib.sha256(json.dumps([asdict(settings), seed]).encode())
    for tensor in tensors:
        digest.update(str(tuple(tensor.shape)).encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:12]
