"""Batch norms and activations that need no pass of their own over the feature maps."""

import copy
from collections import Counter
from operator import attrgetter

from torch import fx, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ...surgery.operations import SUMS


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


def activate_in_place(net: fx.GraphModule) -> None:
    """Let a ReLU overwrite what it reads if nobody else does: one buffer less."""
    for node in net.graph.nodes:
        if type(layer(net, node)) is not nn.ReLU and node.target is not F.relu:
            continue
        source = node.args[0] if node.args else None
        made = isinstance(source, fx.Node) and len(source.users) == 1
        fresh = made and (type(layer(net, source)) is nn.Conv2d or source.target in SUMS)
        node.op, node.target = "call_function", F.relu
        node.args, node.kwargs = tuple(node.all_input_nodes), {"inplace": True} if fresh else {}


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
