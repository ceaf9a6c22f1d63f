"""How calls on tensors carry channels on: one rule for each kind of operation."""

import math
import operator
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import torch
from torch import fx

from . import operations as ops
from .channels import ChannelGraph, Channels, all_channels
from .operations import argument


class Follower(ChannelGraph):
    """Follows channels through calls on tensors, and puts zeros where they must be."""

    def __init__(self, net: fx.GraphModule, device: torch.device) -> None:
        super().__init__(net, device)
        self.shapes: set[fx.Node] = set()  # nodes that hold shapes or numbers read off them
        self.rules = (
            (ops.SUMS, self.sum),
            (ops.PRODUCTS, self.product),
            (ops.QUOTIENTS, self.quotient),
            (ops.CONCATENATIONS, self.concatenation),
            (ops.RESHAPINGS, self.reshaping),
            (ops.SQUEEZINGS, self.squeezing),
            (ops.UNSQUEEZINGS, self.unsqueezing),
            (ops.REDUCTIONS, self.reduction),
            (ops.EXPANSIONS, self.expansion),
            (ops.PADDINGS, self.padding),
            ({operator.getitem}, self.indexing),
        )

    def call(self, node: fx.Node) -> Channels | None:
        """Return the channels of what a call gives, once it has what it needs."""
        target: Any = node.target
        inputs = node.all_input_nodes
        source = self.known[inputs[0]] if inputs else None
        if not inputs and ops.is_python_arithmetic(node):  # on numbers that are known by now
            node.replace_all_uses_with(target(*node.args, **node.kwargs))
            return None
        if ops.reads_shape(node) or (
            ops.is_python_arithmetic(node) and self.shapes.issuperset(inputs)
        ):
            self.shapes.add(node)
            self.shape(node, source)
            return None
        for targets, rule in self.rules:
            if target in targets:
                return rule(node, source)
        if target in ops.PASSING:
            return source
        if target in ops.SPATIAL:
            adaptive = target in ops.ADAPTIVE
            one = adaptive and ops.pools_to_one(argument(node, 1, "output_size"))
            return self.on_maps(node, source, one)
        if target in ops.FILLING:
            return self.broadcast(node)
        self.all_whole(node)
        return None  # anything may happen to tensors that are whole

    def shape(self, node: fx.Node, source: Channels | None) -> None:
        """Replace the channel count that is read off a tensor by the whole network's.

        Also where this module lacks no channel: another mask must not lead to another graph.
        """
        if source is None or not ops.reads_shape(node):
            return
        if node.target == "dim" or (node.target is getattr and node.args[1] == "ndim"):
            node.replace_all_uses_with(source.axes)  # type: ignore[arg-type]
        channels, mixed = ops.sizes_taken(node, source.axes)
        if mixed or (channels and source.flat):
            self.all_whole(node)  # the shape is read off the whole tensor
            return
        for size in channels:
            size.replace_all_uses_with(len(source.kept))  # type: ignore[arg-type]

    def on_maps(self, node: fx.Node, source: Channels | None, single: bool) -> Channels | None:
        """Keep the channels of a feature map; a tensor of other dimensions gets all of them."""
        if source is None or source.axes == 4:
            return source and replace(source, single=single)
        self.all_whole(node)
        return None

    def sum(self, node: fx.Node, _source: Channels | None) -> Channels | None:
        """Unite the kept channels at a sum: a side that lacks one contributes zero."""
        sides = self.alike(node)
        if sides is None:
            return self.broadcast(node)
        union = torch.stack([side.kept for side in sides]).any(dim=0)
        return self.meet(node, union, sides)

    def product(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Keep at a product what both sides have; one gate for all channels changes nothing."""
        sides = self.alike(node)
        if sides is not None:
            both = torch.stack([side.kept for side in sides]).all(dim=0)
            if not both.any():  # a convolution needs something to read
                both[0] = True
            return self.meet(node, both, sides)
        numbers = [a for a in node.args[:2] if isinstance(a, int | float)]
        sizes = [n for n in node.all_input_nodes if n in self.shapes]
        if numbers or sizes:
            tensors = [n for n in node.all_input_nodes if n not in self.shapes]
            return self.known[tensors[0]] if len(tensors) == 1 else source
        known = [side for side in map(self.known.get, node.all_input_nodes) if side is not None]
        gates = [side for side in known if len(side.kept) == 1]
        if len(known) == 2 and len(gates) == 1 and {side.axes for side in known} == {4}:
            return replace(next(side for side in known if side is not gates[0]), single=False)
        return self.broadcast(node)

    def quotient(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Keep the channels at a division by a number."""
        divisor = argument(node, 1, "other")
        if isinstance(divisor, int | float) or divisor in self.shapes:
            return source
        return self.broadcast(node)

    def concatenation(self, node: fx.Node, _source: Channels | None) -> Channels | None:
        """Line the kept channels up as the channels are."""
        tensors: Any = argument(node, 0, "tensors")
        known = [self.known[n] for n in tensors] if isinstance(tensors, Sequence) else [None]
        sides = [side for side in known if side is not None and not side.flat]
        dim = argument(node, 1, "dim", "axis", default=0)
        axes = {side.axes for side in sides}
        alike = len(sides) == len(known) and len(axes) == 1 and isinstance(dim, int)
        if alike and dim % axes.pop() == 1:
            return replace(sides[0], kept=torch.cat([side.kept for side in sides]))
        self.all_whole(node)
        return None

    def reshaping(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Follow channels to vectors and, position by position, back to maps of one pixel."""
        if source is None:
            return None
        if node.target in {torch.flatten, "flatten"}:
            start, end = argument(node, 1, "start_dim", default=0), argument(node, 2, "end_dim")
            flattened = self.flattened(source, start, -1 if end is None else end)
            if flattened is not None:
                return flattened
        sizes = ops.new_sizes(node)
        if len(sizes) > 1 and self.is_batch(ops.first_size_of(sizes[0])):
            if len(sizes) == 2 and node.target not in {torch.flatten, "flatten"}:
                self.rewrite(node, "flatten", 1)
                return self.flattened(source, 1, -1)
            if sizes[1:] == (len(source.kept), 1, 1) and source.axes == 2 and not source.flat:
                self.rewrite(node, "unflatten", 1, (-1, 1, 1))
                return replace(source, axes=4, single=True)
            if sizes[1] == len(source.kept):  # the channels stay where they are
                self.all_whole(node)
                return replace(source.whole(), axes=len(sizes), flat=False)
        self.all_whole(node)
        return None  # channels, positions and images may be mixed

    def is_batch(self, tensor: fx.Node | None) -> bool:
        """Tell whether a tensor's first dimension is known to be the images."""
        return tensor is not None and (tensor.op == "placeholder" or self.known[tensor] is not None)

    def flattened(self, source: Channels, start: Any, end: Any) -> Channels | None:
        """Return the channels when the dimensions from ``start`` to ``end`` have become one."""
        if not isinstance(start, int) or end not in (-1, source.axes - 1):
            return None
        if start % source.axes == 1:
            return replace(source, axes=2, flat=source.flat or source.axes > 2)
        return None if source.flat or start % source.axes != 2 else replace(source, axes=3)

    def squeezing(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Drop positions of size one, where they are known to be that."""
        if source is not None and source.single and ops.positions_only(node, source.axes):
            return replace(source, axes=ops.reduced_axes(node, source.axes))
        self.all_whole(node)
        return None

    def unsqueezing(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Add positions of size one."""
        dim = argument(node, 1, "dim")
        if source is None or not isinstance(dim, int) or source.flat:
            self.all_whole(node)
            return None
        if dim % (source.axes + 1) >= 2:
            single = source.single or source.axes == 2
            return replace(source, axes=source.axes + 1, single=single)
        self.all_whole(node)
        return None

    def reduction(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Keep the channels of a mean over positions; one over channels gets all of them back."""
        pairs = node.target in {torch.max, "max"}  # of values and indices
        if source is not None and not source.flat and not pairs:
            if ops.positions_only(node, source.axes):
                axes = ops.reduced_axes(node, source.axes)
                return replace(source, axes=axes, single=ops.leaves_one(node, source.axes))
            if argument(node, 1, "dim", "axis") == 1 and ops.reduced_axes(node, 4) == 4:
                self.all_whole(node)
                return all_channels(1, source.axes)
        self.all_whole(node)
        return None

    def expansion(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Give all channels to what is repeated over another shape."""
        self.all_whole(node)
        other = self.known[node.all_input_nodes[-1]]
        if node.target == "expand_as" and source is not None and other is not None:
            return other.whole()
        return None

    def padding(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Keep the channels where only rows and columns of zeros are added."""
        zeros = argument(node, 3, "value") in (None, 0)
        pad = argument(node, 1, "pad")
        sides = len(pad) if isinstance(pad, tuple | list) else math.inf  # if it is computed
        if source is not None and zeros and sides <= 2 * (source.axes - 2):
            return replace(source, single=False)
        self.all_whole(node)
        return None

    def indexing(self, node: fx.Node, source: Channels | None) -> Channels | None:
        """Keep the channels where only positions are selected or dimensions added."""
        if source is None:
            return None
        axes = ops.indexed_axes(node, source.axes)
        if axes is not None and not source.flat:
            return replace(source, axes=axes, single=source.single or source.axes == 2)
        self.all_whole(node)
        return None

    def broadcast(self, node: fx.Node) -> Channels | None:
        """Give ``node`` all of its tensors whole; return the channels of what they are together.

        The order of the tensors plays no part. They are known if all are, have the same dimensions
        and either as many channels or one, which is repeated.
        """
        self.all_whole(node)
        tensors = [n for n in node.all_input_nodes if n not in self.shapes]
        known = [side for side in map(self.known.get, tensors) if side is not None]
        largest = max(known, key=lambda side: len(side.kept), default=None)
        if largest is None or any(
            not self.repeats(n, largest) for n in tensors if self.known[n] is not largest
        ):
            return None
        return largest.whole()

    def repeats(self, tensor: fx.Node, largest: Channels) -> bool:
        """Tell whether a tensor, broadcast with one of these channels, leaves its dimensions."""
        channels = self.known[tensor]
        if channels is not None:
            same = (channels.axes, channels.flat) == (largest.axes, largest.flat)
            one = len(channels.kept) == 1 and not largest.flat
            return same and (one or len(channels.kept) == len(largest.kept))
        if tensor.op != "get_attr":
            return False
        shape = tuple(attrgetter(str(tensor.target))(self.net).shape)
        padded = (1,) * (largest.axes - len(shape)) + shape
        if len(padded) > largest.axes or padded[0] != 1:
            return False
        return padded[1] == 1 or (padded[1] == len(largest.kept) and not largest.flat)
