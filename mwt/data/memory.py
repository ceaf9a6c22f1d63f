"""Whether images fit into the memory, asked before they are made."""

import os

from ..support.errors import UsageError


def check_memory(images: int, channels: int, side: int) -> None:
    """Refuse images ``(images, channels, side, side)`` of bytes that the memory cannot hold."""
    needed = images * channels * side**2
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise UsageError(
            f"{images:,} images of {side:,} x {side:,} pixels take {needed / 1e9:,.0f} GB, and "
            f"this machine has {there / 1e9:,.0f}: give a smaller size, or fewer images."
        )
