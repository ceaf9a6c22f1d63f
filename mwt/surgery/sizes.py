"""Sizes of tensors as Python numbers, which remember where in a graph they come from."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

from torch import fx


class Traced:
    """A number that is known from an example, and for other images is computed in the graph.

    Comparisons, loops and ``range`` see the number; what is passed on to an operation on tensors is
    the node, which is made when it is first needed.
    """

    make: Callable[[], fx.Node]
    made: fx.Node | None = None

    @property
    def node(self) -> fx.Node:
        """The node that computes the number."""
        if self.made is None:
            self.made = self.make()
        return self.made

    def __fx_create_arg__(self, tracer: fx.Tracer) -> fx.Node:
        """Return what stands in a call for the number."""
        return self.node


class Whole(Traced, int):
    """An integer, such as a size."""


class Fraction(Traced, float):
    """A quotient of sizes."""


Recorder = Callable[[Any, tuple[Any, ...], Any], Any]


def number(value: int | float, make: Callable[[], fx.Node]) -> Whole | Fraction:
    """Return a number that is computed by the node that ``make`` gives."""
    known = Whole(value) if isinstance(value, int) else Fraction(value)
    known.make = make
    return known


def computed(function: Callable[..., Any], *values: Any) -> Any:
    """Return a function of numbers, some of them traced, as a traced number."""
    plain = [untraced(value) for value in values]
    if any(value is NotImplemented for value in plain):
        return NotImplemented
    result = function(*plain)
    graph = next(value for value in values if isinstance(value, Traced))

    def make() -> fx.Node:
        nodes = tuple(v.node if isinstance(v, Traced) else v for v in values)
        return graph.node.graph.call_function(function, nodes)

    return number(result, make) if isinstance(result, int | float) else result


def untraced(value: Any) -> Any:
    """Return the plain number of a traced one; what is no number is not for this module."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else NotImplemented


def binary(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the methods of an operator with the number on the left and on the right."""
    return (
        lambda self, other: computed(function, self, other),
        lambda self, other: computed(function, other, self),
    )


BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
UNARY: dict[str, Callable[..., Any]] = {
    **{f"__{name}__": getattr(operator, name) for name in ("neg", "abs")},
    **{f"__{name}__": getattr(math, name) for name in ("ceil", "floor", "trunc")},
}
for kind in (Whole, Fraction):
    for name in BINARY:
        left, right = binary(getattr(operator, name))
        setattr(kind, f"__{name}__", left)
        setattr(kind, f"__r{name}__", right)
    for method, function in UNARY.items():
        setattr(kind, method, lambda self, function=function: computed(function, self))


class Shape(tuple[Whole, ...]):
    """The sizes of a tensor; what `torch.Size` can do beside being a tuple."""

    def numel(self) -> Any:
        """Return the product of the sizes."""
        return math.prod(self)

    def __getitem__(self, key: Any) -> Any:
        """Return a size, or a shape of some of them."""
        found = super().__getitem__(key)
        return Shape(found) if isinstance(key, slice) else found

    def __add__(self, other: Any) -> Any:
        """Return the sizes with others behind them."""
        return Shape((*self, *other))

    def __fx_create_arg__(self, tracer: fx.Tracer) -> tuple[Any, ...]:
        """Return what stands in a call for the sizes."""
        return tuple(tracer.create_arg(size) for size in self)


def sizes(shape: tuple[int, ...], read: Callable[[int], fx.Node]) -> Shape:
    """Return a shape whose sizes are read off a tensor by ``read`` where they are needed."""

    def each() -> Iterator[Whole]:
        for dim, size in enumerate(shape):
            known = number(size, lambda dim=dim: read(dim))  # type: ignore[misc]
            assert isinstance(known, Whole)
            yield known

    return Shape(each())
