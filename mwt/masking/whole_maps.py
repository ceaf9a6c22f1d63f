"""A number for each whole feature map: its average, and its product with one.

On maps of few channels in bfloat16, a CPU takes long for that. Channels come last in memory, and
torch goes through a map's pixels channel by channel: where these do not fill a vector of the
processor, one by one. There, the numbers are laid out once for a whole row of pixels, so that
vectors are full. Results are the same, bit by bit.
"""

from typing import Any, cast

import torch
from torch import Tensor

VECTOR = 32  # numbers in bfloat16


def averages(maps: Tensor) -> Tensor:
    """Return the averages ``(N, C)`` of maps ``(N, C, H, W)``, for training.

    The same numbers as `torch.mean`; but torch lays out the gradient of that in another order than
    that of the maps, and to add the two then takes a sixth of a step (CPU, channels last).
    """
    if is_narrow(maps) or maps.is_cuda:
        return cast(Tensor, Averages.apply(maps))
    return by_sum(maps)


def by_sum(maps: Tensor) -> Tensor:
    """Return the averages ``(N, C)`` of maps as sums divided by the number of pixels."""
    if maps.is_cuda:
        return maps.mean(dim=(2, 3), dtype=torch.promote_types(maps.dtype, torch.float32))
    return maps.sum(dim=(2, 3)) / (maps.shape[2] * maps.shape[3])


def scaled(maps: Tensor, values: Tensor) -> Tensor:
    """Return maps ``(N, C, H, W)``, each times its number in ``(N, C)``."""
    if is_narrow(maps) and values.dtype == maps.dtype and values.requires_grad:
        return cast(Tensor, Scaled.apply(maps, values))
    return maps * values.to(maps.dtype)[:, :, None, None]


def is_narrow(maps: Tensor) -> bool:
    """Tell whether feature maps ``(N, C, H, W)`` are such that a CPU takes long for."""
    return (
        maps.device.type == "cpu"
        and maps.dtype == torch.bfloat16
        and maps.shape[1] < VECTOR
        and maps.is_contiguous(memory_format=torch.channels_last)
        and not torch.compiler.is_compiling()
    )


def for_a_row(values: Tensor, width: int) -> Tensor:
    """Return numbers ``(N, C)`` for each pixel of a row, ``(N, C, 1, width)``, channels last."""
    row = values[:, :, None, None].expand(-1, -1, 1, width)
    return row.contiguous(memory_format=torch.channels_last)


class Averages(torch.autograd.Function):
    """The averages of maps, whose gradient is the same for each pixel."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor) -> Tensor:
        """Average maps ``(N, C, H, W)``."""
        ctx.shape, ctx.dtype = maps.shape, maps.dtype
        return by_sum(maps)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Return each map's share of its pixels' gradient."""
        height, width = ctx.shape[2:]
        if gradient.is_cuda:  # divided and rounded in one operation
            share = torch.empty_like(gradient, dtype=ctx.dtype)
            torch.div(gradient, height * width, out=share)
            return share[:, :, None, None].expand(ctx.shape)
        return for_a_row(gradient / (height * width), width).expand(ctx.shape)


class Scaled(torch.autograd.Function):
    """Maps ``(N, C, H, W)``, each times its number in ``(N, C)``."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, values: Tensor) -> Tensor:
        """Multiply."""
        row = for_a_row(values, maps.shape[3])
        ctx.save_for_backward(maps, row)
        return maps * row

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients of both."""
        maps, row = ctx.saved_tensors
        return gradient * row, (gradient * maps).sum(dim=(2, 3))
