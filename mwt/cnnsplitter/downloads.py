"""CNNSplitter's own download: its model, importance and populations, as modules."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .. import released
from ..support import pickles
from ..support.errors import UsageError
from .genes import Layout, layout_of


@dataclass(frozen=True)
class Download:
    """What a folder of CNNSplitter's download holds.

    Attributes
    ----------
    folder
        With ``entire_model.pth``, ``kernel_importance/avg_L1.pkl`` and ``ga/``.
    net
        The trained network.
    importance
        For each class, for each convolution ``(kernels,)``.
    layout
        Where the bits of a solution act.
    """

    folder: Path
    net: nn.Module
    importance: list[list[Tensor]]
    layout: Layout

    def population(self, generation: int, label: int) -> np.ndarray:
        """Return the solutions ``(S, genes)`` of a class in a generation, of 0 and 1.

        Raises
        ------
        UsageError
            If there is no such file, or it holds anything but such solutions.
        """
        path = self.folder / "ga" / f"gen_{generation}_exp_{label}_pop.pkl"
        content = pickles.read_pickle(path)
        try:
            rows = np.asarray(content, dtype=float)
        except (TypeError, ValueError, OverflowError):
            rows = np.empty(0)
        if rows.ndim != 2 or rows.shape[1] != self.layout.genes or not np.isin(rows, (0, 1)).all():
            raise UsageError(
                f"{path} holds no solutions of {self.layout.genes} genes of 0 and 1 (shape "
                f"{rows.shape}): give the populations of this network."
            )
        return rows.astype(np.uint8)

    def masks(self, generation: int, rows: list[int]) -> Tensor:
        """Return the kernels ``(classes, K)`` of one solution of each class.

        Parameters
        ----------
        generation
            Whose populations.
        rows
            Of each class, the row of its population: for SimCNN on CIFAR-10 the authors name
            generation 123 and rows 0 1 0 0 0 0 0 110 2 9 as the best.

        Raises
        ------
        UsageError
            For a row that does not exist, or another number of rows than classes.
        """
        if len(rows) != len(self.importance):
            raise UsageError(
                f"{len(rows)} rows for {len(self.importance)} classes: give one row a class."
            )
        found = []
        for label, row in enumerate(rows):
            solutions = self.population(generation, label)
            if not 0 <= row < len(solutions):
                raise UsageError(
                    f"row {row} of class {label}: generation {generation} has rows 0 to "
                    f"{len(solutions) - 1}."
                )
            found.append(self.layout.masks(solutions[row : row + 1], self.importance[label]))
        return torch.cat(found)


def load(folder: Path | str, model: str, width: float = 1.0) -> Download:
    """Read the download of CNNSplitter for one network and data set.

    Nothing in it can run: the model is read as plain tensors, the pickles by `pickles.read_pickle`.

    Parameters
    ----------
    folder
        With ``entire_model.pth`` and ``kernel_importance/avg_L1.pkl``; the populations in ``ga/``
        are read when they are asked for.
    model
        ``simcnn`` or ``rescnn``.
    width
        Multiplier of every layer's channels; 1 for all files of the authors.

    Raises
    ------
    UsageError
        If a file is missing, damaged, for another network, or holds anything but plain data.
    """
    folder = Path(folder).expanduser()
    net = released.load(folder / "entire_model.pth", model, width)
    if not isinstance(net, nn.Module) or released.method(folder / "entire_model.pth") != "standard":
        raise UsageError(
            f"{folder / 'entire_model.pth'} is no standard network: give CNNSplitter's."
        )
    layout = layout_of(net)
    path = folder / "kernel_importance" / "avg_L1.pkl"
    content = pickles.read_pickle(path)
    try:
        importance = [
            [torch.as_tensor(np.asarray(layer, dtype=float)).float().flatten() for layer in layers]
            for layers in content
        ]
    except (TypeError, ValueError, OverflowError):
        importance = []
    classes = [m.out_features for m in net.modules() if isinstance(m, nn.Linear)][-1]
    sizes = [tuple(len(layer) for layer in layers) for layers in importance]
    finite = all(bool(layer.isfinite().all()) for layers in importance for layer in layers)
    if sizes != [layout.kernels] * classes or not finite:
        raise UsageError(
            f"{path} holds no importance of {list(layout.kernels)} kernels for each of {classes} "
            "classes: give the file of this network."
        )
    return Download(folder, net, importance, layout)
