"""Tracing with an example: sizes are numbers that Python can count, compare and loop over."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.overrides import TorchFunctionMode, is_tensor_method_or_property
from torch.utils import _pytree

from .example import untouched
from .sizes import Shape, Traced, sizes
from .symbolic import InPlaceAttribute, InPlaceProxy, Tracer

# What depends on the shape of a tensor alone, not on its values.
COUNTS = {"numel", "nelement"}
DIMENSIONS = {"dim", "ndimension"}
KINDS = {"is_floating_point", "is_complex", "is_contiguous"}


class Example(InPlaceProxy):
    """Stands for a tensor, or several, of which the example's values are known.

    Python may ask for its sizes, its length and what kind it is; not for its values.
    """

    @property
    def value(self) -> Any:
        """What the node gives for the example."""
        return self.tracer.values[self.node]  # type: ignore[attr-defined]

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The class of what it stands for, as ``isinstance`` asks for it."""
        return type(self.value)

    def __getattr__(self, name: str) -> Any:
        """Return what stands for an attribute of the tensor."""
        value = getattr(self.value, name)  # raises what the tensor would
        if name == "shape":
            return self.sizes()
        if callable(value):
            return InPlaceAttribute(self, name)
        if isinstance(value, bool | int | torch.dtype | torch.device | torch.layout):
            return value
        return self.tracer.create_proxy("call_function", getattr, (self, name), {})

    def sizes(self) -> Shape:
        """Return the tensor's shape."""
        node, read = self.node, self.tracer.sizes  # type: ignore[attr-defined]

        def size(dim: int) -> fx.Node:
            if (node, dim) not in read:
                read[node, dim] = node.graph.call_method("size", (node, dim))
            found: fx.Node = read[node, dim]
            return found

        return sizes(tuple(self.value.shape), size)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        """Yield the items one by one."""
        items: Any = self
        return (items[place] for place in range(len(self.value)))


class ExampleTracer(Tracer):
    """Records a network as a graph while it computes an example.

    Parameters
    ----------
    leaves, layers
        Kinds of modules, and modules, that are one node.
    example
        A batch of images that the network takes.
    """

    def __init__(
        self,
        leaves: tuple[type[nn.Module], ...],
        layers: Collection[nn.Module],
        example: Tensor,
    ) -> None:
        super().__init__(leaves, layers)
        self.example = example
        self.values: dict[fx.Node, Any] = {}
        self.sizes: dict[tuple[fx.Node, int], fx.Node] = {}
        self.usual: dict[str, Any] = {}
        self.computing = False

    def trace(self, root: Any, concrete_args: dict[str, Any] | None = None) -> fx.Graph:
        """Return the graph of a network."""
        self.usual = concrete_args or {}
        with untouched(root), lengths(), OfSizes(self):
            return super().trace(root, concrete_args)

    def proxy(self, node: fx.Node) -> fx.Proxy:
        """Return what stands for a node's result, once that is known for the example."""
        self.values[node] = self.computed(node)
        return Example(node, self)

    def computed(self, node: fx.Node) -> Any:
        """Return what a node gives for the example."""
        if node.op == "placeholder":
            option = re.sub(r"_\d+$", "", str(node.target))  # as fx names those with a default
            return self.usual.get(option, self.example)
        args, kwargs = fx.map_arg((node.args, node.kwargs), self.value)
        target: Any = node.target
        with self.by_itself():
            if node.op == "call_method":
                return getattr(args[0], target)(*args[1:], **kwargs)
            if node.op == "call_module":
                return self.root.get_submodule(target)(*args, **kwargs)
            return (
                attrgetter(target)(self.root) if node.op == "get_attr" else target(*args, **kwargs)
            )

    def value(self, node: fx.Node) -> Any:
        """Return the value of a node, also of one that was made without a proxy."""
        if node not in self.values:
            self.values[node] = self.computed(node)
        return self.values[node]

    @contextmanager
    def by_itself(self) -> Iterator[None]:
        """Compute without recording what is computed."""
        before, self.computing = self.computing, True
        try:
            with torch._C.DisableTorchFunction():
                yield
        finally:
            self.computing = before

    def create_arg(self, a: Any) -> Any:
        """Return what stands in a call for a value."""
        return a.node if issubclass(type(a), fx.Proxy) else super().create_arg(a)

    def create_proxy(self, kind: str, target: Any, args: Any, kwargs: Any, **more: Any) -> Any:  # type: ignore[override]
        """Record a call; return a number where it asks for a size."""
        if kind == "call_method" and isinstance(args[0], Example | fx.Proxy):
            tensor: Any = args[0]
            if target == "size":
                dim = args[1] if len(args) > 1 else kwargs.get("dim")
                return tensor.sizes() if dim is None else tensor.sizes()[dim]
            if target in DIMENSIONS:
                return len(tensor.sizes())
            if target in COUNTS:
                return tensor.sizes().numel()
        found = super().create_proxy(kind, target, args, kwargs, **more)
        name = str(getattr(target, "__name__", target))
        return self.values[found.node] if name in KINDS else found

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        """Record the call of a module, unless it is computed for the example."""
        if self.computing:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, fx.Proxy]) -> Any:
        """Return what stands for a parameter that a forward method reads."""
        if self.computing:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)


class OfSizes(TorchFunctionMode):
    """Records calls that make a tensor from nothing but sizes, such as ``torch.zeros``."""

    def __init__(self, tracer: ExampleTracer) -> None:
        super().__init__()
        self.tracer = tracer

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Record the call if one of its arguments is a size, and none stands for a tensor."""
        kwargs = kwargs or {}
        leaves = _pytree.tree_leaves((args, kwargs))
        sized = any(isinstance(leaf, Traced) for leaf in leaves)
        if self.tracer.computing or not sized or any(map(is_proxy, leaves)):
            return func(*args, **kwargs)
        if is_tensor_method_or_property(func):
            return self.tracer.create_proxy("call_method", func.__name__, args, kwargs)
        return self.tracer.create_proxy("call_function", func, args, kwargs)


def is_proxy(value: Any) -> bool:
    """Tell whether a value stands for a node; what a class says of itself does not count."""
    return issubclass(type(value), fx.Proxy)


@contextmanager
def lengths() -> Iterator[None]:
    """Let ``len`` of a tensor be a size: by itself Python makes a plain number of it."""
    usual = builtins.len

    def length(value: Any) -> int:
        of_tensor = is_proxy(value) and isinstance(value, Tensor)
        return value.sizes()[0] if of_tensor else usual(value)

    builtins.len = length
    try:
        yield
    finally:
        builtins.len = usual
