"""Functionalization: calls that change a tensor in place become calls that give a new one."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from ..support.errors import UnsupportedLayer
from .operations import argument, is_python_arithmetic, is_stochastic_depth, place, reads_shape

# Operators that change their left side, by the method that Python calls for them.
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    f"__i{name}__": getattr(operator, f"i{name}")
    for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
}
APART: dict[Any, Any] = {
    changing: getattr(operator, name.replace("__i", "__")) for name, changing in OPERATORS.items()
}
# May give the memory that they are given. What torch's own schemas say of others is in `shares`.
SHARING_LAYERS = (nn.Identity, nn.Flatten, nn.Unflatten, nn.modules.dropout._DropoutNd)
SHARING = {
    *("getitem", "getattr", "pos", "float", "half", "double", "bfloat16", "type", "type_as"),
    *("cpu", "cuda", "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"),
    *("feature_alpha_dropout", "feature_dropout", "einsum", "broadcast_tensors"),
}


@dataclass(frozen=True)
class Memory:
    """Where the values of a tensor are: in whose memory, and in which item of what was taken apart.

    Two items of one ``chunk``, ``split`` or the like have nothing in common.
    """

    owner: fx.Node
    items: tuple[tuple[fx.Node, int], ...] = ()

    def overlaps(self, other: Memory) -> bool:
        """Tell whether a change of one may be seen in the other."""
        for (whole, item), (others, other_item) in zip(self.items, other.items, strict=False):
            if whole is not others or item != other_item:
                return self.owner is other.owner and whole is not others
        return self.owner is other.owner


def functionalize(graph: fx.Graph, modules: dict[str, nn.Module]) -> None:
    """Make what reads a tensor after a change in place read the result of that change.

    Then nothing needs to be changed in place, and nothing is: a cut may put other tensors there.

    Raises
    ------
    UnsupportedLayer
        If the change is seen through another name of the same memory, such as a view.
    """
    nodes = list(graph.nodes)
    position = {node: number for number, node in enumerate(nodes)}
    memory: dict[fx.Node, Memory] = {}
    numbers: set[fx.Node] = set()  # which nothing changes in place
    for node in nodes:
        if reads_shape(node) or (
            is_python_arithmetic(node)
            and node.all_input_nodes
            and numbers.issuperset(node.all_input_nodes)
        ):
            numbers.add(node)
        memory[node] = located(node, modules, memory)
    for node in nodes:
        if not in_place(node, modules):
            continue
        if node not in numbers:
            show_change(node, modules, memory, position)
        make_out_of_place(node)


def show_change(
    node: fx.Node,
    modules: dict[str, nn.Module],
    memory: dict[fx.Node, Memory],
    position: dict[fx.Node, int],
) -> None:
    """Let what is read after one change be its result; refuse what would be seen elsewhere."""
    source, here = node.all_input_nodes[0], memory[node]
    if here.owner.op == "get_attr" and not str(here.owner.target).startswith("_tensor_constant"):
        raise UnsupportedLayer(
            f"{place(node)} changes {here.owner.target!r} of the network in place, which a module "
            "would not do: compute a new tensor in its place."
        )
    for other in [n for n in memory if position[n] < position[node] and here.overlaps(memory[n])]:
        for user in [user for user in other.users if position[user] > position[node]]:
            if through_identities(other, modules) is through_identities(source, modules):
                user.replace_input_with(other, node)
            elif memory[user].overlaps(here) or memory[user].owner is user:
                raise UnsupportedLayer(
                    f"{place(node)} changes a tensor in place that {place(other)} shares with it "
                    "and that is read again later: compute a new tensor there, without inplace=True"
                    ", an operator such as += or a trailing underscore."
                )


def located(node: fx.Node, modules: dict[str, nn.Module], memory: dict[fx.Node, Memory]) -> Memory:
    """Return where the result of a node is."""
    inputs = node.all_input_nodes
    if not inputs or not (in_place(node, modules) or shares(node, modules)):
        return Memory(node)
    source = memory[inputs[0]]
    item = node.args[1] if node.target is operator.getitem else None
    if isinstance(item, int) and item >= 0:
        return Memory(source.owner, (*source.items, (inputs[0], item)))
    return source


def shares(node: fx.Node, modules: dict[str, nn.Module]) -> bool:
    """Tell whether the result of a call may be in the memory of what it is given."""
    if node.op == "call_module":
        layer = modules.get(str(node.target))
        return isinstance(layer, SHARING_LAYERS) or is_stochastic_depth(layer)
    if node.op not in ("call_function", "call_method") or reads_shape(node):
        return False
    name = str(getattr(node.target, "__name__", node.target))
    library = str(getattr(node.target, "__module__", None) or "torch").split(".")[0]
    if name in SHARING or library not in ("torch", "_operator", "builtins", "math"):
        return True  # nothing is known of a function from elsewhere
    overloads = getattr(torch.ops.aten, name, None)
    schemas = [getattr(overloads, o)._schema for o in overloads.overloads()] if overloads else []
    aliases = [result.alias_info for schema in schemas for result in schema.returns]
    return any(alias is not None and not alias.is_write for alias in aliases)


def through_identities(node: fx.Node, modules: dict[str, nn.Module]) -> fx.Node:
    """Return the node whose very tensor a node gives, through layers that do nothing."""
    while node.op == "call_module" and isinstance(modules.get(str(node.target)), nn.Identity):
        node = node.all_input_nodes[0]
    return node


def in_place(node: fx.Node, modules: dict[str, nn.Module]) -> bool:
    """Tell whether a call changes its first tensor."""
    if node.op == "call_module":
        return bool(getattr(modules.get(str(node.target)), "inplace", False))
    if node.op not in ("call_function", "call_method"):
        return False
    name = str(getattr(node.target, "__name__", node.target))
    return (
        node.target in APART
        or node.target in OPERATORS
        or node.target is operator.setitem
        or (name.endswith("_") and not name.endswith("__") and not is_operator(node.target))
        or bool(node.kwargs.get("out"))
        or bool(node.kwargs.get("inplace"))
        or bool(argument(node, place_of_inplace(node.target), default=False))
    )


def is_operator(function: Any) -> bool:
    """Tell whether a function is one of Python's, such as ``operator.and_``."""
    return getattr(function, "__module__", None) == "_operator"


