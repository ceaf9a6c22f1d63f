"""Mask generators on CUDA: a few small operations, which need not keep the convolutions waiting."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor

# Where a step is recorded, the generators' own queue beside the main one; else none.
QUEUES: list[torch.cuda.Stream] = []


@contextmanager
def generators_beside(queue: torch.cuda.Stream) -> Iterator[None]:
    """Let mask generators compute in a queue of their own inside the block.

    A mask is needed only after the convolution and the batch norm beside it. In a step that is
    recorded, the two then run at the same time, forward and backward.
    """
    QUEUES.append(queue)
    try:
        yield
    finally:
        QUEUES.pop()


def beside(generator: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Callable[[], None]]:
    """Return a generator's masks of ``x``, and what to call before they are used."""
    if not QUEUES or x.device.type != "cuda":
        return generator(x), at_once
    main, queue = torch.cuda.current_stream(x.device), QUEUES[-1]
    queue.wait_stream(main)
    with torch.cuda.stream(queue):
        mask = generator(x)
    return mask, lambda: main.wait_stream(queue)


def at_once() -> None:
    """Wait for nothing."""


def in_float32(device: torch.device) -> AbstractContextManager[object]:
    """Leave autocast on CUDA: to turn few numbers into bfloat16 and back takes longest there."""
    return torch.autocast("cuda", enabled=False) if device.type == "cuda" else nullcontext()
