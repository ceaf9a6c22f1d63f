"""The same network, faster: for inference, and what the exports write."""

import copy

import torch
from torch import fx, nn

from ...masking.blocks import is_modular
from ...support.errors import UnsupportedLayer, UsageError
from ...surgery.slicing import ZeroFill
from ...surgery.tracing import check_network, traced
from .arranging import arrange
from .folding import (
    activate_in_place,
    average_at_once,
    drop_what_changes_nothing,
    fold_batch_norms,
)
from .spaces import Spaces


def optimized(module: nn.Module) -> nn.Module:
    """Return a network that computes the same in less time, for inference.

    Batch norms become part of the convolutions before them. Channels are put in another order, in
    which those that are missing on one side of a sum lie side by side, so that zeros are padded in
    one piece or, where that is cheaper, computed by kernels of zeros; and their numbers are rounded
    up to what the libraries' kernels are fast with. Weights are stored channels last.

    Parameters
    ----------
    module
        What `mwt.extract` returns, in any of its forms, alone or with more layers behind it; or
        any CNN. It is left as it was. What cannot be followed stays as it is, and so does all of a
        network that torch.fx cannot trace.

    Returns
    -------
    nn.Module
        In evaluation mode, on the module's device, with weights of its own; outputs differ by
        rounding, 1e-5 of the largest at most. Not for training: its batch norms are gone.

    Raises
    ------
    UsageError
        If the network is still modular, or none.
    """
    check_network(module)
    if is_modular(module):
        raise UsageError("this network is still modular: optimize what mwt.extract returns.")
    net = copy.deepcopy(module).eval()
    try:
        return faster(traced(net, (ZeroFill,)))
    except UnsupportedLayer:
        return net


@torch.no_grad()
def faster(net: fx.GraphModule) -> fx.GraphModule:
    """Change a traced network, which is no one else's, to one that is faster."""
    for layer in net.modules():
        if getattr(layer, "inplace", False):  # as `traced` has made the calls around it
            setattr(layer, "inplace", False)  # noqa: B010 (no type knows which layers have it)
    drop_what_changes_nothing(net)
    average_at_once(net)
    net.graph.eliminate_dead_code()
    fold_batch_norms(net)
    arrange(Spaces(net))
    activate_in_place(net)
    for node in net.graph.nodes:
        if node.target == "view" and not isinstance(node.args[-1], torch.dtype):
            node.target = "reshape"  # which takes maps that are stored channels last, too
    net.graph.eliminate_dead_code()
    net.recompile()
    net.delete_all_unused_submodules()
    return net.eval().to(memory_format=torch.channels_last)
