"""Cut a module out of a modular network: a smaller, plain network that computes the same."""

from __future__ import annotations

import copy
import operator
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from .errors import UnsupportedLayer, UsageError
from .modular import MaskedConvBN, masked_blocks, traced
from .modules import SampleMasks, check_classes

# What maps a channel of zeros to a channel of zeros, whatever the other channels hold.
PASSING_MODULES = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Tanh),
    *(nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d),
    *(nn.Dropout, nn.Dropout2d, nn.Identity),
)
PASSING_FUNCTIONS = {
    *(F.relu, torch.relu, F.relu6, F.leaky_relu, F.gelu, F.silu, F.hardswish, torch.tanh),
    *(F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d, F.adaptive_max_pool2d, F.dropout),
}
PASSING_METHODS = {"relu", "relu_", "tanh", "contiguous"}
ADDITIONS = {operator.add, operator.iadd, torch.add, "add", "add_"}
FLATTENINGS = {torch.flatten, "flatten", "view", "reshape"}


class ZeroFill(nn.Module):
    """Arrange channels as another layer expects them; those that are not there are zero."""

    index: Tensor

    def __init__(self, kept: Tensor, wanted: Tensor) -> None:
        """``kept`` and ``wanted`` are ``(C,)`` bool over the channels of the whole network."""
        super().__init__()
        position = torch.where(kept, kept.cumsum(0) - 1, kept.sum())
        self.register_buffer("index", position[wanted])

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, kept, ...)`` to ``(N, wanted, ...)``."""
        return F.pad(x, [0, 0] * (x.dim() - 2) + [0, 1]).index_select(1, self.index)


def extract(
    modular: nn.Module,
    union: Tensor,
    classes: Sequence[int] | None = None,
    fold: SampleMasks | None = None,
) -> nn.Module:
    """Cut the kept kernels out of a modular network and drop its mask generators.

    The result computes exactly what ``modular`` would with every mask replaced by the bits of
    ``union`` (to float rounding): a removed kernel's channel is zero there, so nothing is lost.

    Parameters
    ----------
    modular
        A modular network; it is left as it was.
    union
        ``(K,)`` bool, the kernels to keep: a row of `module_masks` or what `compose` returns. A
        layer may lose all of its kernels.
    classes
        Outputs of the last linear layer to keep, in this order. None: all.
    fold
        Sample masks whose size over ``classes`` scales the batch norm of every kept kernel, so
        that the module is accurate without fine-tuning (`folded_scale`). None: the paper's plain
        cut.

    Returns
    -------
    nn.Module
        A plain network without masks, in evaluation mode, with weights of its own.

    Raises
    ------
    UsageError
        For a mask of the wrong length or classes that do not exist.
    UnsupportedLayer
        For a layer through which channels cannot be followed, by name.
    """
    blocks = list(masked_blocks(modular))
    kernels = [block.kernels for _, block in blocks]
    if union.shape != (sum(kernels),) or union.dtype != torch.bool:
        raise UsageError(
            f"module mask of shape {tuple(union.shape)} and type {union.dtype}: this network has "
            f"{sum(kernels)} masked kernels; give a bool tensor of shape ({sum(kernels)},)."
        )
    scale = torch.ones(len(union), device=union.device)
    if fold is not None:
        wanted = list(range(len(fold.mean))) if classes is None else list(classes)
        scale = folded_scale(fold, check_classes(wanted, len(fold.mean)))
    device = next(modular.parameters()).device
    halves = union.to(device).split(kernels), scale.to(device).split(kernels)
    plan = {name: half for (name, _), *half in zip(blocks, *halves, strict=True)}
    return Cutter(traced(modular), plan).cut(classes).eval()


def folded_scale(samples: SampleMasks, classes: Sequence[int]) -> Tensor:
    """Return what stands for the masks of a sub-task in a module without mask generators.

    The root mean square, over the classes, of a class's mean mask: a kernel then passes on as much
    energy, averaged over the classes, as it did with its masks. The plain mean would be a third
    for a kernel that serves one of three classes, in every layer, and the signal would die out.

    Parameters
    ----------
    samples
        Of the training data.
    classes
        The sub-task; each class has the same weight.

    Returns
    -------
    Tensor
        ``(K,)`` in [0, 1).
    """
    return samples.mean[list(classes)].square().mean(dim=0).sqrt()


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
        if node.op == "call_module":
            return self.visit_module(node, self.module(node))
        partial = [n for n in node.all_input_nodes if self.kept[n] is not None]
        if not partial or node.op == "output":
            return None
        target: Any = node.target
        if target in ADDITIONS:
            return self.add(node)
        if target is torch.cat:
            return self.concatenate(node)
        if target in FLATTENINGS and self.flattens(node):
            self.flat.add(node)
            return self.kept[partial[0]]
        if target in PASSING_FUNCTIONS | PASSING_METHODS or self.averages(node):
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
            conv = self.sliced_conv(node, module.conv, alive, kept)
            bn = sliced_bn(module.bn, alive, scale * bits)
            self.put(node, nn.Sequential(OrderedDict(conv=conv, bn=bn)))
            return alive
        if isinstance(module, nn.Conv2d):
            every = torch.ones(module.out_channels, dtype=torch.bool, device=module.weight.device)
            self.put(node, self.sliced_conv(node, module, every, kept))
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
        self.refuse_flat(node)
        if len(sides) < 2 or any(k is None for k in kept):  # a constant or the image: not zero
            for side in sides:
                self.whole(node, side)
            return None
        union = torch.stack([k for k in kept if k is not None]).any(dim=0)
        for side in sides:
            self.fill(node, side, union)
        return union

    def concatenate(self, node: fx.Node) -> Tensor | None:
        """Kept channels follow each other as the channels do."""
        self.refuse_flat(node)
        dim = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else 0)
        tensors: Any = node.args[0] if node.args else node.kwargs["tensors"]
        kept = [self.kept[n] for n in tensors]
        known = [k for k in kept if k is not None]
        if dim == 1 and len(known) == len(kept):
            return torch.cat(known)
        for source in node.all_input_nodes:
            self.whole(node, source)
        return None

    def whole(self, node: fx.Node, source: fx.Node) -> None:
        """Give ``node`` all channels of ``source`` again."""
        kept = self.kept[source]
        if kept is not None:
            self.refuse_flat(node)
            self.fill(node, source, torch.ones_like(kept))

    def fill(self, node: fx.Node, source: fx.Node, wanted: Tensor) -> None:
        """Give ``node`` the channels ``wanted`` of ``source``, zero where they are missing."""
        kept = self.kept[source]
        assert kept is not None
        if torch.equal(kept, wanted):
            return
        name = f"zero_fill_{node.name}_{source.name}"
        self.net.add_submodule(name, ZeroFill(kept, wanted))
        with self.net.graph.inserting_before(node):
            filled = self.net.graph.call_module(name, (source,))
        node.replace_input_with(source, filled)

    def sliced_conv(
        self, node: fx.Node, conv: nn.Conv2d, rows: Tensor, columns: Tensor | None
    ) -> nn.Conv2d:
        """Return a convolution with some of the output and input channels."""
        if conv.groups != 1:
            raise self.refusal(node, f"a convolution of {conv.groups} groups cannot be cut")
        weight = conv.weight.detach()[rows]
        weight = weight if columns is None else weight[:, columns]
        smaller = copy.copy(conv)
        smaller._parameters = {}
        smaller.out_channels, smaller.in_channels = weight.shape[:2]
        smaller.weight = nn.Parameter(weight.clone())
        smaller.bias = None if conv.bias is None else nn.Parameter(conv.bias.detach()[rows])
        return smaller

    def module(self, node: fx.Node) -> nn.Module:
        """Return the module that a node calls."""
        return self.net.get_submodule(str(node.target))

    def put(self, node: fx.Node, module: nn.Module) -> None:
        """Replace the module that a node calls by one with fewer channels."""
        if self.calls[node.target] > 1:
            raise self.refusal(node, f"it is called {self.calls[node.target]} times")
        self.net.set_submodule(str(node.target), module)

    def flattens(self, node: fx.Node) -> bool:
        """Tell whether a reshaping keeps the batch and joins all the rest."""
        if node.target in {torch.flatten, "flatten"}:
            start: Any = node.kwargs.get("start_dim", node.args[1] if len(node.args) > 1 else 0)
            return start == 1 and len(node.args) < 3 and "end_dim" not in node.kwargs
        sizes: Any = node.args[1:] if len(node.args) > 2 else node.args[1]
        return isinstance(sizes, tuple) and len(sizes) == 2 and sizes[1] == -1

    def averages(self, node: fx.Node) -> bool:
        """Tell whether a mean goes over nothing but the positions of a feature map."""
        dims: Any = node.kwargs.get("dim", node.args[1] if len(node.args) > 1 else None)
        positions = {dims} if isinstance(dims, int) else set(dims or [0])
        return node.target in {torch.mean, "mean"} and positions <= {2, 3, -1, -2}

    def refuse_flat(self, node: fx.Node) -> None:
        """Refuse to align channels that have been flattened with their positions."""
        if set(node.all_input_nodes) & self.flat:
            raise self.refusal(node, "channels are flattened before they are put together")

    def refusal(self, node: fx.Node, why: str) -> UnsupportedLayer:
        """Return the error for a layer that cannot be cut."""
        layer = str(node.target) if node.op == "call_module" else node.name
        return UnsupportedLayer(
            f"layer {layer!r}: {why}; write this part of the network "
            "with convolution, batch norm, zero-keeping activations, pooling, dropout, flatten, "
            "linear layers, sums and concatenations."
        )


def sliced_bn(bn: nn.BatchNorm2d, rows: Tensor, scale: Tensor) -> nn.BatchNorm2d:
    """Return a batch norm of some channels, its weight and bias multiplied by ``scale``."""
    smaller = copy.deepcopy(bn)
    smaller.num_features = int(rows.sum())
    smaller.affine = True
    weight = torch.ones_like(scale) if bn.weight is None else bn.weight.detach()
    bias = torch.zeros_like(scale) if bn.bias is None else bn.bias.detach()
    smaller.weight = nn.Parameter((weight * scale)[rows])
    smaller.bias = nn.Parameter((bias * scale)[rows])
    if bn.running_mean is not None and bn.running_var is not None:
        smaller.running_mean, smaller.running_var = bn.running_mean[rows], bn.running_var[rows]
    return smaller


def sliced_linear(linear: nn.Linear, rows: Tensor | None, columns: Tensor | None) -> nn.Linear:
    """Return a linear layer with some of the outputs and inputs; None keeps all."""
    weight = linear.weight.detach()
    bias = None if linear.bias is None else linear.bias.detach()
    if rows is not None:
        weight, bias = weight[rows], None if bias is None else bias[rows]
    if columns is not None:
        weight = weight[:, columns]
    out_features, in_features = weight.shape
    smaller = nn.Linear(
        in_features, out_features, bias is not None, device=weight.device, dtype=weight.dtype
    )
    smaller.weight = nn.Parameter(weight.clone())
    if bias is not None:
        smaller.bias = nn.Parameter(bias.clone())
    return smaller


def with_head(module: nn.Module, num_classes: int, outputs: int) -> nn.Sequential:
    """Put the paper's head on a module: ReLU and a linear layer, to be fine-tuned.

    Parameters
    ----------
    module
        Extracted with ``classes=None``: it still gives all of the model's logits.
    num_classes
        Number of those logits.
    outputs
        Number of classes of the sub-task.
    """
    head = nn.Linear(num_classes, outputs, device=next(module.parameters()).device)
    return nn.Sequential(module, nn.ReLU(), head)