def place_of_inplace(function: Any) -> int:
    """Return the position of a function's parameter ``inplace``, 99 if there is none.

    Functions that are written in C have no signature; their names tell what they do.
    """
    try:
        return list(inspect.signature(function).parameters).index("inplace")
    except (TypeError, ValueError):
        return 99


def make_out_of_place(node: fx.Node) -> None:
    """Make a call out-of-place; of layers, `Cutter.layer` does it."""
    if node.op == "call_module":
        return
    target: Any = OPERATORS.get(str(node.target), node.target)
    name = str(getattr(target, "__name__", target))
    if target in APART:
        node.op, node.target = "call_function", APART[target]
    elif name.endswith("_") or target is operator.setitem or node.kwargs.get("out"):
        homes = [Tensor] if node.op == "call_method" else [torch, F]
        apart = [getattr(home, name[:-1], None) for home in homes if name.endswith("_")]
        found = next((function for function in apart if callable(function)), None)
        if found is None or node.kwargs.get("out"):
            raise UnsupportedLayer(
                f"{place(node)} writes into a tensor: compute a new one instead, with arithmetic, "
                "torch.where or torch.cat."
            )
        node.target = name[:-1] if node.op == "call_method" else found
    if "inplace" in node.kwargs:
        node.kwargs = node.kwargs | {"inplace": False}
    if argument(node, place_of_inplace(target), default=False):
        node.update_arg(place_of_inplace(target), False)
