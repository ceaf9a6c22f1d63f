"""Convolutions of an own class: which of their channels can be cut is tried, not known."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from .slicing import depthwise, sliced_conv

Cuts = tuple[bool, bool]  # whether kernels and whether inputs can be cut
TRIED: dict[Any, Cuts | None] = {}
TOLERANCE = 1e-5  # of the largest value: own classes may compute in single precision


def is_own(conv: nn.Conv2d) -> bool:
    """Tell whether a convolution computes in a way of its own, such as with its own padding."""
    methods = ("forward", "_conv_forward")
    return any(getattr(type(conv), name) is not getattr(nn.Conv2d, name) for name in methods)


def cuts(conv: nn.Conv2d) -> Cuts | None:
    """Tell whether a convolution can lose kernels, and whether it can lose inputs that are zero.

    One that standardizes its weights over their inputs can lose kernels only.

    Returns
    -------
    tuple of bool, or None
        None: it does not map one tensor to one with a channel for each kernel.
    """
    if not is_own(conv):
        return True, True
    settings = {k: v for k, v in vars(conv).items() if isinstance(v, int | float | str | tuple)}
    key = type(conv), str(settings)
    if key not in TRIED:
        with torch.device("cpu"):
            TRIED[key] = tried(conv)
    return TRIED[key]


@torch.no_grad()
def tried(conv: nn.Conv2d) -> Cuts | None:
    """Answer `cuts` by a trial on random weights and a random image."""
    random = torch.Generator().manual_seed(0)
    meta = conv.weight.device.type == "meta"
    try:
        whole = copy.deepcopy(conv)
        whole = (whole.to_empty(device="cpu") if meta else whole.cpu()).double().eval()
        for parameter in whole.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random).double())
        sides = [d * (k - 1) + 4 for k, d in zip(conv.kernel_size, conv.dilation, strict=True)]
        columns = torch.arange(conv.in_channels) % 2 == 0
        images = torch.randn(2, conv.in_channels, *sides, generator=random).double()
        images[:, ~columns] = 0
        expected = whole(images)
        if expected.shape[1] != conv.out_channels or expected.dim() != 4:
            return None
    except Exception:  # it fails in as many ways as forward methods can
        return None
    rows = torch.arange(conv.out_channels) % 2 == 0
    if depthwise(conv):
        return same(whole, rows, None, images[:, rows], expected[:, rows]), False
    if conv.groups > 1:
        return False, False
    return (
        same(whole, rows, None, images, expected[:, rows]),
        same(whole, None, columns, images[:, columns], expected),
    )


def same(
    conv: nn.Conv2d, rows: Tensor | None, columns: Tensor | None, images: Tensor, expected: Tensor
) -> bool:
    """Tell whether a convolution computes what is expected when it is cut."""
    try:
        found = sliced_conv(conv, rows, columns)(images)
    except Exception:  # as above
        return False
    largest = expected.abs().max()
    return found.shape == expected.shape and bool(
        (found - expected).abs().max() <= TOLERANCE * largest
    )
