"""Convolutions and linear layers of an own class: how they can be cut is tried, not known."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from .slicing import T, depthwise, sliced_conv

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
    if (key := key_of(conv)) not in TRIED:
        with torch.device("cpu"):
            TRIED[key] = tried(conv)
    return TRIED[key]


def is_linear(layer: nn.Linear) -> bool:
    """Tell whether a linear layer, of an own class perhaps, computes what torch's does."""
    if type(layer).forward is nn.Linear.forward:
        return True
    if (key := key_of(layer)) not in TRIED:
        with torch.device("cpu"):
            TRIED[key] = (True, True) if computes_as_usual(layer) else None
    return TRIED[key] is not None


def key_of(layer: nn.Module) -> tuple[type, str]:
    """Return a layer's class and settings, by which others need not be tried again."""
    settings = {k: v for k, v in vars(layer).items() if isinstance(v, int | float | str | tuple)}
    return type(layer), str(settings)


@torch.no_grad()
def tried(conv: nn.Conv2d) -> Cuts | None:
    """Answer `cuts` by a trial on random weights and a random image."""
    random = torch.Generator().manual_seed(0)
    try:
        whole = randomized(conv, random)
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


@torch.no_grad()
def computes_as_usual(layer: nn.Linear) -> bool:
    """Answer `is_linear` by a trial on random weights and vectors, in training and out of it."""
    random = torch.Generator().manual_seed(0)
    try:
        tried = randomized(layer, random)
        given = torch.randn(3, layer.in_features, generator=random).double()
        usual = nn.Linear.forward(tried, given)
        found = [tried.train(mode)(given) for mode in (False, True)]
        return all(torch.allclose(each, usual, rtol=TOLERANCE) for each in found)
    except Exception:  # it fails in as many ways as forward methods can
        return False


def randomized(layer: T, random: torch.Generator) -> T:
    """Return a copy of a layer with random weights, on the CPU, in evaluation mode."""
    copied = copy.deepcopy(layer)
    meta = layer.weight.device.type == "meta"
    copied = (copied.to_empty(device="cpu") if meta else copied.cpu()).double().eval()
    for parameter in copied.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=random).double())
    return copied


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
