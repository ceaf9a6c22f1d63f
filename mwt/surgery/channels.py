"""Which channels of a tensor are left, and how zeros take the place of the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, fx

from ..support.errors import UnsupportedLayer
from .operations import place
from .slicing import ZeroFill


@dataclass(frozen=True)
class Channels:
    """Which channels of the whole network's tensor are left; all others are zero there.

    Attributes
    ----------
    kept
        ``(C,)`` bool, on the CPU.
    axes
        Dimensions of the tensor: 4 for feature maps, 2 for vectors.
    flat
        Whether each channel has been flattened to its positions.
    single
        Whether each channel is known to be one number: its positions have size one.
    """

    kept: Tensor
    axes: int = 4
    flat: bool = False
    single: bool = False

    @property
    def partial(self) -> bool:
        """Whether a channel is missing."""
        return not bool(self.kept.all())

    def whole(self) -> Channels:
        """Return the same with every channel."""
        return replace(self, kept=torch.ones_like(self.kept), single=False)


def all_channels(count: int, axes: int = 4) -> Channels:
    """Return so many channels, none of them missing."""
    return Channels(torch.ones(count, dtype=torch.bool), axes)


class ChannelGraph:
    """A network's graph with the channels of its tensors.

    ``known`` holds the `Channels` of every tensor; None where none is missing and their number is
    not known.
    """

    def __init__(self, net: fx.GraphModule, device: torch.device) -> None:
        self.net, self.device = net, device
        self.known: dict[fx.Node, Channels | None] = {}

    def any_partial(self, node: fx.Node) -> bool:
        """Tell whether a channel is missing in anything that ``node`` reads."""
        known = map(self.known.get, node.all_input_nodes)
        return any(channels is not None and channels.partial for channels in known)

    def all_whole(self, node: fx.Node) -> None:
        """Give ``node`` all channels of what it reads again."""
        for source in node.all_input_nodes:
            self.whole(node, source)

    def whole(self, node: fx.Node, source: fx.Node) -> None:
        """Give ``node`` all channels of ``source`` again."""
        channels = self.known.get(source)
        if channels is not None:
            self.fill(node, source, torch.ones_like(channels.kept))

    def fill(self, node: fx.Node, source: fx.Node, wanted: Tensor) -> None:
        """Give ``node`` the channels ``wanted`` of ``source``, zero where they are missing."""
        channels = self.known[source]
        if channels is None or torch.equal(channels.kept, wanted):
            return
        name = f"zero_fill_{node.name}_{source.name}"
        filling = ZeroFill(channels.kept, wanted, channels.flat).to(self.device)
        self.net.add_submodule(name, filling)
        with self.net.graph.inserting_before(node):
            filled = self.net.graph.call_module(name, (source,))
        node.replace_input_with(source, filled)
        self.known[filled] = replace(channels, kept=wanted)

    def alike(self, node: fx.Node) -> list[Channels] | None:
        """Return the channels of the two sides, if they are known and correspond."""
        sides = [self.known.get(a) if isinstance(a, fx.Node) else None for a in node.args[:2]]
        known = [side for side in sides if side is not None]
        if len(known) < 2:
            return None
        same = len({(len(side.kept), side.axes, side.flat) for side in known}) == 1
        return known if same else None

    def meet(self, node: fx.Node, wanted: Tensor, sides: list[Channels]) -> Channels:
        """Give both sides of ``node`` the same channels."""
        for side in node.all_input_nodes:
            self.fill(node, side, wanted)
        return replace(sides[0], kept=wanted, single=all(side.single for side in sides))

    def rewrite(self, node: fx.Node, method: str, *arguments: Any) -> None:
        """Make ``node`` a method call without sizes, which the cut may have changed."""
        if self.any_partial(node):
            node.op, node.target = "call_method", method
            node.args, node.kwargs = (node.all_input_nodes[0], *arguments), {}

    def refusal(self, node: fx.Node, why: str) -> UnsupportedLayer:
        """Return the error for a layer that cannot be cut."""
        return UnsupportedLayer(
            f"{place(node)}: {why}; write this part of the network with convolution, batch norm, "
            "element-wise activations, pooling, dropout, flatten, linear layers, sums, products "
            "and concatenations."
        )
