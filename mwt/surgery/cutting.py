"""Walk a network's graph from the image to the logits and cut every layer to what is left."""

import copy
import operator
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor, fx, nn

from ..masking.blocks import MaskedConvBN, MaskedNorm
from .channels import Channels, all_channels
from .following import Follower
from .heads import Choice
from .operations import (
    DROPOUTS,
    FILLING_MODULES,
    SPATIAL_MODULES,
    argument,
    passes,
    pools_to_one,
)
from .own_convs import cuts, is_own
from .slicing import depthwise, sliced_bn, sliced_conv, sliced_generator, sliced_linear


class Cutter(Follower):
    """Cuts each layer as it passes.

    ``plan`` holds for each masked block its bits (on the CPU) and the scale of its kernels; or, of
    a plain network, for each convolution. ``generators`` tells whether masked blocks keep theirs.
    """

    def __init__(
        self,
        net: fx.GraphModule,
        plan: Mapping[str, tuple[Tensor, Tensor]],
        device: torch.device,
        generators: bool,
    ) -> None:
        super().__init__(net, device)
        self.plan, self.generators = plan, generators
        self.apart: dict[MaskedConvBN, tuple[str, fx.Node]] = {}
        self.calls = Counter(n.target for n in net.graph.nodes if n.op == "call_module")

    def cut(self, classes: Sequence[int] | None) -> fx.GraphModule:
        """Return the smaller network."""
        choice = None if classes is None else Choice(self.net, classes, self.plan.keys())
        self.own_tensors()
        for node in list(self.net.graph.nodes):
            self.known[node] = self.visit(node)
        if choice is not None:
            choice.finish()
        self.net.recompile()
        self.net.delete_all_unused_submodules()
        return self.net

    def visit(self, node: fx.Node) -> Channels | None:
        """Cut the layer of a node; return the channels that its output has."""
        if node.target in DROPOUTS:
            self.thaw(node)
        if node.op == "call_module":
            source = self.known[node.all_input_nodes[0]] if node.all_input_nodes else None
            module = self.module(node)
            if isinstance(module, MaskedConvBN):
                return self.masked(node, module, source)
            if isinstance(module, MaskedNorm):
                return self.masked_norm(node, module.block)
            return self.layer(node, module, source)
        if node.op == "output":
            self.all_whole(node)
        return self.call(node) if node.op in ("call_function", "call_method") else None

    def masked(self, node: fx.Node, block: MaskedConvBN, source: Channels | None) -> Channels:
        """Cut a masked block to the kernels of its bits."""
        name = str(node.target)
        bits, scale = self.plan[name]
        # What the generator reads is not filled: it needs channels that a depthwise kernel loses.
        given = node.all_input_nodes[0]
        seen = source.kept if source is not None and source.partial else None
        alive, columns = self.cuttable(node, block.conv, source, bits)
        conv = sliced_conv(block.conv, alive, columns)
        bn = sliced_bn(block.bn, alive, scale * bits.to(scale.device))
        parts: dict[str, nn.Module] = {"conv": conv, "bn": bn}
        if self.generators:
            parts["generator"] = sliced_generator(block.generator, alive, seen)
        if not block.apart and not self.generators:
            self.put(node, nn.Sequential(OrderedDict(parts)))
            return Channels(alive)
        self.put(node, nn.ModuleDict(parts))
        if block.apart:  # what comes between passes the channels on, up to its `MaskedNorm`
            node.target = f"{name}.conv"
            self.apart[block] = name, given
        else:
            with self.net.graph.inserting_before(node):
                maps = self.net.graph.call_module(f"{name}.conv", (node.all_input_nodes[0],))
            self.multiply(node, name, maps, given)
        return Channels(alive)

    def masked_norm(self, node: fx.Node, block: MaskedConvBN) -> Channels | None:
        """Put the batch norm of a masked block, cut with its convolution, where it stands."""
        (name, given), maps = self.apart[block], node.all_input_nodes[0]
        if self.generators:
            self.multiply(node, name, maps, given)
        else:
            node.target = f"{name}.bn"
        return self.known[maps]

    def cuttable(
        self, node: fx.Node, conv: nn.Conv2d, source: Channels | None, bits: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """Return which kernels and inputs of a convolution stay, once it is given these inputs."""
        alive = bits if bits.any() else torch.arange(len(bits)) == 0
        rows, columns = cuts(conv) or (False, False)
        if rows and depthwise(conv) and source is not None:  # a kernel needs its input, be it zero
            self.fill(node, node.all_input_nodes[0], alive)
            return alive, None
        if not rows or conv.groups > 1:  # groups are of one size: their channels stay, as zeros
            self.all_whole(node)
            return torch.ones_like(bits), None
        if not columns:
            self.all_whole(node)
            return alive, None
        return alive, source.kept if source is not None and source.partial else None

    def multiply(self, node: fx.Node, name: str, maps: fx.Node, given: fx.Node) -> None:
        """Make a node the product that a masked block computes of ``maps``, by its layers' names.

        ``given`` is what the generator reads.
        """
        graph = self.net.graph
        with graph.inserting_before(node):
            maps = graph.call_module(f"{name}.bn", (maps,))
            mask = graph.call_module(f"{name}.generator", (given,))
            places = (slice(None), slice(None), None, None)
            mask = graph.call_function(operator.getitem, (mask, places))
        node.op, node.target = "call_function", operator.mul
        node.args, node.kwargs = (maps, mask), {}

    def layer(self, node: fx.Node, module: nn.Module, source: Channels | None) -> Channels | None:
        """Cut any other layer to the channels that it is given."""
        if isinstance(module, nn.Conv2d):
            return self.conv(node, module, source)
        if isinstance(module, nn.Linear):
            return self.linear(node, module, source)
        if isinstance(module, nn.Flatten):
            flat = source and self.flattened(source, module.start_dim, module.end_dim)
            if flat is None:
                self.all_whole(node)
            source = flat
        elif getattr(module, "return_indices", False):  # it gives two tensors
            self.all_whole(node)
            source = None
        elif isinstance(module, SPATIAL_MODULES):
            single = source is not None and source.single and isinstance(module, nn.Dropout2d)
            single = single or pools_to_one(getattr(module, "output_size", None))
            source = self.on_maps(node, source, single)
        elif isinstance(module, FILLING_MODULES) and not passes(module):
            self.all_whole(node)
            source = source and source.whole()
        elif not passes(module):  # anything may happen to tensors that are whole
            self.all_whole(node)
            source = None
        module = copy.deepcopy(module)
        if getattr(module, "inplace", False):  # as `tracing` has made the calls around it
            setattr(module, "inplace", False)  # noqa: B010 (no type knows which layers have it)
        self.put(node, module)
        return source

    def conv(self, node: fx.Node, conv: nn.Conv2d, source: Channels | None) -> Channels:
        """Cut a convolution without a mask generator to the channels that it reads and keeps."""
        if node.target in self.plan:
            return self.planned(node, conv, source)
        partial = source is not None and source.partial and self.calls[node.target] == 1
        columns = (cuts(conv) or (False, False))[1]
        if partial and source is not None and conv.groups == 1 and columns:
            self.put(node, sliced_conv(conv, None, source.kept))
        elif (partial and source is not None and not is_own(conv)) and (
            depthwise(conv) and conv.bias is None
        ):
            self.put(node, sliced_conv(conv, source.kept, None))
            return replace(source, single=False)
        else:
            self.all_whole(node)
            self.put(node, copy.deepcopy(conv))
        return all_channels(conv.out_channels)

    def planned(self, node: fx.Node, conv: nn.Conv2d, source: Channels | None) -> Channels:
        """Cut a convolution of a plain network to the kernels of its bits."""
        if self.calls[node.target] > 1:
            raise self.refusal(node, f"it is called {self.calls[node.target]} times")
        bits, _ = self.plan[str(node.target)]
        alive, columns = self.cuttable(node, conv, source, bits)
        smaller = sliced_conv(conv, alive, columns)
        with torch.no_grad():
            off = ~bits[alive]
            if off.any() and is_own(conv):
                raise self.refusal(node, f"a {type(conv).__name__} cannot lose all of its kernels")
            smaller.weight[off] = 0
            if smaller.bias is not None:
                smaller.bias[off] = 0
        self.put(node, smaller)
        return Channels(alive)

    def linear(self, node: fx.Node, linear: nn.Linear, source: Channels | None) -> Channels | None:
        """Cut a linear layer's inputs if they are vectors; other tensors get all channels back."""
        vectors = source is not None and source.axes == 2
        if source is not None and vectors and source.partial and self.calls[node.target] == 1:
            columns = source.kept.repeat_interleave(linear.in_features // len(source.kept))
            self.put(node, sliced_linear(linear, None, columns))
        else:
            self.all_whole(node)
            self.put(node, copy.deepcopy(linear))
        return all_channels(linear.out_features, axes=2) if vectors else None

    def thaw(self, node: fx.Node) -> None:
        """Let a dropout that was traced as a function follow the module's mode again."""
        name = f"dropout_{node.name}"
        while hasattr(self.net, name):
            name += "_"
        target: Any = node.target
        self.net.add_submodule(name, DROPOUTS[target](argument(node, 1, "p", default=0.5)))
        node.op, node.target = "call_module", name
        node.args, node.kwargs = (node.all_input_nodes[0],), {}

    def own_tensors(self) -> None:
        """Give the network copies of the tensors that its forward method reads, before any cut."""
        for number, node in enumerate(n for n in self.net.graph.nodes if n.op == "get_attr"):
            value = attrgetter(str(node.target))(self.net)
            if isinstance(value, Tensor):
                name = f"tensor_{number}_{str(node.target).replace('.', '_')}"
                own = value.detach().clone()
                if isinstance(value, nn.Parameter):
                    self.net.register_parameter(name, nn.Parameter(own, value.requires_grad))
                else:
                    self.net.register_buffer(name, own)
                node.target = name

    def module(self, node: fx.Node) -> nn.Module:
        """Return the module that a node calls."""
        return self.net.get_submodule(str(node.target))

    def put(self, node: fx.Node, module: nn.Module) -> None:
        """Replace the module that a node calls."""
        self.net.set_submodule(str(node.target), module)
