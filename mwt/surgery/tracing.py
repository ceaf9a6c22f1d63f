"""A network's forward method as a graph of calls, in which every change in place can be seen."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Collection
from typing import Any

import torch
from torch import fx, nn
from torch.nn.utils.parametrize import is_parametrized

from ..support.errors import UnsupportedLayer, UsageError
from .apart import BATCH_NORMS
from .in_place import OPERATORS, functionalize
from .names import graph_module
from .operations import is_stochastic_depth, within
from .own_convs import cuts


class InPlaceProxy(fx.Proxy):
    """Stands for a tensor while a graph is recorded; ``x += y`` is recorded as what it is."""

    def __getattr__(self, name: str) -> InPlaceAttribute:
        """Return what stands for an attribute of the tensor."""
        return InPlaceAttribute(self, name)


class InPlaceAttribute(fx.proxy.Attribute):
    """The same for what is read off a tensor, such as ``x.data``."""


def recorded_in_place(function: Callable[..., Any]) -> Callable[..., fx.Proxy]:
    """Return a method that records an operator which changes its left side."""

    def method(self: fx.Proxy, *others: Any) -> fx.Proxy:
        return self.tracer.create_proxy("call_function", function, (self, *others), {})

    return method


# fx itself knows only the operators that change nothing.
RECORDED: dict[str, Callable[..., Any]] = {**OPERATORS, "__setitem__": operator.setitem}
for name, function in RECORDED.items():
    for stand_in in (InPlaceProxy, InPlaceAttribute):
        setattr(stand_in, name, recorded_in_place(function))


class Tracer(fx.Tracer):
    """Records a network as a graph in which layers and the given kinds of modules are one node."""

    def __init__(
        self, leaves: tuple[type[nn.Module], ...] = (), layers: Collection[nn.Module] = ()
    ) -> None:
        super().__init__()
        self.leaves, self.layers = leaves, layers

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Tell whether the graph stops at this module."""
        own = m in self.layers or isinstance(m, self.leaves) or is_stochastic_depth(m)
        return own or super().is_leaf_module(m, module_qualified_name)

    def proxy(self, node: fx.Node) -> fx.Proxy:
        """Return what stands for a node's result."""
        return InPlaceProxy(node, self)


def is_layer(module: nn.Module) -> bool:
    """Tell whether a module, of a class of the user's own perhaps, is cut as one of torch's."""
    if isinstance(module, nn.Conv2d):
        return cuts(module) is not None
    linear = isinstance(module, nn.Linear) and type(module).forward is nn.Linear.forward
    return linear or isinstance(module, BATCH_NORMS)


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
        if any(map(nn.parameter.is_lazy, module.parameters(recurse=False))):
            raise UnsupportedLayer(
                f"layer {name!r} ({type(module).__name__}) has no weights yet: call the network on "
                "a batch of images first."
            )
        if isinstance(module, torch.jit.ScriptModule):
            raise UnsupportedLayer(
                f"{f'layer {name!r}' if name else 'the network'} is scripted by torch.jit, which "
                "hides what it computes: put the module there that was scripted."
            )
        if is_parametrized(module) or any(hasattr(module, w) for w in ("weight_orig", "weight_g")):
            raise UnsupportedLayer(
                f"layer {name!r} computes its weights from others: take that off first, with "
                "torch.nn.utils.parametrize.remove_parametrizations or what it was put on with."
            )
    modes = {module: module.training for module in net.modules()}
    before = set(vars(net))
    tracer = Tracer(leaves, {layer for layer in net.modules() if is_layer(layer)})
    try:
        parameters = inspect.signature(net.forward).parameters.values()
        usual = {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}
        graph = tracer.trace(net.eval(), concrete_args=usual or None)
        module = graph_module(net, graph)
    except Exception as error:  # a tracer fails in as many ways as forward methods can
        raise UnsupportedLayer(
            f"{type(net).__name__} cannot be traced by torch.fx in "
            f"{within(tracer.module_stack)} ({first_sentence(error)}): "
            "keep branches, loops and assertions on tensors and their sizes out of its forward "
            "method, and pass a compiled or DataParallel network's own .module."
        ) from error
    finally:
        for part, training in modes.items():
            part.training = training
        for constant in set(vars(net)) - before:  # tensors that its forward method makes
            delattr(net, constant)
    drop_options(graph)
    functionalize(graph, dict(module.named_modules()))
    module.recompile()
    return module


def check_network(net: object) -> None:
    """Refuse what is no network, such as the function that makes one."""
    if not isinstance(net, nn.Module):
        name = getattr(net, "__name__", net)
        raise UsageError(
            f"{type(net).__name__} {name!r} is no network: give an nn.Module, such as "
            "mwt.models.resnet18()."
        )


def first_sentence(error: BaseException) -> str:
    """Return what an error says first, on one line."""
    return " ".join(str(error).split()).split(". ")[0].rstrip(".")


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
