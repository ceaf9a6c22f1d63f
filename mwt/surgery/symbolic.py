"""Recording a forward method as a graph, in which every change in place can be seen."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from typing import Any

from torch import fx, nn

from .in_place import OPERATORS
from .operations import is_stochastic_depth


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

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Record the call of a module; of one that is no part of the network, what it computes.

        Such as ``nn.ReLU()(x)``, made anew in each forward pass.
        """
        tensors = (*m.parameters(), *m.buffers())
        if m not in (self.submodule_paths or {}) and not tensors:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def proxy(self, node: fx.Node) -> fx.Proxy:
        """Return what stands for a node's result."""
        return InPlaceProxy(node, self)
