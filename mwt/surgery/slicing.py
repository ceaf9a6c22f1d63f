"""Layers with fewer channels; each function returns a new layer with weights of its own."""

import copy
from collections import OrderedDict
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..masking.blocks import MaskGenerator

BatchNorm = nn.BatchNorm2d | nn.SyncBatchNorm
T = TypeVar("T", nn.Conv2d, nn.Linear)


class ZeroFill(nn.Module):
    """Arrange channels as another layer expects them; those that are not there are zero."""

    index: Tensor

    def __init__(self, kept: Tensor, wanted: Tensor, flat: bool) -> None:
        """``kept`` and ``wanted`` are ``(C,)`` bool over the channels of the whole network.

        ``flat`` tells that each channel has been flattened to its positions.
        """
        super().__init__()
        self.channels, self.flat = int(kept.sum()), flat
        self.lacks = bool((wanted & ~kept).any())
        position = torch.where(kept, kept.cumsum(0) - 1, kept.sum())
        self.register_buffer("index", position[wanted])

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, kept, ...)`` to ``(N, wanted, ...)``."""
        if self.flat:
            x = x.unflatten(1, (self.channels, -1))
        if self.lacks:
            x = F.pad(x, [0, 0] * (x.dim() - 2) + [0, 1])
        x = x.index_select(1, self.index)
        return x.flatten(1) if self.flat else x


def sliced_conv(conv: nn.Conv2d, rows: Tensor | None, columns: Tensor | None) -> nn.Conv2d:
    """Return a convolution with some of the output and input channels; None keeps all.

    The channels of a depthwise convolution are both: its ``rows`` are its inputs too.
    """
    weight = conv.weight.detach()
    bias = None if conv.bias is None else conv.bias.detach()
    if rows is not None:
        weight, bias = weight[rows], None if bias is None else bias[rows]
    if columns is not None:
        weight = weight[:, columns]
    smaller = emptied(conv)
    smaller.out_channels = len(weight)
    if depthwise(conv):
        smaller.groups = smaller.in_channels = len(weight)
    elif conv.groups == 1:
        smaller.in_channels = weight.shape[1]
    smaller.weight = own(weight, conv.weight)
    smaller.bias = None if bias is None or conv.bias is None else own(bias, conv.bias)
    return smaller


def depthwise(conv: nn.Conv2d) -> bool:
    """Tell whether every output channel reads the one input channel of its number."""
    return conv.groups == conv.in_channels == conv.out_channels and conv.groups > 1


def sliced_bn(bn: BatchNorm, rows: Tensor, scale: Tensor) -> BatchNorm:
    """Return a batch norm of some channels, its weight and bias multiplied by ``scale``."""
    smaller = copy.deepcopy(bn)
    smaller.num_features = int(rows.sum())
    smaller.affine = True
    found = scale if bn.running_var is None else bn.running_var  # of the network's precision
    weight = torch.ones_like(found) if bn.weight is None else bn.weight.detach()
    bias = torch.zeros_like(found) if bn.bias is None else bn.bias.detach()
    trainable = bn.weight is None or bn.weight.requires_grad
    smaller.weight = nn.Parameter((weight * scale)[rows].to(weight.dtype), trainable)
    smaller.bias = nn.Parameter((bias * scale)[rows].to(weight.dtype), trainable)
    if bn.running_mean is not None and bn.running_var is not None:
        smaller.running_mean, smaller.running_var = bn.running_mean[rows], bn.running_var[rows]
    return smaller


def sliced_linear(linear: nn.Linear, rows: Tensor | None, columns: Tensor | None) -> nn.Linear:
    """Return a linear layer with some of the outputs and inputs; None keeps all."""
    weight = linear.weight.detach()
    bias = None if linear.bias is None else linear.bias.detach()
    if rows is not None:
        weight, bias = weight[rows], None if bias is None else bias[rows]
    if columns is not None:
        weight = weight[:, columns]
    smaller = emptied(linear)
    smaller.out_features, smaller.in_features = weight.shape
    smaller.weight = own(weight, linear.weight)
    smaller.bias = None if bias is None else own(bias, linear.bias)
    return smaller


def sliced_generator(
    generator: MaskGenerator, rows: Tensor, columns: Tensor | None
) -> nn.Sequential:
    """Return a mask generator as plain layers that read some channels and judge some kernels."""
    return nn.Sequential(
        OrderedDict(
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            squeeze=sliced_linear(generator.squeeze, None, columns),
            relu=nn.ReLU(),
            excite=sliced_linear(generator.excite, rows, None),
            tanh=nn.Tanh(),
            clip=nn.ReLU(),
        )
    )


def own(part: Tensor, of: Tensor) -> nn.Parameter:
    """Return a part of a tensor as a parameter that shares no memory with it."""
    part = part.clone() if part.data_ptr() == of.data_ptr() else part
    return nn.Parameter(part, of.requires_grad)


def emptied(layer: T) -> T:
    """Return a copy of a layer, its hooks and settings included, without its weight and bias."""
    return copy.deepcopy(layer, {id(p): None for p in (layer.weight, layer.bias) if p is not None})
