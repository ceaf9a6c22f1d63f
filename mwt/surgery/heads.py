"""Where a network's logits come from: the outputs of some classes are chosen there."""

from collections import Counter
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from ..masking.blocks import MaskedConvBN
from ..support.checks import check_classes
from ..support.errors import UnsupportedLayer
from . import operations as ops
from .own_convs import cuts
from .slicing import sliced_conv, sliced_linear

# Each class's logit alone decides what becomes of it; a softmax is then over the chosen classes.
BEHIND_MODULES = (
    *(*ops.PASSING_MODULES, *ops.SPATIAL_MODULES, nn.Softmax, nn.LogSoftmax, nn.Softmax2d),
    *(nn.Sigmoid, nn.Hardsigmoid, nn.LogSigmoid, nn.Softplus, nn.Hardtanh),
)
BEHIND = {
    *(*ops.PASSING, *ops.SPATIAL, *ops.DROPOUTS, *ops.SUMS, *ops.PRODUCTS, *ops.QUOTIENTS),
    *(torch.softmax, F.softmax, "softmax", torch.log_softmax, F.log_softmax, "log_softmax"),
    *(torch.sigmoid, F.sigmoid, "sigmoid", F.logsigmoid, F.softplus, torch.exp, "exp"),
    *(torch.clamp, "clamp", F.hardtanh),
}


def logits_of(net: fx.GraphModule) -> fx.Node | None:
    """Return the node of a graph whose channels, or vector, are the logits.

    A linear layer, a convolution or a masked block, with at most what leaves each class in its
    place behind it; None if the network ends in another way.
    """
    steps: list[fx.Node] = []
    node: Any = next(node for node in net.graph.nodes if node.op == "output").args[0]
    while isinstance(node, fx.Node) and node.op.startswith("call"):
        layer = layer_of(net, node)
        if isinstance(layer, nn.Linear | nn.Conv2d | MaskedConvBN):
            axes: int | None = 2 if isinstance(layer, nn.Linear) else 4
            for step in reversed(steps):
                axes = axes and axes_behind(net, step, axes)
            return node if axes == 2 else None
        steps.append(node)
        tensors = [n for n in node.all_input_nodes if not is_number(net, n)]
        node = tensors[0] if len(tensors) == 1 else None
    return None


def axes_behind(net: fx.GraphModule, node: fx.Node, axes: int) -> int | None:
    """Return how many dimensions a call leaves; None if it may mix or move classes."""
    layer = layer_of(net, node)
    if isinstance(layer, nn.Flatten):
        return 2 if layer.start_dim == 1 and layer.end_dim in (-1, axes - 1) else None
    if layer is not None:
        return axes if ops.passes(layer) or isinstance(layer, BEHIND_MODULES) else None
    if node.target in BEHIND:
        return axes
    if node.target in {torch.flatten, "flatten"}:
        start, end = ops.argument(node, 1, "start_dim"), ops.argument(node, 2, "end_dim")
        return 2 if start == 1 and end in (None, -1, axes - 1) else None
    if node.target in ops.RESHAPINGS:
        sizes = ops.new_sizes(node)
        return (
            2
            if len(sizes) == 2 and ops.first_size_of(sizes[0]) is not None and sizes[1] == -1
            else None
        )
    if node.target in ops.REDUCTIONS | ops.SQUEEZINGS and ops.positions_only(node, axes):
        return ops.reduced_axes(node, axes)
    return None


def is_number(net: fx.GraphModule, node: fx.Node) -> bool:
    """Tell whether a node is a number for all classes: a size, or a parameter of one item."""
    if node.op == "get_attr":
        return bool(attrgetter(str(node.target))(net).numel() == 1)
    return ops.reads_shape(node) or ops.first_size_of(node) is not None


def layer_of(net: fx.GraphModule, node: fx.Node) -> nn.Module | None:
    """Return the layer that a node calls, if it calls one."""
    return net.get_submodule(str(node.target)) if node.op == "call_module" else None


class Choice:
    """The choice of some classes, in an order: half of it before a network is cut, half after.

    Raises
    ------
    UnsupportedLayer
        If it is not known where the logits come from.
    UsageError
        For classes that do not exist.
    """

    def __init__(
        self, net: fx.GraphModule, classes: Sequence[int], planned: Collection[str]
    ) -> None:
        self.net = net
        node = logits_of(net)
        if node is None:
            raise UnsupportedLayer(
                "the network does not end in a linear layer or a convolution whose outputs are the "
                "classes, with at most activations, pooling, flatten or softmax behind it: pass "
                "classes=None."
            )
        self.node, layer = node, layer_of(net, node)
        gives = layer.conv if isinstance(layer, MaskedConvBN) else layer
        assert isinstance(gives, nn.Linear | nn.Conv2d)
        vectors = isinstance(gives, nn.Linear)
        count = gives.out_features if isinstance(gives, nn.Linear) else gives.out_channels
        self.rows = torch.tensor(check_classes(classes, count))
        calls = Counter(n.target for n in net.graph.nodes)
        plain = isinstance(layer, nn.Conv2d) and layer.groups == 1 and (cuts(layer) or [False])[0]
        self.cut = calls[node.target] == 1 and node.target not in planned and (vectors or plain)
        if not self.cut:
            self.select(-1 if vectors else 1)

    def select(self, dim: int) -> None:
        """Let what comes behind the logits read the chosen ones only."""
        self.net.register_buffer("chosen_classes", self.rows)
        with self.net.graph.inserting_after(self.node):
            rows = self.net.graph.get_attr("chosen_classes")
        with self.net.graph.inserting_after(rows):
            chosen = self.net.graph.call_function(torch.index_select, (self.node, dim, rows))
        self.node.replace_all_uses_with(chosen)
        chosen.args = (self.node, dim, rows)

    def finish(self) -> None:
        """Cut the layer that gives the logits, once it has been cut to what it reads."""
        layer = layer_of(self.net, self.node)
        if self.cut and isinstance(layer, nn.Linear | nn.Conv2d):
            rows = self.rows.to(layer.weight.device)
            smaller = (
                sliced_linear(layer, rows, None)
                if isinstance(layer, nn.Linear)
                else sliced_conv(layer, rows, None)
            )
            self.net.set_submodule(str(self.node.target), smaller)
