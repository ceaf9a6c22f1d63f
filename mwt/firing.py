"""Which kernels of a network without masks fire: how modular a standard model is by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from .data import Dataset
from .losses import modularity_loss
from .modular import conv_bn_pairs, traced


@contextmanager
def recorded(net: nn.Module) -> Iterator[list[Tensor]]:
    """Yield a list to which each forward pass appends which kernels fired, layer by layer."""
    found: list[Tensor] = []

    def hook(_layer: nn.Module, _inputs: object, output: Tensor) -> None:
        found.append(torch.relu(output).mean(dim=(2, 3)) > 0)

    names = [name for name, _ in conv_bn_pairs(net, traced(net).graph)]
    handles = [net.get_submodule(name).register_forward_hook(hook) for name in names]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


@torch.inference_mode()
def firing_figures(net: nn.Module, data: Dataset, batch_size: int = 128) -> dict[str, float]:
    """Return for a standard model what modular training reports of its masks.

    A kernel is in use for an image if the global average of ReLU of the convolution's output is
    above 0. The convolutions are those that `to_modular` would mask.

    Parameters
    ----------
    net
        A plain network, on the device of the data.
    data
        Images to look at, in evaluation mode.
    batch_size
        Images whose pairs are compared, as in training.

    Returns
    -------
    dict
        ``kernel_rate``, the share of kernels in use, and ``cohesion`` and ``coupling``, the losses
        of modular training on these masks; all in [0, 1].
    """
    was_training = net.training
    net.eval()
    rows = []
    order = torch.arange(len(data), device=data.labels.device)
    # Strides rather than blocks: a data set sorted by class has no two classes in a block.
    parts = max(1, len(data) // batch_size)
    with recorded(net) as found:
        for part in range(parts):
            index = order[part::parts]
            found.clear()
            net(data.normalized(data.images[index]))
            masks = [layer.float() for layer in found]
            cohesion, coupling = modularity_loss(masks, data.labels[index])
            rows.append(torch.stack([torch.cat(masks, dim=1).mean(), cohesion, coupling]))
    net.train(was_training)
    means = torch.stack(rows).mean(dim=0).tolist()
    return dict(zip(("kernel_rate", "cohesion", "coupling"), means, strict=True))
