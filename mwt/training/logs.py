"""The history of a training as TensorBoard logs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def logs(folder: Path | None) -> Iterator[Any]:
    """Yield a TensorBoard writer, or None without a folder."""
    if folder is None:
        yield None
        return
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        yield writer


def log_epoch(writer: Any, row: dict[str, float]) -> None:
    """Write one epoch's figures to TensorBoard, if there is a writer."""
    if writer:
        for name, value in row.items():
            writer.add_scalar(name, value, int(row["epoch"]))
