"""Which kernels of a network without masks are active: how modular it is by itself."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..data import Dataset
from ..masking.blocks import is_modular
from ..masking.losses import modularity_loss
from ..masking.samples import SampleMasks, collect
from ..support.errors import UsageError
from ..support.evaluating import evaluating
from .pairs import blocks_to_mask

PAIRED = 128  # images whose pairs are compared, as many as in a batch of training


def convolutions_to_mask(net: nn.Module) -> list[tuple[str, nn.Conv2d]]:
    """Return the convolutions that `to_modular` would mask, in the order of its masked layers."""
    if is_modular(net):
        raise UsageError("this network has masks: pass it to sample_masks, which reads them.")
    wanted = {name for name, _ in blocks_to_mask(net)}
    named = net.named_modules()
    return [(name, m) for name, m in named if name in wanted and isinstance(m, nn.Conv2d)]


@contextmanager
def recording(layers: Iterable[tuple[str, nn.Conv2d]]) -> Iterator[dict[str, Tensor]]:
    """Yield a dict in which each forward pass leaves which kernels were active, by layer.

    A kernel is active for an image if the global average of ReLU of the convolution's output is
    above 0 (``(N, K_layer)`` bool).
    """
    found: dict[str, Tensor] = {}

    def watch(name: str, layer: nn.Conv2d) -> torch.utils.hooks.RemovableHandle:
        def hook(_layer: nn.Module, _inputs: object, output: Tensor) -> None:
            found[name] = torch.relu(output).mean(dim=(2, 3)) > 0

        return layer.register_forward_hook(hook)

    handles = [watch(name, layer) for name, layer in layers]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def activation_masks(net: nn.Module, data: Dataset) -> SampleMasks:
    """Return which kernels of a standard model are active, in the place of sample masks.

    With them `module_masks`, `metrics.kernel_retention_rate`, `metrics.cohesion` and
    `metrics.coupling` measure a standard model as they do a modular one.

    Parameters
    ----------
    net
        A plain network, on the device of the data.
    data
        With at least one image of every class.

    Returns
    -------
    SampleMasks
        Its ``mean`` is the frequency.

    Raises
    ------
    UsageError
        If the network is modular, or a class has no image.
    """
    return active_masks(net, convolutions_to_mask(net), data)


def active_masks(
    net: nn.Module,
    convolutions: Sequence[tuple[str, nn.Conv2d]],
    data: Dataset,
    batch_size: int = 125,
) -> SampleMasks:
    """Return which kernels of some convolutions are active, in the order given."""
    layers = tuple((name, layer.out_channels) for name, layer in convolutions)
    with recording(convolutions) as found:

        def batch() -> Tensor:
            return torch.cat([found[name].float() for name, _ in layers], dim=1)

        return collect(net, data, batch, layers, batch_size)


@torch.inference_mode()
def activation_figures(net: nn.Module, data: Dataset) -> dict[str, float]:
    """Return for a standard model what modular training reports of its masks.

    Parameters
    ----------
    net
        A plain network, on the device of the data.
    data
        Images, compared in pairs within groups as large as a batch of training.

    Returns
    -------
    dict
        ``kernel_rate``, the share of kernels in use, and ``cohesion`` and ``coupling``, the losses
        of modular training on these masks; all in [0, 1].
    """
    rows = []
    order = torch.arange(len(data), device=data.labels.device)
    # Strides rather than blocks: a data set sorted by class has no two classes in a block.
    parts = max(1, len(data) // PAIRED)
    with evaluating(net), recording(convolutions_to_mask(net)) as found:
        for part in range(parts):
            index = order[part::parts]
            net(data.normalized(data.images[index]))
            masks = [layer.float() for layer in found.values()]
            cohesion, coupling = modularity_loss(masks, data.labels[index])
            rows.append(torch.stack([torch.cat(masks, dim=1).mean(), cohesion, coupling]))
    means = torch.stack(rows).mean(dim=0).tolist()
    return dict(zip(("kernel_rate", "cohesion", "coupling"), means, strict=True))
