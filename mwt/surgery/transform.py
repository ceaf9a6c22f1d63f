"""Modularity as a transform: give the Conv-BN blocks of a plain CNN a mask generator each."""

import copy
from collections import Counter

from torch import fx, nn

from ..masking.blocks import MaskedConvBN, is_modular
from ..support.errors import UnsupportedLayer, UsageError
from .tracing import check_network, first_sentence, traced
from .trial import check_modules


def to_modular(net: nn.Module) -> nn.Module:
    """Give every Conv-BN block of a CNN, except those that see the image, a mask generator.

    A block is a convolution whose only consumer is a batch norm. In a network without any batch
    norm each masked convolution gets a new one. The generators' weights are drawn from torch's
    global random numbers.

    Parameters
    ----------
    net
        A plain CNN; it is left as it was.

    Returns
    -------
    nn.Module
        A copy of ``net``: same class, same forward method, same weights, with a `MaskedConvBN` in
        the place of each masked convolution and an identity in the place of its batch norm.

    Raises
    ------
    UsageError
        If ``net`` is no network, is modular already or has no convolution to mask.
    UnsupportedLayer
        If it cannot be traced, uses one of these convolutions more than once, or has a layer
        through which channels cannot be followed, or its forward method asks what layers it has.
    """
    check_network(net)
    if is_modular(net):
        raise UsageError("this network is modular already: pass the plain network instead.")
    traced(net)  # what cannot be traced may not be copied either
    modular = copy.deepcopy(net)
    graph = traced(modular).graph
    calls = str(graph)
    blocks = conv_bn_pairs(modular, graph)
    if not blocks:
        raise UsageError(
            f"{type(net).__name__} has no convolution to mask: modular training needs a CNN with "
            "Conv2d layers, each followed by BatchNorm2d, after its first one."
        )
    for conv_name, bn_name in blocks:
        conv = modular.get_submodule(conv_name)
        assert isinstance(conv, nn.Conv2d)
        bn = modular.get_submodule(bn_name) if bn_name else nn.BatchNorm2d(conv.out_channels)
        assert isinstance(bn, nn.BatchNorm2d)
        block = MaskedConvBN(conv, bn.to(conv.weight.device, conv.weight.dtype))
        replace_layer(modular, conv, block.train(conv.training))
        if bn_name:
            replace_layer(modular, bn, nn.Identity(), within=block)
    check_calls(modular, calls)
    check_modules(modular)
    return modular


def replace_layer(
    net: nn.Module, old: nn.Module, new: nn.Module, within: nn.Module | None = None
) -> None:
    """Put a layer in the place of another under all of its names, but for those in ``within``."""
    names = [n for n, module in net.named_modules(remove_duplicate=False) if module is old]
    kept = {f"{n}." for n, m in net.named_modules(remove_duplicate=False) if m is within}
    for name in names:
        if not any(name.startswith(prefix) for prefix in kept):
            net.set_submodule(name, new)


def check_calls(modular: nn.Module, calls: str) -> None:
    """Refuse a network that notices that its layers were replaced: it would compute another thing.

    ``calls`` is its graph from before, in which each block and identity has its layer's name.
    """
    try:
        found = str(traced(modular, (MaskedConvBN,)).graph)
        why = "other operations than before"
    except UnsupportedLayer as error:
        found, why = "", first_sentence(error.__cause__ or error)
    if found != calls:
        raise UnsupportedLayer(
            f"the forward method of {type(modular).__name__} asks what its convolutions or batch "
            f"norms are, which masked ones answer differently ({why}): let it only call them, and "
            "decide by attributes of its own, not by isinstance, weights, strides or the like."
        )


def conv_bn_pairs(net: nn.Module, graph: fx.Graph) -> list[tuple[str, str | None]]:
    """Return the names of the convolutions to mask, each with its batch norm's name."""
    modules = dict(net.named_modules())
    has_bn = any(isinstance(m, nn.BatchNorm2d) for m in modules.values())
    pairs: list[tuple[str, str | None]] = []
    after_conv: set[fx.Node] = set()
    for node in graph.nodes:
        module = modules.get(str(node.target)) if node.op == "call_module" else None
        is_conv = isinstance(module, nn.Conv2d)
        first = not any(source in after_conv for source in node.all_input_nodes)
        if is_conv or not first:
            after_conv.add(node)
        if not is_conv or first:  # the convolution that sees the image stays unmasked
            continue
        users = list(node.users)
        user = modules.get(str(users[0].target)) if users and users[0].op == "call_module" else None
        if len(users) == 1 and isinstance(user, nn.BatchNorm2d):
            pairs.append((str(node.target), str(users[0].target)))
        elif not has_bn:
            pairs.append((str(node.target), None))
    calls = Counter(str(node.target) for node in graph.nodes if node.op == "call_module")
    for name in {name for pair in pairs for name in pair if name}:
        if calls[name] > 1:
            raise UnsupportedLayer(
                f"layer {name!r} is called {calls[name]} times: give each place a layer of its own."
            )
    return pairs
