"""What each operation of a network does to a channel of zeros: the rules that cutting follows."""

import operator
import sys
from collections.abc import Mapping
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

# Zero-preserving: a channel of zeros stays one, whatever the other channels hold.
PASSING_MODULES = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish),
    *(nn.Hardswish, nn.Tanh, nn.Softsign, nn.Hardshrink, nn.Softshrink, nn.Tanhshrink, nn.RReLU),
    *(nn.Dropout, nn.Identity),
)
PASSING = {
    *(F.relu, torch.relu, F.relu6, F.leaky_relu, F.elu, F.celu, F.selu, F.gelu, F.silu, F.mish),
    *(F.hardswish, torch.tanh, F.tanh, F.softsign, torch.relu_, operator.neg, torch.neg),
    *(torch.abs, torch.square, operator.abs, abs),
    *("relu", "relu_", "tanh", "contiguous", "clone", "detach", "float", "abs", "neg", "square"),
    *("to", "half", "double", "type_as"),
}
# The same, of feature maps.
SPATIAL_MODULES = (
    *(nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d, nn.Dropout2d),
    *(nn.Upsample, nn.ZeroPad2d, nn.ReflectionPad2d, nn.ReplicationPad2d, nn.CircularPad2d),
)
SPATIAL = {
    *(F.max_pool2d, torch.max_pool2d, F.avg_pool2d, F.adaptive_avg_pool2d),
    *(F.adaptive_max_pool2d, F.interpolate),
}
ADAPTIVE = {F.adaptive_avg_pool2d, F.adaptive_max_pool2d}
# Not zero-preserving: missing channels are filled with zeros first; each keeps its place. Those of
# several tensors, such as comparisons, broadcast them.
FILLING_MODULES = (
    *(nn.BatchNorm2d, nn.BatchNorm1d, nn.SyncBatchNorm, nn.InstanceNorm2d, nn.PReLU),
    *(nn.LocalResponseNorm, nn.GroupNorm, nn.LayerNorm, nn.Sigmoid, nn.Hardsigmoid),
    *(nn.LogSigmoid, nn.Softplus),
    *(nn.Softmax, nn.LogSoftmax, nn.Softmax2d, nn.Softmin, nn.Threshold, nn.AlphaDropout),
    *(nn.Hardtanh, nn.ConstantPad2d, nn.LPPool2d),
)
FILLING = {
    *(torch.sigmoid, F.sigmoid, F.hardsigmoid, F.logsigmoid, F.softplus, F.normalize),
    *(torch.softmax, F.softmax, torch.log_softmax, F.log_softmax, torch.exp, torch.clamp),
    *("sigmoid", "softmax", "log_softmax", "exp", "clamp", "pow", operator.pow, torch.pow),
    *(F.hardtanh, F.instance_norm, torch.clamp_min, "clamp_min", torch.clamp_max, "clamp_max"),
    *(torch.sin, "sin", torch.cos, "cos", torch.sqrt, "sqrt", torch.rsqrt, "rsqrt"),
    *(operator.gt, operator.ge, operator.lt, operator.le, operator.eq, operator.ne),
    *(torch.gt, torch.ge, torch.lt, torch.le, torch.eq, torch.ne, "gt", "ge", "lt", "le", "eq"),
    *("ne", torch.maximum, torch.minimum, "maximum", "minimum", torch.where, "where"),
    *(torch.lerp, "lerp", torch.addcmul, "addcmul", torch.addcdiv, "addcdiv"),
    *(operator.and_, operator.or_, operator.xor, operator.invert, operator.mod),
    *(operator.floordiv, torch.zeros_like, torch.ones_like, F.group_norm, F.layer_norm),
}
DROPOUTS = {F.dropout: nn.Dropout, F.dropout2d: nn.Dropout2d}
SUMS = {
    *(operator.add, operator.iadd, torch.add, "add", "add_"),
    *(operator.sub, operator.isub, torch.sub, "sub", "sub_"),
}
PRODUCTS = {operator.mul, operator.imul, torch.mul, "mul", "mul_", torch.multiply, "multiply"}
QUOTIENTS = {operator.truediv, operator.itruediv, torch.div, "div", "div_"}
CONCATENATIONS = {torch.cat, torch.concat, torch.concatenate}
RESHAPINGS = {torch.flatten, "flatten", "view", "reshape", torch.reshape}
SQUEEZINGS = {torch.squeeze, "squeeze"}
UNSQUEEZINGS = {torch.unsqueeze, "unsqueeze"}
EXPANSIONS = {"expand", "expand_as"}
PADDINGS = {F.pad}
REDUCTIONS = {torch.mean, "mean", torch.sum, "sum", torch.amax, "amax", torch.max, "max"}


def is_stochastic_depth(layer: nn.Module | None) -> bool:
    """Tell whether a layer is torchvision's ``StochasticDepth``.

    Whoever has one has imported torchvision; to import it here would take two seconds of every run.
    """
    ops = sys.modules.get("torchvision.ops")
    return ops is not None and isinstance(layer, ops.StochasticDepth)


def passes(layer: nn.Module) -> bool:
    """Tell whether a layer maps a channel of zeros to a channel of zeros, on any kind of tensor."""
    return isinstance(layer, PASSING_MODULES) or is_stochastic_depth(layer)


