"""A network's forward method as a graph of calls, in which every change in place can be seen."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F
from torch.nn.utils.parametrize import is_parametrized
from torchvision.ops import StochasticDepth

from .errors import UnsupportedLayer
from .operations import argument

LAYERS = (nn.Conv2d, nn.BatchNorm2d, nn.Linear)
IN_PLACE = {
    "__iadd__": operator.iadd,
    "__isub__": operator.isub,
    "__imul__": operator.imul,
    "__itruediv__": operator.itruediv,
}

APART: dict[Any, Any] = {
    operator.iadd: operator.add,
    operator.isub: operator.sub,
    operator.imul: operator.mul,
    operator.itruediv: operator.truediv,
}
# Where functions take ``inplace`` without its name.
INPLACE_PLACES: dict[Any, int] = {
    F.relu: 1,
    F.relu6: 1,
    F.silu: 1,
    F.mish: 1,
    F.hardswish: 1,
    F.hardsigmoid: 1,
    F.leaky_relu: 2,
    F.elu: 2,
}


class InPlaceProxy(fx.Proxy):
    """Stands for a tensor while a graph is recorded; ``x += y`` is recorded as what it is."""


def recorded_in_place(function: Callable[[Any, Any], Any]) -> Callable[[fx.Proxy, Any], fx.Proxy]:
    """Return a method that records an operator which changes its left side."""

    def method(self: fx.Proxy, other: Any) -> fx.Proxy:
        return self.tracer.create_proxy("call_function", function, (self, other), {})

    return method


for name, function in IN_PLACE.items():  # fx itself knows only the operators without the i
    setattr(InPlaceProxy, name, recorded_in_place(function))


class Tracer(fx.Tracer):
    """Records a network as a graph in which layers and the given kinds of modules are one node."""

    def __init__(self, leaves: tuple[type[nn.Module], ...] = ()) -> None:
        super().__init__()
        self.leaves = (*leaves, StochasticDepth)

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Tell whether the graph stops at this module."""
        # A class of the user's own that adds nothing to how a layer computes is that layer.
        own = any(isinstance(m, layer) and type(m).forward is layer.forward for layer in LAYERS)
        return own or isinstance(m, self.leaves) or super().is_leaf_module(m, module_qualified_name)

    def proxy(self, node: fx.Node) -> fx.Proxy:
        """Return what stands for a node's result."""
        return InPlaceProxy(node, self)


def traced(net: nn.Module, leaves: tuple[type[nn.Module], ...] = ()) -> fx.GraphModule:
    """Return the network, as it is in evaluation mode, as a graph of its own modules.

    Arguments of its forward method that have a default keep it.

    Raises
    ------
    UnsupportedLayer
        If the forward pass depends on the values of tensors, or weights are computed anew in it.
    """
    for name, module in net.named_modules():
        # Spectral norm, weight norm and pruning, as they are now and as they used to be.
        if is_parametrized(module) or any(hasattr(module, w) for w in ("weight_orig", "weight_g")):
            raise UnsupportedLayer(
                f"layer {name!r} computes its weights from others: take that off first, with "
                "torch.nn.utils.parametrize.remove_parametrizations or what it was put on with."
            )
    modes = {module: module.training for module in net.modules()}
    before = set(vars(net))
    try:
        parameters = inspect.signature(net.forward).parameters.values()
        usual = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        graph = Tracer(leaves).trace(net.eval(), concrete_args=usual or None)
        module = fx.GraphModule(net, graph)
    except Exception as error:  # a tracer fails in as many ways as forward methods can
        raise UnsupportedLayer(
            f"{type(net).__name__} cannot be traced by torch.fx ({' '.join(str(error).split())}): "
            "keep branches, loops and assertions on tensors and their sizes out of its forward "
            "method, and pass a compiled or DataParallel network's own .module."
        ) from error
    finally:
        for part, training in modes.items():
            part.training = training
        for constant in set(vars(net)) - before:  # tensors that its forward method makes
            delattr(net, constant)
    drop_options(graph)
    show_changes(graph, dict(module.named_modules()))
    module.recompile()
    return module


def drop_options(graph: fx.Graph) -> None:
    """Take out the arguments that have their default, and the checks that they do."""
    inputs = [node for node in graph.nodes if node.op == "placeholder"]
    for node in inputs:
        if node.args:  # has a default
            for user in list(node.users):
                for check in [*user.users, user]:
                    if not check.users:
                        graph.erase_node(check)
            if not node.users:
                graph.erase_node(node)


def show_changes(graph: fx.Graph, modules: dict[str, nn.Module]) -> None:
    """Let what reads a tensor after it was changed in place read the result of the change.

    Then nothing needs to be changed in place, and nothing is: a cut may put other tensors there.
    """
    nodes = list(graph.nodes)
    position = {node: number for number, node in enumerate(nodes)}
    for node in nodes:
        changed = node.all_input_nodes[:1] if in_place(node, modules) else []
        for source in changed:
            for user in list(source.users):
                if position[user] > position[node]:
                    user.replace_input_with(source, node)
            compute_apart(node)


def compute_apart(node: fx.Node) -> None:
    """Make a call in place one that gives a new tensor; layers are told when they are cut."""
    target: Any = node.target
    if node.op == "call_method":
        node.target = str(target).removesuffix("_")
    elif node.op == "call_function":
        name = target.__name__
        if target in APART:
            node.target = APART[target]
        elif name.endswith("_"):
            node.target = getattr(F if target.__module__ == F.__name__ else torch, name[:-1])
        if "inplace" in node.kwargs:
            node.kwargs = node.kwargs | {"inplace": False}
        place = INPLACE_PLACES.get(target)
        if place is not None and len(node.args) > place:
            node.update_arg(place, False)


def in_place(node: fx.Node, modules: dict[str, nn.Module]) -> bool:
    """Tell whether a call changes its first tensor."""
    if node.op == "call_module":
        return bool(getattr(modules.get(str(node.target)), "inplace", False))
    if node.op == "call_method":
        return str(node.target).endswith("_") and not str(node.target).endswith("__")
    if node.op != "call_function":
        return False
    name = getattr(node.target, "__name__", "")
    return (
        node.target in APART
        or (name.endswith("_") and not name.endswith("__"))
        or bool(node.kwargs.get("inplace"))
        or (node.target in INPLACE_PLACES and bool(argument(node, INPLACE_PLACES[node.target])))
    )
