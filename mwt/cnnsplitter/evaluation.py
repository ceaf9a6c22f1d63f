"""The logits of many solutions at once: one pass of many masks through shared weights."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..models.res_cnn import POOLED, SUMS, ResCNN
from ..models.sim_cnn import SimCNN
from ..support.precision import full_float32
from .genes import layout_of

BYTES = 4 * 2**20  # of the largest feature maps of a pass on a CPU: what its caches hold
CUDA_BYTES = 2**30
MASKS = 8  # in a pass


@dataclass(frozen=True)
class Layer:
    """A convolution with what comes after it, its weights ready for the passes.

    Attributes
    ----------
    weight, bias, padding
        Of the convolution.
    pooled
        Whether a pooling of 2 x 2 follows.
    source
        The convolution whose input is added to the result, if any.
    """

    weight: Tensor
    bias: Tensor | None
    padding: int
    pooled: bool
    source: int | None

    def __call__(self, x: Tensor) -> Tensor:
        """Return the feature maps, before the mask.

        Pooling first gives the same on a quarter of the values: ReLU and a mask of 0 and 1 do not
        change which value is largest.
        """
        x = F.conv2d(x, self.weight, self.bias, padding=self.padding)
        return torch.relu_(halved(x) if self.pooled else x)


@torch.inference_mode()
@full_float32()
def own_logits(
    net: nn.Module,
    masks: Tensor,
    classes: Tensor,
    images: Tensor,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Return for each solution the logit of its own class for each image.

    A pass takes the feature maps of some images under many masks through the network's own weights
    and multiplies each by its mask after ReLU, which gives what a network without those kernels
    gives. The first convolution, whose input has no mask, is computed once for all solutions.

    Parameters
    ----------
    net
        A SimCNN or ResCNN; it is left as it was.
    masks
        ``(S, K)`` bool, which of all kernels each solution keeps.
    classes
        ``(S,)`` int64, the class of each solution.
    images
        ``(N, C, H, W)`` float32, normalized, on the network's device.
    dtype
        Of the convolutions: float32 is exact; bfloat16 is good to about two digits, enough to
        search. The classifier is always float32, lest rounding make ties.

    Returns
    -------
    Tensor
        ``(S, N)`` float32.

    Raises
    ------
    UsageError
        For another network.
    """
    kernels = layout_of(net).kernels
    layers = list(prepared(cast(SimCNN | ResCNN, net), dtype))
    device = images.device
    masks, classes = masks.to(device, dtype), classes.to(device)
    logits = torch.empty(len(masks), len(images), device=device)
    together = max(1, min(MASKS, len(masks)))
    largest = kernels[0] * images.shape[2] * images.shape[3] * masks.element_size()
    limit = BYTES if device.type == "cpu" else CUDA_BYTES
    count = max(1, limit // (largest * together))
    for start in range(0, len(images), count):
        some = images[start : start + count].to(dtype, memory_format=torch.channels_last)
        seen = layers[0](some)
        for begin in range(0, len(masks), together):
            part = slice(begin, begin + together)
            maps = masked_maps(layers, seen, masks[part].split(kernels, dim=1))
            result = head(net, maps).unflatten(0, (-1, len(some)))
            own = classes[part, None, None].expand(-1, len(some), 1)
            logits[part, start : start + count] = result.gather(2, own).squeeze(2)
    return logits


def prepared(net: SimCNN | ResCNN, dtype: torch.dtype) -> Iterator[Layer]:
    """Yield a network's convolutions, with weights of another type in channels-last order."""
    for number, name in enumerate(layout_of(net).names):
        conv = cast(nn.Conv2d, net.get_submodule(name))
        yield Layer(
            weight=conv.weight.to(dtype, memory_format=torch.channels_last),
            bias=None if conv.bias is None else conv.bias.to(dtype),
            padding=cast(tuple[int, int], conv.padding)[0],
            pooled=number in POOLED if isinstance(net, ResCNN) else net.pooled[number],
            source=SUMS.get(number) if isinstance(net, ResCNN) else None,
        )


def masked_maps(layers: list[Layer], seen: Tensor, masks: tuple[Tensor, ...]) -> Tensor:
    """Return the last feature maps ``(S * n, C, H, W)`` of S solutions for n images.

    Parameters
    ----------
    layers
        All of the network's.
    seen
        ``(n, C, H, W)``, the first layer's feature maps without a mask.
    masks
        For each layer ``(S, kernels)`` of 0 and 1.
    """
    x = broadcast_masked(seen, masks[0])
    inputs = {}
    for number, layer in enumerate(layers):
        if number:
            inputs[number] = x
            x = layer(x)
            by_solution = channels_at_end(x).unflatten(0, (len(masks[0]), -1))
            by_solution.mul_(masks[number][:, None, None, None])
        if layer.source is not None:
            x = x + inputs[layer.source]
    return x


def broadcast_masked(maps: Tensor, mask: Tensor) -> Tensor:
    """Return maps ``(n, C, H, W)`` under each of S masks, as ``(S * n, C, H, W)``."""
    product = channels_at_end(maps) * mask[:, None, None, None]
    return product.flatten(0, 1).permute(0, 3, 1, 2)


def halved(maps: Tensor) -> Tensor:
    """Return maps in channels-last order after max-pooling of 2 x 2.

    As comparisons of whole rows and columns, in two thirds of the time that torch's pooling takes.
    """
    x = channels_at_end(maps)
    height, width = (side // 2 * 2 for side in x.shape[1:3])
    x = torch.maximum(x[:, 0:height:2], x[:, 1:height:2])
    x = torch.maximum(x[:, :, 0:width:2], x[:, :, 1:width:2])
    return x.permute(0, 3, 1, 2)


def channels_at_end(maps: Tensor) -> Tensor:
    """Return a view of maps in channels-last order in which the channels are the last axis."""
    return maps.permute(0, 2, 3, 1)


def head(net: nn.Module, maps: Tensor) -> Tensor:
    """Return all logits from the last feature maps, in float32 and without dropout."""
    x = maps.flatten(1).float()
    if isinstance(net, ResCNN):
        return cast(nn.Linear, net.classifier[-1])(x)
    assert isinstance(net, SimCNN)
    return net.fc_15(F.relu(net.fc_14(F.relu(net.fc_13(x)))))
