"""Memory that a CPU needs again for each batch."""

import ctypes
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

# Of glibc's malloc.h.
TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4
KEEPING = {TRIM_THRESHOLD: -1, MMAP_MAX: 0}
# What it comes to by itself once something large was freed.
LARGEST = 32 * 2**20  # bytes: what is larger is mapped anew each time
USUAL = {MMAP_MAX: 65536, MMAP_THRESHOLD: LARGEST, TRIM_THRESHOLD: 2 * LARGEST}
OPEN: list[ctypes.CDLL] = []  # one for each block that is entered: the outermost sets and resets


@contextmanager
def kept_memory(device: torch.device, give_back: bool = False) -> Iterator[None]:
    """Keep memory that is freed inside the block, and use it for what is asked for next.

    Feature maps of more than 32 MiB, glibc gets from the system and gives back for each batch, and
    the system fills each page with zeros first: that was 5 to 17 % of a training step in float32 of
    the networks of full width. Without glibc, or where the environment has settings of malloc, this
    does nothing.

    Parameters
    ----------
    device
        Where the maps are: this is for a CPU's.
    give_back
        Whether the memory goes back to the system at the end of the block. That takes long beside
        a short block, and the next one needs it again.
    """
    library = glibc() if device.type == "cpu" else None
    if library is None:
        yield
        return
    if not OPEN:
        tell(library, KEEPING)
    OPEN.append(library)
    try:
        yield
    finally:
        OPEN.pop()
        if not OPEN:
            tell(library, USUAL)
        if give_back and not OPEN:
            library.malloc_trim(0)


def tell(library: ctypes.CDLL, settings: dict[int, int]) -> None:
    """Set how the C library gets memory."""
    for name, value in settings.items():
        library.mallopt(name, value)


@cache
def glibc() -> ctypes.CDLL | None:
    """Return the C library where it is glibc and nobody has told it how to get memory."""
    chosen = any(name.startswith("MALLOC_") for name in os.environ)
    chosen = chosen or "glibc.malloc" in os.environ.get("GLIBC_TUNABLES", "")
    if chosen or platform.libc_ver()[0] != "glibc":
        return None
    return ctypes.CDLL(None)
