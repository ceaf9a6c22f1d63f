"""Which convolutions of a network are masked, each with the batch norm that reads it."""

import copy
from collections import Counter
from collections.abc import Iterator, Mapping

from torch import fx, nn

from ..support.errors import UnsupportedLayer
from .apart import BATCH_NORMS, is_plain, take_apart
from .names import usable
from .operations import DROPOUTS, PASSING, SPATIAL, SPATIAL_MODULES, passes
from .tracing import traced


def blocks_to_mask(net: nn.Module) -> list[tuple[str, str | None]]:
    """Return what `conv_bn_pairs` does for a network as `to_modular` changes it."""
    prepared = copy.deepcopy(net)
    take_apart(prepared)
    return conv_bn_pairs(prepared, traced(prepared).graph)


def conv_bn_pairs(net: nn.Module, graph: fx.Graph) -> list[tuple[str, str | None]]:
    """Return the names of the convolutions to mask, each with its batch norm's name."""
    names = {usable(name): name for name, _ in net.named_modules()}
    modules = {name: net.get_submodule(names[name]) for name in names}
    has_bn = any(isinstance(m, BATCH_NORMS) for m in modules.values())
    pairs: list[tuple[str, str | None]] = []
    for node in convolutions(graph, modules):
        norm = norm_behind(node, modules)
        if norm is not None:
            pairs.append((names[str(node.target)], names[str(norm.target)]))
        elif not has_bn:
            pairs.append((names[str(node.target)], None))
    calls = Counter(names.get(str(n.target)) for n in graph.nodes if n.op == "call_module")
    for name in {name for pair in pairs for name in pair if name}:
        if calls[name] > 1:
            raise UnsupportedLayer(
                f"layer {name!r} is called {calls[name]} times: give each place a layer of its own."
            )
    return pairs


def convolutions(graph: fx.Graph, modules: Mapping[str, nn.Module]) -> Iterator[fx.Node]:
    """Yield the convolutions but those that see the image, which stay unmasked."""
    after_conv: set[fx.Node] = set()
    for node in graph.nodes:
        is_conv = isinstance(layer_of(node, modules), nn.Conv2d)
        first = not any(source in after_conv for source in node.all_input_nodes)
        if is_conv or not first:
            after_conv.add(node)
        if is_conv and not first:
            yield node


def norm_behind(node: fx.Node, modules: Mapping[str, nn.Module]) -> fx.Node | None:
    """Return the batch norm that alone reads a convolution, if need be through an activation.

    Or through whatever else does the same to each channel and has no weights.
    """
    while len(node.users) == 1:
        (node,) = node.users
        layer = layer_of(node, modules)
        if is_plain(layer):
            return node
        if layer is None:
            alike = node.op != "output" and node.target in PASSING | SPATIAL | DROPOUTS.keys()
        else:
            alike = passes(layer) or isinstance(layer, SPATIAL_MODULES)
            alike = alike and not getattr(layer, "return_indices", False)
        if not alike:
            return None
    return None


def adjacent(graph: fx.Graph, conv: str, bn: str) -> bool:
    """Tell whether a batch norm reads a convolution with nothing between the two."""
    node = next(node for node in graph.nodes if node.target == usable(conv))
    return any(user.target == usable(bn) for user in node.users)


def layer_of(node: fx.Node, modules: Mapping[str, nn.Module]) -> nn.Module | None:
    """Return the layer that a node calls, if it calls one."""
    return modules.get(str(node.target)) if node.op == "call_module" else None


def standing_behind(net: nn.Module, graph: fx.Graph) -> str:
    """Say which layers and calls read the convolutions that cannot be masked."""
    modules = {usable(name): module for name, module in net.named_modules()}
    readers = [(u, layer_of(u, modules)) for n in convolutions(graph, modules) for u in n.users]
    names = {
        type(layer).__name__ if layer else getattr(user.target, "__name__", str(user.target))
        for user, layer in readers
    }
    return f" (they are read by {', '.join(sorted(names))})" if names else ""
