"""Follow channels through a network's graph and cut every layer to those that are left."""

from __future__ import annotations

import copy
import operator
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from .errors import UnsupportedLayer
from .modular import MaskedConvBN
from .modules import check_classes
from .slicing import ZeroFill, sliced_bn, sliced_conv, sliced_linear

# What maps a channel of zeros to a channel of zeros, whatever the other channels hold.
PASSING_MODULES = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Tanh),
    *(nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d),
    *(nn.Dropout, nn.Dropout2d, nn.Identity),
)
PASSING_FUNCTIONS = {
    *(F.relu, torch.relu, F.relu6, F.leaky_relu, F.gelu, F.silu, F.hardswish, torch.tanh),
    *(F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d, F.adaptive_max_pool2d),
}
PASSING_METHODS = {"relu", "relu_", "tanh", "contiguous"}
ADDITIONS = {operator.add, operator.iadd, torch.add, "add", "add_"}
FLATTENINGS = {torch.flatten, "flatten", "view", "reshape"}


class Cutter:
    """Walks the graph once, from the image to the logits, and cuts each layer as it passes.

    ``kept`` holds, for every tensor in the graph, which channels of the whole network's tensor are
    left (``(C,)`` bool; all others are zero there), or None where nothing is missing.
    """

    def __init__(self, net: fx.GraphModule, plan: dict[str, list[Tensor]]) -> None:
        self.net = net
        self.plan = plan
        self.kept: dict[fx.Node, Tensor | None] = {}
        self.flat: set[fx.Node] = set()
        self.calls = Counter(n.target for n in net.graph.nodes if n.op == "call_module")

    def cut(self, classes: Sequence[int] | None) -> fx.GraphModule:
        """Return the smaller network."""
        last = self.last_linear()
        for node in list(self.net.graph.nodes):
            self.kept[node] = self.visit(node)
            if self.kept[node] is not None and self.flat.intersection(node.all_input_nodes):
                self.flat.add(node)
        if classes is not None:
            if last is None:
                raise UnsupportedLayer(
                    "the network does not end in a Linear layer, whose outputs are the classes: "
                    "pass classes=None."
                )
            linear = self.net.get_submodule(str(last.target))
            assert isinstance(linear, nn.Linear)
            rows = torch.tensor(check_classes(classes, linear.out_features))
            self.put(last, sliced_linear(linear, rows.to(linear.weight.device), None))
        self.net.recompile()
        self.net.delete_all_unused_submodules()
        return self.net

    def last_linear(self) -> fx.Node | None:
        """Return the linear layer that gives the logits."""
        node = next(n for n in self.net.graph.nodes if n.op == "output").args[0]
        is_module = isinstance(node, fx.Node) and node.op == "call_module"
        return node if is_module and isinstance(self.module(node), nn.Linear) else None

    def visit(self, node: fx.Node) -> Tensor | None:
        """Cut the layer of a node; return the channels that its output has."""
        if node.target is F.dropout:
            self.thaw(node)
        if node.op == "call_module":
            return self.visit_module(node, self.module(node))
        partial = [n for n in node.all_input_nodes if self.kept[n] is not None]
        if not partial:
            return None
        if node.op == "output":
            self.all_whole(node)
            return None
        target: Any = node.target
        if target in ADDITIONS:
            return self.add(node)
        if target is torch.cat:
            return self.concatenate(node)
        if target in FLATTENINGS and flattens(node):
            self.flat.add(node)
            return self.kept[partial[0]]
        if target in PASSING_FUNCTIONS | PASSING_METHODS or averages(node):
            return self.kept[partial[0]]
        if target in {"size", getattr} and node.args[1:] in {(0,), ("shape",)}:
            return None  # the batch size, as reshaping asks for it
        name = getattr(target, "__name__", target)
        raise self.refusal(node, f"channels cannot be followed through {name}")

    def visit_module(self, node: fx.Node, module: nn.Module) -> Tensor | None:
        """Cut a layer that is a module."""
        source = node.all_input_nodes[0]
        kept = self.kept[source]
        if isinstance(module, MaskedConvBN):
            bits, scale = self.plan[str(node.target)]
            alive = bits if bits.any() else torch.arange(len(bits), device=bits.device) == 0
            conv = self.conv(node, module.conv, alive, kept)
            bn = sliced_bn(module.bn, alive, scale * bits)
            self.put(node, nn.Sequential(OrderedDict(conv=conv, bn=bn)))
            return alive
        if isinstance(module, nn.Conv2d):
            every = torch.ones(module.out_channels, dtype=torch.bool, device=module.weight.device)
            self.put(node, self.conv(node, module, every, kept))
            return every
        if isinstance(module, nn.Linear):
            columns = None
            if kept is not None:
                columns = kept.repeat_interleave(module.in_features // len(kept))
            self.put(node, sliced_linear(module, None, columns))
            return None
        if isinstance(module, nn.BatchNorm2d):  # maps zero to its shift, so zeros must be there
            self.whole(node, source)
            self.put(node, copy.deepcopy(module))
            return None if kept is None else torch.ones_like(kept)
        if isinstance(module, nn.Flatten) and module.start_dim == 1:
            self.flat.add(node)
        elif kept is not None and not isinstance(module, PASSING_MODULES):
            raise self.refusal(node, f"channels cannot be followed through {type(module).__name__}")
        self.net.set_submodule(str(node.target), copy.deepcopy(module))
        return kept

    def add(self, node: fx.Node) -> Tensor | None:
        """At a sum the kept channels are the union; a side that lacks one contributes zero."""
        sides = node.all_input_nodes
        kept = [self.kept[side] for side in sides]
        if len(sides) < 2 or any(k is None for k in kept):  # a constant or the image: not zero
            self.all_whole(node)
            return None
        union = torch.stack([k for k in kept if k is not None]).any(dim=0)
        for side in sides:
            self.fill(node, side, union)
        return union

    def concatenate(self, node: fx.Node) -> Tensor | None:
        """Kept channels follow each other as the channels do."""
        dim = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)
        tensors: Any = node.args[0] if node.args else node.kwargs["tensors"]
        kept = [self.kept[n] for n in tensors]
        known = [k for k in kept if k is not None]
        flat = self.flat.intersection(node.all_input_nodes)  # of unknown positions a channel
        if dim == 1 and len(known) == len(kept) and not flat:
            return torch.cat(known)
        self.all_whole(node)
        return None

    def all_whole(self, node: fx.Node) -> None:
        """Give ``node`` all channels of what it reads again."""
        for source in node.all_input_nodes:
            self.whole(node, source)

    def whole(self, node: fx.Node, source: fx.Node) -> None:
        """Give ``node`` all channels of ``source`` again."""
        kept = self.kept[source]
        if kept is not None:
            self.fill(node, source, torch.ones_like(kept))

    def fill(self, node: fx.Node, source: fx.Node, wanted: Tensor) -> None:
        """Give ``node`` the channels ``wanted`` of ``source``, zero where they are missing."""
        kept = self.kept[source]
        assert kept is not None
        if torch.equal(kept, wanted):
            return
        name = f"zero_fill_{node.name}_{source.name}"
        self.net.add_submodule(name, ZeroFill(kept, wanted, flat=source in self.flat))
        with self.net.graph.inserting_before(node):
            filled = self.net.graph.call_module(name, (source,))
        node.replace_input_with(source, filled)
        if source in self.flat:
            self.flat.add(filled)

    def thaw(self, node: fx.Node) -> None:
        """Let a dropout that was traced as a function follow the module's mode again."""
        p: Any = node.kwargs.get("p", node.args[1] if len(node.args) > 1 else 0.5)
        self.net.add_submodule(node.name, nn.Dropout(p))
        node.op, node.target = "call_module", node.name
        node.args, node.kwargs = (node.all_input_nodes[0],), {}

    def conv(
        self, node: fx.Node, conv: nn.Conv2d, rows: Tensor, columns: Tensor | None
    ) -> nn.Conv2d:
        """Cut a convolution, or refuse it by name."""
        if conv.groups != 1:
            raise self.refusal(node, f"a convolution of {conv.groups} groups cannot be cut")
        return sliced_conv(conv, rows, columns)

    def module(self, node: fx.Node) -> nn.Module:
        """Return the module that a node calls."""
        return self.net.get_submodule(str(node.target))

    def put(self, node: fx.Node, module: nn.Module) -> None:
        """Replace the module that a node calls by one with fewer channels."""
        if self.calls[node.target] > 1:
            raise self.refusal(node, f"it is called {self.calls[node.target]} times")
        self.net.set_submodule(str(node.target), module)

    def refusal(self, node: fx.Node, why: str) -> UnsupportedLayer:
        """Return the error for a layer that cannot be cut."""
        layer = str(node.target) if node.op == "call_module" else node.name
        return UnsupportedLayer(
            f"layer {layer!r}: {why}; write this part of the network "
            "with convolution, batch norm, zero-keeping activations, pooling, dropout, flatten, "
            "linear layers, sums and concatenations."
        )


def flattens(node: fx.Node) -> bool:
    """Tell whether a reshaping keeps the batch and joins all the rest."""
    if node.target in {torch.flatten, "flatten"}:
        start: Any = node.kwargs.get("start_dim", node.args[1] if len(node.args) > 1 else 0)
        return start == 1 and len(node.args) < 3 and "end_dim" not in node.kwargs
    sizes: Any = node.args[1:] if len(node.args) > 2 else node.args[1]
    return isinstance(sizes, tuple) and len(sizes) == 2 and sizes[1] == -1


def averages(node: fx.Node) -> bool:
    """Tell whether a mean goes over nothing but the positions of a feature map."""
    dims: Any = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else None)
    positions = {dims} if isinstance(dims, int) else set(dims or [0])
    return node.target in {torch.mean, "mean"} and positions <= {2, 3, -1, -2}
