"""A trial before any training: modules are cut and compared with the masked network."""

import copy
import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO

import torch
from torch import Tensor, nn
from torch.utils import _pytree

from ..masking.blocks import masked_blocks
from ..support.errors import UnsupportedLayer
from .example import example, random_images, runs_on, untouched
from .extraction import extract
from .tracing import first_sentence

TOLERANCE = 1e-3  # of the largest output: a channel in a wrong place is off by far more


class Bits(nn.Module):
    """A mask generator that says the same for every image."""

    def __init__(self, generator: nn.Module, bits: Tensor, gated: bool) -> None:
        """``gated`` tells whether the generator's own mask is multiplied by the bits."""
        super().__init__()
        self.generator, self.bits, self.gated = generator, bits, gated

    def forward(self, x: Tensor) -> Tensor:
        """Return the masks ``(N, kernels)`` of images ``(N, C, H, W)``."""
        bits = self.bits.to(x.dtype).expand(len(x), -1)
        return self.generator(x) * bits if self.gated else bits


def check_modules(modular: nn.Module) -> None:
    """Refuse a network whose modules cannot be cut out or compute something else than it does.

    A few modules are cut, with and without generators, and run on a small batch, as the masked
    network is. On the ``meta`` device, where nothing can be computed, nothing is checked.

    Parameters
    ----------
    modular
        A network with masked blocks; it is left as it was, random numbers included.

    Raises
    ------
    UnsupportedLayer
        With the largest difference, or how the module fails.
    """
    if next(modular.parameters()).device.type == "meta":
        return
    images = example(modular)
    if images is None:
        kernels = sum(block.kernels for _, block in masked_blocks(modular))
        nothing = torch.zeros(kernels, dtype=torch.bool)
        extract(modular, nothing, generators=True)  # no kernel: the most that must be followed
        warnings.warn(
            f"{type(modular).__name__} ran on no batch of random images, so that its modules could "
            "be cut out but not be compared with it: set its attribute example_input_array to a "
            "batch that it takes.",
            stacklevel=4,
        )
        return
    net = unlike_at_the_start(modular)
    like = next(p for p in net.parameters() if p.is_floating_point())
    batches = [random_images((3, *images.shape[1:]), like)]
    if not isinstance(getattr(net, "example_input_array", None), Tensor):
        _, channels, height, width = images.shape
        other = random_images((2, channels, height + 32, width + 32), like)
        batches += [other] if runs_on(net, other) else []
    for union, generators in trial_masks(net):
        try:
            compare(net, union, generators, batches)
        except UnsupportedLayer:
            # Rounding grows in networks whose maps do; what is wrong is wrong in double precision.
            if not runs_on(precise := copy.deepcopy(net).double(), batches[0].double()):
                raise
            compare(precise, union, generators, [images.double() for images in batches])


def unlike_at_the_start(modular: nn.Module) -> nn.Module:
    """Return a copy whose batch norms have what training gives, not ones and zeros.

    With a weight of zero, as some residual networks start, a wrong channel would not be seen. The
    other weights are shared, unless they are of half precision.
    """
    half = any(p.dtype in (torch.float16, torch.bfloat16) for p in modular.parameters())
    shared = {} if half else {id(p): p for p in modular.parameters()}
    net = copy.deepcopy(modular, shared)
    net = net.float() if half else net
    generator = torch.Generator().manual_seed(0)

    def drawn(tensor: Tensor, low: float, high: float) -> Tensor:
        return (torch.rand(tensor.shape, generator=generator) * (high - low) + low).to(tensor)

    for layer in net.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            if layer.affine:
                layer.weight = nn.Parameter(drawn(layer.weight.detach(), 0.5, 1.5))
                layer.bias = nn.Parameter(drawn(layer.bias.detach(), -0.5, 0.5))
            if layer.running_mean is not None and layer.running_var is not None:
                layer.running_mean = drawn(layer.running_mean, -0.5, 0.5)
                layer.running_var = drawn(layer.running_var, 0.5, 1.5)
    return net


def trial_masks(net: nn.Module) -> Iterator[tuple[Tensor, bool]]:
    """Yield module masks ``(K,)`` and whether generators are kept: layers of all that can be.

    Half of the kernels in every layer; one, all, half and none in turns; and none at all.
    """
    random = torch.Generator().manual_seed(0)
    kernels = [block.kernels for _, block in masked_blocks(net)]

    def half(count: int) -> Tensor:
        order = torch.randperm(count, generator=random)
        return order < max(1, count // 2)

    def mixed(place: int, count: int) -> Tensor:
        one = torch.arange(count) == count // 2
        turns = (one, torch.ones(count, dtype=torch.bool), half(count), torch.zeros(count) > 0)
        return turns[place % len(turns)]

    yield torch.cat([half(count) for count in kernels]), False
    yield torch.cat([mixed(place, count) for place, count in enumerate(kernels)]), False
    yield torch.zeros(sum(kernels), dtype=torch.bool), True


def compare(net: nn.Module, union: Tensor, generators: bool, batches: list[Tensor]) -> None:
    """Refuse the network if a module answers otherwise than it does with the same masks."""
    module = extract(net, union, generators=generators)
    blocks = [block for _, block in masked_blocks(net)]
    before = [block.generator for block in blocks]
    parts = union.to(batches[0].device).split([block.kernels for block in blocks])
    for images in batches:
        try:
            for block, bits in zip(blocks, parts, strict=True):
                block.generator = Bits(block.generator, bits, generators)  # type: ignore[assignment]
            with untouched(net):
                expected, again = outputs(net(images)), outputs(net(images))
        finally:
            for block, generator in zip(blocks, before, strict=True):
                block.generator = generator
        if not all(map(torch.equal, expected, again)):
            return  # what is drawn anew each time cannot be compared, nor what is not a number
        try:
            with untouched(module), redirect_stderr(StringIO()):  # fx prints its own traceback
                found = outputs(module(images))
            why = difference(expected, found)
        except Exception as error:  # as many as there are operations
            why = f"fails ({first_sentence(error)})"
        if why:
            raise UnsupportedLayer(
                f"a module cut out of {type(net).__name__} {why} where the network with the same "
                f"kernels masked gives its answer, on random images of shape {tuple(images.shape)}:"
                " let its forward method pass sizes on as they are, without int() or decisions."
            )


def outputs(result: object) -> list[Tensor]:
    """Return the tensors of what a network gives."""
    return [leaf for leaf in _pytree.tree_leaves(result) if isinstance(leaf, Tensor)]


def difference(expected: list[Tensor], found: list[Tensor]) -> str | None:
    """Say in words how outputs differ; None if they do not, to float rounding."""
    shapes = [[tuple(tensor.shape) for tensor in tensors] for tensors in (expected, found)]
    if shapes[0] != shapes[1]:
        return f"gives outputs of shape {shapes[1]}, not {shapes[0]},"
    for left, right in zip(expected, found, strict=True):
        if not left.is_floating_point() or not left.numel():
            continue
        share = (left - right).abs().max() / left.abs().max().clamp(min=1e-6)
        if not share <= TOLERANCE:
            return f"differs by {float(share):.2g} of the largest output"
    return None
