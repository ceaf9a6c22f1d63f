"""Modularity as a transform: give the Conv-BN blocks of a plain CNN a mask generator each."""

import copy

import torch
from torch import nn

from ..masking.blocks import MASKED, MaskedConvBN, MaskedNorm, is_modular
from ..support.errors import UnsupportedLayer, UsageError
from .apart import BATCH_NORMS, take_apart
from .pairs import adjacent, conv_bn_pairs, standing_behind
from .tracing import check_network, first_sentence, traced
from .trial import check_modules


@torch.inference_mode(False)  # or nothing of what is made could be trained
def to_modular(net: nn.Module) -> nn.Module:
    """Give every Conv-BN block of a CNN, except those that see the image, a mask generator.

    A block is a convolution whose only consumer is a batch norm, at most with an activation, a
    dropout or a pooling before it. A batch norm of an own class, such as one with an activation
    inside, becomes a plain one and the rest. In a network without any batch norm each masked
    convolution gets a new one. The generators' weights are drawn from torch's
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
    take_apart(modular)
    graph = traced(modular).graph
    calls = str(graph)
    blocks = conv_bn_pairs(modular, graph)
    if not blocks:
        raise UsageError(
            f"{type(net).__name__} has no convolution to mask{standing_behind(modular, graph)}: "
            "modular training needs a CNN with Conv2d layers, each followed by BatchNorm2d, after "
            "its first one."
        )
    for conv_name, bn_name in blocks:
        conv = modular.get_submodule(conv_name)
        assert isinstance(conv, nn.Conv2d)
        bn = modular.get_submodule(bn_name) if bn_name else nn.BatchNorm2d(conv.out_channels)
        assert isinstance(bn, BATCH_NORMS)
        bn = bn.to(conv.weight.device, conv.weight.dtype)
        apart = bn_name is not None and not adjacent(graph, conv_name, bn_name)
        block = MaskedConvBN(conv, bn, apart)
        replace_layer(modular, conv, block.train(conv.training))
        if bn_name:
            place = MaskedNorm(block) if apart else nn.Identity()
            replace_layer(modular, bn, place, within=block)
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
        found = str(traced(modular, MASKED).graph)
        why = "other operations than before"
    except UnsupportedLayer as error:
        found, why = "", first_sentence(error.__cause__ or error)
    if found != calls:
        raise UnsupportedLayer(
            f"the forward method of {type(modular).__name__} asks what its convolutions or batch "
            f"norms are, which masked ones answer differently ({why}): let it only call them, and "
            "decide by attributes of its own, not by isinstance, weights, strides or the like."
        )
