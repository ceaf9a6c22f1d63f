"""Calls that an inference does not need: each takes time to start, and most pass over all maps."""

import copy
from collections import Counter
from operator import attrgetter

import torch
from torch import fx, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ...surgery.operations import SUMS, argument, pools_to_one

UNCHANGED = {nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.AlphaDropout}
FLATTENS = {torch.flatten, "flatten"}


def fold_batch_norms(net: fx.GraphModule) -> None:
    """Make each batch norm that follows a convolution a part of it, in place.

    Computed in double precision, since a running variance may be small.
    """
    alone = own_layers(net)
    for node in list(net.graph.nodes):
        bn, conv = layer(net, node), layer(net, node.args[0] if node.args else None)
        if type(bn) is not nn.BatchNorm2d or type(conv) is not nn.Conv2d:
            continue
        before: fx.Node = node.args[0]
        if bn.running_var is None or len(before.users) > 1 or not {node, before} <= alone:
            continue
        dtype = conv.weight.dtype
        fused = fuse_conv_bn_eval(copy.deepcopy(conv).double(), copy.deepcopy(bn).double())
        net.add_submodule(str(before.target), fused.to(dtype))
        node.replace_all_uses_with(before)
        net.graph.erase_node(node)


def drop_what_changes_nothing(net: fx.GraphModule) -> None:
    """Take out the layers that return what they are given, in evaluation mode, in place."""
    for node in list(net.graph.nodes):
        if type(layer(net, node)) in UNCHANGED and len(node.all_input_nodes) == 1:
            node.replace_all_uses_with(node.all_input_nodes[0])
            net.graph.erase_node(node)


def average_at_once(net: fx.GraphModule) -> None:
    """Make the pooling of whole maps and the flattening of what it gives one call, in place."""
    for node in list(net.graph.nodes):
        source = argument(node, 0, "input")
        pool = layer(net, source)
        if type(pool) is not nn.AdaptiveAvgPool2d or not pools_to_one(pool.output_size):
            continue
        if flattens(node, layer(net, node)):
            node.op, node.target = "call_method", "mean"
            node.args, node.kwargs = (source.all_input_nodes[0], (2, 3)), {}


def flattens(node: fx.Node, module: nn.Module | None) -> bool:
    """Tell whether a call makes vectors of maps."""
    if isinstance(module, nn.Flatten):
        return (module.start_dim, module.end_dim) == (1, -1)
    ends = argument(node, 1, "start_dim", default=0), argument(node, 2, "end_dim")
    return node.target in FLATTENS and ends in {(1, -1), (1, None)}


def activate_in_place(net: fx.GraphModule) -> None:
    """Let a ReLU overwrite what it reads if nobody else does: one buffer less."""
    for node in net.graph.nodes:
        if type(layer(net, node)) is not nn.ReLU and node.target is not F.relu:
            continue
        (source,) = node.all_input_nodes
        made = type(layer(net, source)) is nn.Conv2d or source.target in SUMS
        alone = {"inplace": True} if made and len(source.users) == 1 else {}
        node.op, node.target = "call_function", F.relu
        node.args, node.kwargs = (source,), alone


def layer(net: fx.GraphModule, node: object) -> nn.Module | None:
    """Return the layer that a node calls, if it calls one."""
    called = isinstance(node, fx.Node) and node.op == "call_module"
    return net.get_submodule(str(node.target)) if called and isinstance(node, fx.Node) else None


def own_layers(net: fx.GraphModule) -> set[fx.Node]:
    """Return the calls of layers that are called once and whose weights nothing else reads."""
    calls = [node for node in net.graph.nodes if node.op == "call_module"]
    count = Counter(node.target for node in calls)
    read = {id(attrgetter(n.target)(net)) for n in net.graph.nodes if n.op == "get_attr"}

    def alone(node: fx.Node) -> bool:
        weights = net.get_submodule(str(node.target)).parameters()
        return count[node.target] == 1 and not any(id(weight) in read for weight in weights)

    return {node for node in calls if alone(node)}