def argument(node: fx.Node, position: int, *names: str, default: Any = None) -> Any:
    """Return an argument of a call, given by position or by one of its names."""
    if len(node.args) > position:
        return node.args[position]
    return next((node.kwargs[name] for name in names if name in node.kwargs), default)


def place(node: fx.Node) -> str:
    """Say in words which call of which layer's forward method a node is."""
    if node.op == "call_module":
        return f"layer {str(node.target)!r}"
    name = str(
        node.args[1] if node.target is getattr else getattr(node.target, "__name__", node.target)
    )
    return f"operation {name!r} in {within(node.meta.get('nn_module_stack', {}))}"


def within(stack: Mapping[str, tuple[str, Any]]) -> str:
    """Name the layer whose forward method runs, of those that have been entered."""
    path, kind = list(stack.values())[-1] if stack else ("", None)
    return f"layer {path!r} ({kind.__name__})" if kind else "the network's own forward method"


def positions_only(node: fx.Node, axes: int) -> bool:
    """Tell whether a reduction goes over nothing but the positions of a feature map."""
    dims = argument(node, 1, "dim", "axis")
    dims = (dims,) if isinstance(dims, int) else dims
    if not isinstance(dims, tuple | list) or not all(isinstance(dim, int) for dim in dims):
        return False
    return all(int(dim) % axes >= 2 for dim in dims)


def reduced_axes(node: fx.Node, axes: int) -> int:
    """Return how many dimensions a reduction leaves."""
    dims = argument(node, 1, "dim", "axis")
    if argument(node, 2, "keepdim", "keepdims", default=False):
        return axes
    return axes - (1 if isinstance(dims, int) else len(dims))


def pools_to_one(size: Any) -> bool:
    """Tell whether an adaptive pooling to this size leaves one number a channel."""
    return size == 1 or (isinstance(size, tuple | list) and tuple(size) == (1, 1))


def leaves_one(node: fx.Node, axes: int) -> bool:
    """Tell whether a reduction over positions leaves one number a channel."""
    dims = argument(node, 1, "dim", "axis")
    return len({dims} if isinstance(dims, int) else {dim % axes for dim in dims}) == axes - 2


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
    if index[0] is Ellipsis and all(i is None for i in index[1:]):
        return axes + len(index) - 1
    simple = all(i is None or isinstance(i, int | slice) for i in index)
    if not simple or any(i != slice(None) for i in index[:2]):
        return None
    taken = sum(isinstance(i, int) for i in index[2:])
    return axes - taken + sum(i is None for i in index[2:])


def first_size_of(size: Any) -> fx.Node | None:
    """Return the tensor whose first size this is, as ``x.size(0)`` or ``x.shape[0]`` say it."""
    if not isinstance(size, fx.Node):
        return None
    if size.target == "size":
        return size.all_input_nodes[0] if argument(size, 1, "dim") == 0 else None
    first = size.target is operator.getitem and bool(size.args[1] == 0)
    return whose_shape(size.args[0]) if first else None


def whose_shape(shape: Any) -> fx.Node | None:
    """Return the tensor whose shape, or whose first sizes, a node holds."""
    if not isinstance(shape, fx.Node):
        return None
    if shape.target is operator.getitem and isinstance(shape.args[1], slice):
        return whose_shape(shape.args[0]) if shape.args[1].start in (None, 0) else None
    return shape.all_input_nodes[0] if reads_shape(shape) else None


def reads_shape(node: fx.Node) -> bool:
    """Tell whether a call asks a tensor for its shape, or what else is known without its values."""
    names = {"shape", "ndim", "dtype", "device"}
    return node.target in {"size", "dim"} or (node.target is getattr and node.args[1] in names)


def is_python_arithmetic(node: fx.Node) -> bool:
    """Tell whether a call is arithmetic of Python, as on sizes."""
    return getattr(node.target, "__module__", None) in {"_operator", "builtins", "math"}


def sizes_taken(node: fx.Node, axes: int) -> tuple[list[fx.Node], bool]:
    """Return the nodes that hold the number of channels, of a tensor whose shape ``node`` reads.

    And whether it is also used in another way than as a number of its own.
    """
    if node.target == "dim" or (node.target is getattr and node.args[1] != "shape"):
        return [], False
    dim = argument(node, 1, "dim") if node.target == "size" else None
    if isinstance(dim, int):
        return ([node] if dim % axes == 1 else []), False
    if dim is not None:  # a dimension that is computed
        return [], True
    return items(node, list(range(axes)))


def items(shape: fx.Node, dims: list[int]) -> tuple[list[fx.Node], bool]:
    """Return the same for a node that holds the sizes of ``dims``."""
    found: list[fx.Node] = []
    other = False
    for user in shape.users:
        key = user.args[1] if user.target is operator.getitem else None
        if user.target is len:
            continue
        if isinstance(key, int):
            found += [user] if dims[key] == 1 else []
        elif isinstance(key, slice) and all(
            isinstance(k, int | None) for k in (key.start, key.stop)
        ):
            more, mixed = items(user, dims[key])
            found, other = found + more, other or mixed
        else:
            other = other or 1 in dims
    return found, other
