"""Batch norms that do more than that, such as activate, are taken apart into plain layers."""

import copy
from operator import attrgetter
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from .operations import argument
from .slicing import BatchNorm

BATCH_NORMS = (nn.BatchNorm2d, nn.SyncBatchNorm)
TENSORS = ("running_mean", "running_var", "weight", "bias")  # in the order of `F.batch_norm`
CHECKS = ("_check_input_dim", "_check_non_zero_input_channels")  # of torch: branches on sizes


def is_plain(layer: nn.Module | None) -> bool:
    """Tell whether a layer is a batch norm of feature maps and nothing beside."""
    return any(isinstance(layer, k) and type(layer).forward is k.forward for k in BATCH_NORMS)


def take_apart(net: nn.Module) -> None:
    """Replace each batch norm with a forward method of its own, in place.

    It becomes a graph of a plain batch norm and of what else the method calls. One whose method
    cannot be followed, or calls other things in training, stays as it is.
    """
    named = list(net.named_modules(remove_duplicate=False))
    made: dict[nn.Module, fx.GraphModule | None] = {}
    for name, layer in named:
        if isinstance(layer, BATCH_NORMS) and not is_plain(layer):
            if layer not in made:
                made[layer] = parts_of(layer)
            if (parts := made[layer]) is not None:
                net.set_submodule(name, parts)


def parts_of(layer: BatchNorm) -> fx.GraphModule | None:
    """Return a batch norm with a forward method of its own as a graph of plain layers, or None."""
    if layer._forward_hooks or layer._forward_pre_hooks:
        return None
    name = "batch_norm"
    while hasattr(layer, name):
        name += "_"
    graph, in_training = (recorded(layer, name, training) for training in (False, True))
    if graph is None or str(graph) != str(in_training):
        return None
    used = {str(n.target) for n in graph.nodes if n.op in ("call_module", "get_attr")} - {name}
    if not used.isdisjoint(TENSORS):  # for something else beside
        return None
    parts: dict[str, Any] = {part: attrgetter(part)(layer) for part in used}
    net = fx.GraphModule({**parts, name: plain(layer)}, graph, type(layer).__name__)
    return net.train(layer.training)


class ForwardTracer(fx.Tracer):
    """Records the forward method of one layer, whose own layers stay what they are."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Stop at every layer."""
        return True


def recorded(layer: BatchNorm, name: str, training: bool) -> fx.Graph | None:
    """Return what the forward method of a batch norm calls, its normalization as layer ``name``.

    None if it cannot be traced, does not normalize once with the layer's tensors, or needs the
    sizes of what it is given.
    """
    tried = copy.deepcopy(layer).train(training)
    for check in CHECKS:
        setattr(tried, check, lambda _: None)
    try:
        graph = ForwardTracer().trace(tried)
    except Exception:  # a tracer fails in as many ways as forward methods can
        return None
    for node in reversed(graph.nodes):
        if node.target is torch._assert or not (node.users or node.op in ("output", "placeholder")):
            graph.erase_node(node)
    norms = [node for node in graph.nodes if node.target is F.batch_norm]
    if len(norms) != 1 or not normalizes(norms[0], layer):
        return None
    with graph.inserting_before(norms[0]):
        norms[0].replace_all_uses_with(graph.call_module(name, (norms[0].args[0],)))
    graph.erase_node(norms[0])
    for node in reversed(graph.nodes):
        if node.op == "get_attr" and not node.users:
            graph.erase_node(node)
    return graph


def normalizes(node: fx.Node, layer: BatchNorm) -> bool:
    """Tell whether a call of `F.batch_norm` computes what the plain layer would."""
    given = [argument(node, place, key) for place, key in enumerate(TENSORS, start=1)]
    own = [None if getattr(layer, key) is None else key for key in TENSORS]
    found = [part.target if isinstance(part, fx.Node) else part for part in given]
    return bool(node.args) and found == own and argument(node, 7, "eps") == layer.eps


def plain(layer: BatchNorm) -> BatchNorm:
    """Return a batch norm of torch with the settings and the tensors of one of an own class."""
    settings = (layer.num_features, layer.eps, layer.momentum)
    options = {"affine": False, "track_running_stats": layer.track_running_stats}
    norm: BatchNorm
    if isinstance(layer, nn.SyncBatchNorm):
        norm = nn.SyncBatchNorm(*settings, **options, process_group=layer.process_group)
    else:
        norm = nn.BatchNorm2d(*settings, **options)
    norm.affine = layer.affine
    norm.weight, norm.bias = layer.weight, layer.bias
    for key in ("running_mean", "running_var", "num_batches_tracked"):
        norm.register_buffer(key, getattr(layer, key))
    return norm
