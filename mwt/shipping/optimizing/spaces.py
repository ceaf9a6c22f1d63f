"""Which channels of a network's tensors belong together, so that one order serves all of them."""

import operator
from collections.abc import Iterable
from itertools import pairwise

import torch
from torch import fx, nn

from ...surgery import operations as ops
from ...surgery.operations import argument
from ...surgery.slicing import ZeroFill, depthwise
from .folding import FLATTENS, flattens, layer, own_layers

MASK_TO_MAPS = (slice(None), slice(None), None, None)


class Spaces:
    """What the tensors of a traced network have in common.

    A channel of a tensor is an *element*. Both sides of a sum have the same elements, and so has
    what an activation returns; a `ZeroFill` returns the elements that it reads, and new ones.

    Attributes
    ----------
    net
        The network.
    elements
        By node the element of each of its channels; of tensors ``(N, C, H, W)`` and ``(N, C)``,
        and of maps ``(N, C * H * W)`` that were flattened.
    axes
        By node the number of its dimensions.
    written, read
        Calls of layers that make their channels themselves, and of those that sum over channels:
        their weights can follow any order. ``read`` tells what is read.
    filled
        Calls of `ZeroFill`, and what each reads.
    pinned
        Nodes whose channels must stay as they are, since something that is not known reads them.
    """

    def __init__(self, net: fx.GraphModule) -> None:
        self.net = net
        self.alone = own_layers(net)
        self.elements: dict[fx.Node, list[int]] = {}
        self.axes: dict[fx.Node, int] = {}
        self.written: set[fx.Node] = set()
        self.read: dict[fx.Node, fx.Node] = {}
        self.filled: dict[fx.Node, fx.Node] = {}
        self.pinned: set[fx.Node] = set()
        self.count = 0
        self.equal: list[tuple[int, int]] = []
        for node in net.graph.nodes:
            if not self.visit(node):
                self.pinned.update(node.all_input_nodes)
        same = joined(self.count, self.equal)
        self.elements = {node: [same[e] for e in each] for node, each in self.elements.items()}

    def groups(self) -> list[list[fx.Node]]:
        """Return the nodes that have elements in common, directly or by way of others."""
        links = (pair for each in self.elements.values() for pair in pairwise(each))
        labels = joined(self.count, links)
        found: dict[int, list[fx.Node]] = {}
        for node, each in self.elements.items():
            found.setdefault(labels[each[0]], []).append(node)
        return list(found.values())

    def visit(self, node: fx.Node) -> bool:
        """Give a node its elements; return whether it can read its input in any order."""
        source = argument(node, 0, "input")
        known = isinstance(source, fx.Node) and source in self.elements
        module = layer(self.net, node)
        if type(module) is nn.Linear:
            return known and self.axes[source] == 2 and self.sums(node, source, module)
        if type(module) is nn.Conv2d and not depthwise(module):
            return self.sums(node, source if known else None, module)
        if node.target in ops.SUMS | ops.PRODUCTS | ops.QUOTIENTS:
            return self.arithmetic(node)
        if not known:
            return False
        if ops.reads_shape(node):
            return ops.sizes_taken(node, self.axes[source]) == ([], False)
        if isinstance(module, ZeroFill):
            return self.filling(node, source, module)
        axes = self.axes_after(node, module, self.axes[source])
        if axes is not None:
            self.elements[node], self.axes[node] = self.elements[source], axes
        return axes is not None

    def new(self, count: int) -> list[int]:
        """Return new elements."""
        self.count += count
        return list(range(self.count - count, self.count))

    def sums(self, node: fx.Node, source: fx.Node | None, module: nn.Conv2d | nn.Linear) -> bool:
        """Follow a layer that sums over channels."""
        conv = isinstance(module, nn.Conv2d)
        outputs, inputs = module.weight.shape[:2]
        self.elements[node], self.axes[node] = self.new(outputs), 4 if conv else 2
        if node not in self.alone or (isinstance(module, nn.Conv2d) and module.groups > 1):
            self.pinned.add(node)
            return False
        self.written.add(node)
        if source is None:
            return False
        channels = len(self.elements[source])
        fits = inputs == channels if conv else inputs % channels == 0
        if fits:
            self.read[node] = source
        return fits

    def arithmetic(self, node: fx.Node) -> bool:
        """Follow a sum or product of two tensors, or the product of one with a number."""
        left, right = argument(node, 0, "input"), argument(node, 1, "other")
        sides = [s for s in (left, right) if isinstance(s, fx.Node) and s in self.elements]
        if len(sides) == 1 and node.target not in ops.SUMS:
            number = right if sides[0] is left else left
            if not isinstance(number, int | float) or (
                node.target in ops.QUOTIENTS and sides[0] is right
            ):
                return False
        elif len(sides) != 2 or node.target in ops.QUOTIENTS:
            return False
        if len({(len(self.elements[side]), self.axes[side]) for side in sides}) > 1:
            return False
        self.equal += zip(self.elements[sides[0]], self.elements[sides[-1]], strict=True)
        self.elements[node], self.axes[node] = self.elements[sides[0]], self.axes[sides[0]]
        return True

    def filling(self, node: fx.Node, source: fx.Node, fill: ZeroFill) -> bool:
        """Follow the channels that a `ZeroFill` reads to their places."""
        given, index = self.elements[source], fill.index.tolist()
        if fill.flat or fill.channels != len(given) or not set(range(len(given))) <= set(index):
            return False
        new = iter(self.new(len(index)))
        self.elements[node] = [given[i] if i < len(given) else next(new) for i in index]
        self.axes[node] = self.axes[source]
        self.filled[node] = source
        return True

    def axes_after(self, node: fx.Node, module: nn.Module | None, axes: int) -> int | None:
        """Return the dimensions behind a call that goes by channel and leaves zeros zero.

        None of any other call.
        """
        target = node.target
        if len(node.all_input_nodes) > 1 and not reshapes_to_vectors(node):
            return None
        if type(module) is nn.Conv2d:  # depthwise
            return axes if node in self.alone else None
        if isinstance(module, nn.Flatten) or target in FLATTENS:
            return 2 if flattens(node, module) else None
        if isinstance(module, ops.SPATIAL_MODULES):
            return axes if axes == 4 and not getattr(module, "return_indices", False) else None
        if module is not None:
            return axes if ops.passes(module) else None
        if reshapes_to_vectors(node):
            return 2
        if target in ops.PASSING or (target in ops.SPATIAL and axes == 4):
            return axes
        if target is operator.getitem:
            return 4 if axes == 2 and node.args[1] == MASK_TO_MAPS else None
        if target in {torch.mean, "mean"} and ops.positions_only(node, axes):
            return ops.reduced_axes(node, axes) if axes == 4 and ops.leaves_one(node, 4) else None
        return None


def reshapes_to_vectors(node: fx.Node) -> bool:
    """Tell whether a call is ``x.view(x.size(0), -1)``."""
    sizes = ops.new_sizes(node) if node.target in ops.RESHAPINGS - FLATTENS else ()
    if len(sizes) != 2 or sizes[1] != -1:
        return False
    counted = ops.first_size_of(sizes[0])
    return counted is not None and (counted is node.args[0] or counted.op == "placeholder")


def joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Return for each of some elements which group it is in: those of a pair are in one."""
    parents = list(range(count))

    def root(element: int) -> int:
        while parents[element] != element:
            parents[element] = parents[parents[element]]
            element = parents[element]
        return element

    for one, other in pairs:
        parents[root(one)] = root(other)
    return [root(element) for element in range(count)]
