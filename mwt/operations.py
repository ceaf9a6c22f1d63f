"""What each operation of a network does to a channel of zeros: the rules that cutting follows."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F
from torchvision.ops import StochasticDepth

# Map a channel of zeros to a channel of zeros, whatever the other channels hold.
PASSING_MODULES = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish),
    *(nn.Hardswish, nn.Tanh, nn.Softsign, nn.Hardshrink, nn.Softshrink),
    *(nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d),
    *(nn.Upsample, nn.ZeroPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d),
    *(nn.Dropout, nn.Dropout2d, nn.Identity, StochasticDepth),
)
PASSING = {
    *(F.relu, torch.relu, F.relu6, F.leaky_relu, F.elu, F.celu, F.selu, F.gelu, F.silu, F.mish),
    *(F.hardswish, torch.tanh, F.tanh, F.softsign, torch.relu_, operator.neg, torch.neg),
    *(torch.abs, torch.square, F.interpolate),
    *(F.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d, F.adaptive_max_pool2d),
    *("relu", "relu_", "tanh", "contiguous", "clone", "detach", "float", "abs", "neg", "square"),
}
# Need the zeros to be there, and give every channel again; each channel keeps its place.
FILLING_MODULES = (
    *(nn.BatchNorm2d, nn.BatchNorm1d, nn.InstanceNorm2d, nn.LocalResponseNorm, nn.PReLU),
    *(nn.Sigmoid, nn.Hardsigmoid, nn.LogSigmoid, nn.Softplus, nn.Hardtanh),
    *(nn.Softmax, nn.LogSoftmax, nn.Softmax2d),
)
FILLING = {
    *(torch.sigmoid, F.sigmoid, F.hardsigmoid, F.logsigmoid, F.softplus, F.normalize),
    *(torch.softmax, F.softmax, torch.log_softmax, F.log_softmax, torch.exp, torch.clamp),
    *("sigmoid", "softmax", "log_softmax", "exp", "clamp", "pow", operator.pow, torch.pow),
}
SUMS = {
    *(operator.add, operator.iadd, torch.add, "add", "add_"),
    *(operator.sub, operator.isub, torch.sub, "sub", "sub_"),
}
PRODUCTS = {operator.mul, operator.imul, torch.mul, "mul", "mul_", torch.multiply, "multiply"}
QUOTIENTS = {operator.truediv, torch.div, "div", "div_"}
CONCATENATIONS = {torch.cat, torch.concat, torch.concatenate}
RESHAPINGS = {torch.flatten, "flatten", "view", "reshape", torch.reshape}
SQUEEZINGS = {torch.squeeze, "squeeze"}
UNSQUEEZINGS = {torch.unsqueeze, "unsqueeze"}
EXPANSIONS = {"expand", "expand_as"}
PADDINGS = {F.pad}
REDUCTIONS = {torch.mean, "mean", torch.sum, "sum", torch.amax, "amax", torch.max, "max"}


def argument(node: fx.Node, position: int, *names: str, default: Any = None) -> Any:
    """Return an argument of a call, given by position or by one of its names."""
    if len(node.args) > position:
        return node.args[position]
    return next((node.kwargs[name] for name in names if name in node.kwargs), default)


def positions_only(node: fx.Node, axes: int) -> bool:
    """Tell whether a reduction goes over nothing but the positions of a feature map."""
    dims = argument(node, 1, "dim", "axis")
    dims = (dims,) if isinstance(dims, int) else dims
    if not isinstance(dims, tuple | list) or not all(isinstance(dim, int) for dim in dims):
        return False
    return all(dim % axes >= 2 for dim in dims)


def reduced_axes(node: fx.Node, axes: int) -> int:
    """Return how many dimensions a reduction leaves."""
    dims = argument(node, 1, "dim", "axis")
    if argument(node, 2, "keepdim", "keepdims", default=False):
        return axes
    return axes - (1 if isinstance(dims, int) else len(dims))


def new_sizes(node: fx.Node) -> tuple[Any, ...]:
    """Return the sizes that a ``view`` or ``reshape`` asks for."""
    sizes = argument(node, 1, "shape", "size", default=())
    if isinstance(sizes, tuple | list):
        return tuple(sizes)
    return tuple(node.args[1:])


def indexed_axes(node: fx.Node, axes: int) -> int | None:
    """Return the dimensions that ``x[:, :, ...]`` leaves; None if it selects channels or images."""
    index = node.args[1]
    if not isinstance(index, tuple) or len(index) < 2:
        return None
    simple = all(i is None or isinstance(i, int | slice) for i in index)
    if not simple or any(i != slice(None) for i in index[:2]):
        return None
    taken = sum(isinstance(i, int) for i in index[2:])
    return axes - taken + sum(i is None for i in index[2:])


def reads_shape(node: fx.Node) -> bool:
    """Tell whether a call asks a tensor for its shape."""
    return node.target in {"size", "dim"} or (
        node.target is getattr and node.args[1] in {"shape", "ndim"}
    )


def counts(node: fx.Node) -> bool:
    """Tell whether a call is arithmetic of Python, as on sizes."""
    module = getattr(node.target, "__module__", None)
    return bool(node.all_input_nodes) and module in {"_operator", "builtins"}


def size_of_channels(node: fx.Node, axes: int) -> bool:
    """Tell whether a call is ``x.size(1)``."""
    dim = argument(node, 1, "dim") if node.target == "size" else None
    return isinstance(dim, int) and dim % axes == 1


def sizes_taken(node: fx.Node, user: fx.Node, axes: int) -> list[int]:
    """Return which dimensions' sizes a user takes from a shape: all, unless it takes an item."""
    dims = list(range(axes))
    if argument(node, 1, "dim") is not None and node.target == "size":
        return []  # one size already
    if user.target is len:
        return []
    if user.target is not operator.getitem:
        return dims
    taken = dims[user.args[1]] if isinstance(user.args[1], int | slice) else dims
    return [taken] if isinstance(taken, int) else taken
