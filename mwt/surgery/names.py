"""Names of layers that a graph of torch.fx can have: it is Python code and a class of its own."""

import keyword
from operator import attrgetter
from typing import Any

from torch import fx, nn

TAKEN = {name for name in dir(fx.GraphModule) if not hasattr(nn.Module, name)}  # code, graph, ...


def usable(path: str) -> str:
    """Return the name under which a layer or tensor is in a graph: its own where that can be."""
    first, *words = path.split(".")
    words = [f"{first}_" if first in TAKEN else first, *words]
    return ".".join(f"{word}_" if keyword.iskeyword(word) else word for word in words)


def graph_module(net: nn.Module, graph: fx.Graph) -> fx.GraphModule:
    """Return a graph as a module of its own, with the layers and tensors of a network.

    Raises
    ------
    ValueError
        If two of them would have one name.
    """
    parts: dict[str, Any] = {}
    given: dict[str, str] = {}
    for node in graph.nodes:
        if node.op in ("call_module", "get_attr"):
            path = str(node.target)
            node.target = usable(path)
            parts[node.target] = attrgetter(path)(net)
            if given.setdefault(node.target, path) != path:
                raise ValueError(f"layers {path!r} and {given[node.target]!r} have one name")
    renamed = any(name != path for name, path in given.items())
    module = fx.GraphModule(parts if renamed else net, graph)
    return module.train(net.training)
