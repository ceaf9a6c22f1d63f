"""A small batch of images that a network runs on, found by trying."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..masking.blocks import masked_blocks
from ..support.evaluating import evaluating

SIZES = (32, 64, 28, 96, 128, 224, 227, 256, 299, 331)


@contextmanager
def untouched(net: nn.Module) -> Iterator[None]:
    """Run a network in evaluation mode; leave its modes, its masks and random numbers as they were.

    Parameters
    ----------
    net
        Any network. What its own forward method writes into its attributes is not undone.
    """
    masks = [(block, block.mask) for _, block in masked_blocks(net)]
    devices = {p.device for p in net.parameters() if p.device.type == "cuda"}
    try:
        with evaluating(net), torch.random.fork_rng(devices), torch.no_grad():
            yield
    finally:
        for block, mask in masks:
            block.mask = mask


def runs_on(net: nn.Module, images: Tensor) -> bool:
    """Tell whether a network takes these images."""
    with untouched(net):
        try:
            net(images)
        except Exception:  # forward methods fail in as many ways as there are
            return False
    return True


def example(net: nn.Module) -> Tensor | None:
    """Return two images that a network runs on, ``(2, C, H, W)``; None if none were found.

    The attribute ``example_input_array`` of the network, where it has one that is a tensor (as
    networks of Lightning do), says which; else its first convolution says how many channels the
    images have, and usual sizes are tried.
    """
    tensor = next((p for p in net.parameters() if p.is_floating_point()), None)
    if tensor is None:
        return None
    given = getattr(net, "example_input_array", None)
    if isinstance(given, Tensor):
        images = torch.cat([given[:1]] * 2).to(tensor)
        return images if runs_on(net, images) else None
    convolutions = [module for module in net.modules() if isinstance(module, nn.Conv2d)]
    if not convolutions:
        return None
    for channels in dict.fromkeys((convolutions[0].in_channels, 3, 1)):
        for size in SIZES:
            images = random_images((2, channels, size, size), tensor)
            if runs_on(net, images):
                return images
    return None


def random_images(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Return standard normal images of a tensor's type, on its device; always the same ones."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn(shape, generator=generator).to(like)
