"""Walk a network's graph from the image to the logits and cut every layer to what is left."""

from __future__ import annotations

import copy
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from .channels import Channels, all_channels
from .errors import UnsupportedLayer
from .following import Follower
from .modular import MaskedConvBN
from .modules import check_classes
from .operations import FILLING_MODULES, PASSING_MODULES
from .slicing import depthwise, sliced_bn, sliced_conv, sliced_linear


class Cutter(Follower):
    """Cuts each layer as it passes.

    ``plan`` holds for each masked block its bits (on the CPU) and the scale of its kernels.
    """

    def __init__(
        self, net: fx.GraphModule, plan: Mapping[str, tuple[Tensor, Tensor]], device: torch.device
    ) -> None:
        super().__init__(net, device)
        self.plan = plan
        self.calls = Counter(n.target for n in net.graph.nodes if n.op == "call_module")

    def cut(self, classes: Sequence[int] | None) -> fx.GraphModule:
        """Return the smaller network."""
        last = self.last_linear()
        for node in list(self.net.graph.nodes):
            self.known[node] = self.visit(node)
        if classes is not None:
            if last is None:
                raise UnsupportedLayer(
                    "the network does not end in a Linear layer, whose outputs are the classes: "
                    "pass classes=None."
                )
            linear = self.module(last)
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

    def visit(self, node: fx.Node) -> Channels | None:
        """Cut the layer of a node; return the channels that its output has."""
        if node.target is F.dropout:
            self.thaw(node)
        if node.op == "call_module":
            source = self.known[node.all_input_nodes[0]]
            module = self.module(node)
            if isinstance(module, MaskedConvBN):
                return self.masked(node, module, source)
            return self.layer(node, module, source)
        if node.op == "get_attr":
            self.own(node)
        if node.op == "output":
            self.all_whole(node)
        return self.call(node) if node.op in ("call_function", "call_method") else None

    def masked(self, node: fx.Node, block: MaskedConvBN, source: Channels | None) -> Channels:
        """Cut a masked block to the kernels of its bits."""
        bits, scale = self.plan[str(node.target)]
        alive = bits if bits.any() else torch.arange(len(bits)) == 0
        columns = source.kept if source is not None and source.partial else None
        if depthwise(block.conv):  # a kernel that is left needs its input, be it zero
            self.fill(node, node.all_input_nodes[0], alive)
            columns = None
        elif block.conv.groups > 1:  # groups are of one size: their channels stay, as zeros
            self.all_whole(node)
            alive, columns = torch.ones_like(bits), None
        conv = sliced_conv(block.conv, alive, columns)
        bn = sliced_bn(block.bn, alive, scale * bits.to(scale.device))
        self.put(node, nn.Sequential(OrderedDict(conv=conv, bn=bn)))
        return Channels(alive)

    def layer(self, node: fx.Node, module: nn.Module, source: Channels | None) -> Channels | None:
        """Cut any other layer to the channels that it is given."""
        if isinstance(module, nn.Conv2d):
            return self.conv(node, module, source)
        if isinstance(module, nn.Linear):
            return self.linear(node, module, source)
        if isinstance(module, nn.Flatten):
            source = self.flattened(node, module, source)
        elif isinstance(module, FILLING_MODULES) and not isinstance(module, PASSING_MODULES):
            self.all_whole(node)
            source = source and source.whole()
        elif not isinstance(module, PASSING_MODULES):
            if self.any_partial(node):
                kind = type(module).__name__
                raise self.refusal(node, f"channels cannot be followed through {kind}")
            source = None
        self.net.set_submodule(str(node.target), copy.deepcopy(module))
        return source

    def conv(self, node: fx.Node, conv: nn.Conv2d, source: Channels | None) -> Channels:
        """Cut a convolution without a mask to the channels that it reads."""
        if source is None or not source.partial:
            self.net.set_submodule(str(node.target), copy.deepcopy(conv))
        elif conv.groups == 1:
            self.put(node, sliced_conv(conv, None, source.kept))
        elif depthwise(conv) and conv.bias is None:
            self.put(node, sliced_conv(conv, source.kept, None))
            return source
        else:
            self.all_whole(node)
            self.net.set_submodule(str(node.target), copy.deepcopy(conv))
        return all_channels(conv.out_channels)

    def linear(self, node: fx.Node, linear: nn.Linear, source: Channels | None) -> Channels | None:
        """Cut a linear layer to the channels that it reads."""
        if source is not None and source.axes != 2:  # it acts on positions
            self.all_whole(node)
            self.net.set_submodule(str(node.target), copy.deepcopy(linear))
            return None
        if source is None or not source.partial:
            self.net.set_submodule(str(node.target), copy.deepcopy(linear))
        else:
            columns = source.kept.repeat_interleave(linear.in_features // len(source.kept))
            self.put(node, sliced_linear(linear, None, columns))
        return all_channels(linear.out_features, axes=2) if source is not None else None

    def flattened(
        self, node: fx.Node, module: nn.Flatten, source: Channels | None
    ) -> Channels | None:
        """Follow channels through a layer that flattens."""
        if source is None or module.end_dim not in (-1, source.axes - 1):
            self.all_whole(node)
            return None
        if module.start_dim == 1:
            return replace(source, axes=2, flat=source.flat or source.axes > 2)
        if module.start_dim == 2 and not source.flat:
            return replace(source, axes=3)
        return self.mixing(node, source)

    def thaw(self, node: fx.Node) -> None:
        """Let a dropout that was traced as a function follow the module's mode again."""
        p: Any = node.kwargs.get("p", node.args[1] if len(node.args) > 1 else 0.5)
        self.net.add_submodule(node.name, nn.Dropout(p))
        node.op, node.target = "call_module", node.name
        node.args, node.kwargs = (node.all_input_nodes[0],), {}

    def own(self, node: fx.Node) -> None:
        """Give the network a copy of a parameter or buffer that its forward method reads."""
        parent, _, name = str(node.target).rpartition(".")
        owner = self.net.get_submodule(parent)
        value = getattr(owner, name)
        if isinstance(value, Tensor):
            own = value.detach().clone()
            setattr(owner, name, nn.Parameter(own) if isinstance(value, nn.Parameter) else own)

    def module(self, node: fx.Node) -> nn.Module:
        """Return the module that a node calls."""
        return self.net.get_submodule(str(node.target))

    def put(self, node: fx.Node, module: nn.Module) -> None:
        """Replace the module that a node calls by one with fewer channels."""
        if self.calls[node.target] > 1:
            raise self.refusal(node, f"it is called {self.calls[node.target]} times")
        self.net.set_submodule(str(node.target), module)
