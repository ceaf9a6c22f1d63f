"""A network as JSON, and back: its graph of calls, and the layers that these use."""

import copy
import keyword
import re
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor, fx, nn

from ..support.errors import UsageError
from ..surgery.names import graph_module
from ..surgery.operations import within
from ..surgery.slicing import ZeroFill
from ..surgery.tracing import first_sentence
from .layers import described_tensor, layer_from_json, layer_to_json, made_tensor
from .vocabulary import (
    ATTRIBUTES,
    FUNCTION_NAMES,
    FUNCTIONS,
    TENSOR_METHODS,
    decoded,
    encoded,
    torch_class,
)

OPS = ("placeholder", "get_attr", "call_module", "call_function", "call_method", "output")


class Tracer(fx.Tracer):
    """Records a network as a graph whose layers are those of the vocabulary."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Tell whether the graph stops at this module."""
        own = isinstance(m, ZeroFill) or torch_class(m) is not None
        return own or super().is_leaf_module(m, module_qualified_name)


def graph_of(module: nn.Module) -> fx.GraphModule:
    """Return a copy of a network as a graph, on the CPU, in evaluation mode."""
    net = copy.deepcopy(module).cpu().eval()
    tracer = Tracer()
    try:
        graph = tracer.trace(net)
        for node in reversed(graph.nodes):
            unused = node.op == "placeholder" and str(node.target).startswith("**")
            if node.target is torch._assert or (unused and not node.users):
                graph.erase_node(node)
        return graph_module(net, graph)
    except Exception as error:  # a tracer fails in as many ways as forward methods can
        raise UsageError(
            f"{type(module).__name__} cannot be traced by torch.fx in "
            f"{within(tracer.module_stack)} ({first_sentence(error)}): ship what mwt.extract "
            "returns, alone or in an nn.Sequential, or export it."
        ) from error


def network_to_json(net: fx.GraphModule) -> dict[str, Any]:
    """Write a network down.

    Parameters
    ----------
    net
        As `graph_of` returns it.

    Returns
    -------
    dict
        JSON values. ``nodes``: the calls in order, each with ``name``, ``op``, ``target``, ``args``
        and ``kwargs``, as in torch.fx. ``layers``: class and arguments of each layer, by name.
        ``tensors``: shape and kind of the parameters and buffers that the calls read themselves.

    Raises
    ------
    UsageError
        For a layer or a call that is not in the vocabulary, by name.
    """
    nodes: list[dict[str, Any]] = []
    layers: dict[str, Any] = {}
    tensors: dict[str, Any] = {}
    for node in net.graph.nodes:
        target: Any = node.target
        if node.op == "call_module":
            layers[target] = layer_to_json(target, net.get_submodule(target))
        elif node.op == "get_attr":
            tensors[target] = described_tensor(checked_tensor(target, attrgetter(target)(net)))
        elif node.op == "call_function":
            target = FUNCTION_NAMES.get(target, getattr(target, "__name__", str(target)))
        check_call(node.op, target, node.args)
        kwargs = {name: encoded(value) for name, value in node.kwargs.items()}
        call = {"args": [encoded(value) for value in node.args], "kwargs": kwargs}
        nodes.append({"name": node.name, "op": node.op, "target": target, **call})
    return {"nodes": nodes, "layers": layers, "tensors": tensors}


def network_from_json(plan: Mapping[str, Any]) -> fx.GraphModule:
    """Make the network that `network_to_json` wrote down, on the ``meta`` device: without weights.

    Torch turns the graph into Python code and runs that, so every name in it is checked before.

    Raises
    ------
    UsageError
        For a layer, a call or a name that a shipped network may not have.
    Exception
        Of other kinds for what `network_to_json` has not written.
    """
    root: dict[str, Any] = {}
    for name, description in plan["layers"].items():
        root[checked_path(name)] = layer_from_json(name, description)
    for name, description in plan["tensors"].items():
        root[checked_path(name)] = read_tensor(name, description, root)
    graph = fx.Graph()
    nodes: dict[str, fx.Node] = {}
    for call in plan["nodes"]:
        op, target = call["op"], call["target"]
        args = tuple(decoded(value, nodes) for value in call["args"])
        kwargs = {checked_name(k): decoded(v, nodes) for k, v in call["kwargs"].items()}
        check_call(op, target, args)
        if op == "call_function":
            target = FUNCTIONS[target]
        name = checked_name(call["name"])
        nodes[name] = graph.create_node(op, target, args, kwargs, name)
    if "output" not in {node.op for node in graph.nodes}:
        raise ValueError("its calls end without an output")
    graph.lint()
    return fx.GraphModule(root, graph).eval()


def check_call(op: str, target: Any, args: Sequence[Any]) -> None:
    """Refuse a call that is not in the vocabulary, by name."""
    allowed = True
    if op == "call_function":
        allowed = target in FUNCTIONS
    elif op == "call_method":
        allowed = target in TENSOR_METHODS
    elif op == "placeholder":
        checked_name(target)
    elif op in ("call_module", "get_attr"):
        checked_path(target)
    else:
        allowed = op in OPS
    if target == "builtins.getattr":
        target, allowed = args[1], args[1] in ATTRIBUTES
    if not allowed:
        raise UsageError(
            f"{op} {target!r} is not in the vocabulary of a shipped network "
            "(mwt/shipping/vocabulary.py): only arithmetic on tensors is."
        )


def checked_name(name: Any) -> str:
    """Return a name that is one word, or refuse it."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"{name!r} is not a name that a shipped network may use: give one word.")
    return name


def checked_path(path: Any) -> str:
    """Return the name of a layer or tensor, or refuse it: it may hold no quotes or the like."""
    words = path.split(".") if isinstance(path, str) else [""]
    if not all(
        re.fullmatch(r"[\w +/:()=,-]+", word) and not word.startswith("__") for word in words
    ):
        raise UsageError(f"{path!r} is not a name that a layer of a shipped network may have.")
    return path


def read_tensor(name: str, description: Mapping[str, Any], root: Mapping[str, Any]) -> Tensor:
    """Return the tensor that a call reads: one of a layer's own, or a new one without values."""
    for layer in root:
        if name.startswith(f"{layer}."):
            return checked_tensor(name, attrgetter(name.removeprefix(f"{layer}."))(root[layer]))
    return made_tensor(description)


def checked_tensor(name: str, value: Any) -> Tensor:
    """Return what a call reads if it is a tensor, or refuse it."""
    if not isinstance(value, Tensor):
        raise UsageError(f"{name!r} is a {type(value).__name__}: only tensors can be shipped.")
    return value
