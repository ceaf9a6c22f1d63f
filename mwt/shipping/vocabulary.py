"""The words in which a shipped network may be written: functions, methods, layers, constants.

A word that is not here is refused when a network is written down, and when it is read: a file from
a stranger can name nothing but arithmetic on tensors.
"""

import builtins
import math
import operator
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional as F

from ..support.errors import UsageError

# What tensors can do, each as a function of torch, of torch.nn.functional or as a method, and with
# a trailing underscore where that exists. Nothing here opens a file or takes a function.
OPERATIONS = """
    abs acos add addcmul addmm amax amin argmax argmin asin atan bmm cat ceil chunk clamp clamp_max
    clamp_min clip clone concat concatenate contiguous cos cosh cumsum detach diff div divide einsum
    eq erf exp expand expand_as expm1 flatten flip floor full_like ge gt le log log10
    log1p log2 logical_and logical_not logical_or logsumexp lt masked_fill matmul max maximum mean
    median min minimum mm moveaxis movedim mul multiply narrow ne neg norm numel ones_like permute
    pow prod reciprocal repeat repeat_interleave reshape reshape_as roll round rsqrt select sign sin
    sinh split sqrt square squeeze stack std sub subtract sum swapaxes swapdims t tan tensor_split
    tile transpose true_divide type_as unbind unflatten unsqueeze var view view_as where zeros_like
    dim size to float double half bfloat16 index_select
    alpha_dropout celu channel_shuffle dropout dropout1d dropout2d elu feature_alpha_dropout gelu
    glu hardshrink hardsigmoid hardswish hardtanh leaky_relu log_softmax logsigmoid mish prelu relu
    relu6 rrelu selu sigmoid silu softmax softmin softplus softshrink softsign tanh tanhshrink
    threshold
    adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d avg_pool1d
    avg_pool2d batch_norm conv1d conv2d conv_transpose2d cosine_similarity fold group_norm
    instance_norm interpolate layer_norm linear local_response_norm lp_pool2d max_pool1d max_pool2d
    normalize pad pixel_shuffle pixel_unshuffle rms_norm unfold
"""
ARITHMETIC = {
    operator: "add sub mul truediv floordiv mod pow matmul neg pos abs iadd isub imul itruediv "
    "getitem eq ne lt le gt ge and_ or_ not_ invert",
    math: "ceil floor sqrt prod log log2 exp",
    builtins: "getattr len abs max min round",
}
TENSOR_WORDS = [name for word in OPERATIONS.split() for name in (word, f"{word}_")]
ATTRIBUTES = {"shape", "ndim", "dtype", "device", "T", "mT", "values", "indices"}  # for getattr
LAYER_FILES = (
    *("activation", "batchnorm", "channelshuffle", "conv", "dropout", "flatten", "fold"),
    *("instancenorm", "linear", "normalization", "padding", "pixelshuffle", "pooling"),
    "upsampling",
)


def named_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions by name."""
    places = {torch: TENSOR_WORDS, F: TENSOR_WORDS}
    places |= {module: text.split() for module, text in ARITHMETIC.items()}
    return {
        f"{module.__name__}.{name}": getattr(module, name)
        for module, names in places.items()
        for name in names
        if callable(getattr(module, name, None))
    }


@cache
def named_layers() -> dict[str, type[nn.Module]]:
    """Return the classes of layers by name; their arguments are numbers, words and tuples."""
    files = {f"torch.nn.modules.{name}" for name in LAYER_FILES}
    return {
        f"torch.nn.{name}": value
        for name, value in vars(nn).items()
        if getattr(value, "__module__", None) in files and not name.startswith("Lazy")
    }


@cache
def torchvision_layers() -> dict[str, type[nn.Module]]:
    """Return the classes of torchvision's layers by name; to import it takes two seconds."""
    from torchvision.ops import Permute, StochasticDepth

    return {f"torchvision.ops.{layer.__name__}": layer for layer in (Permute, StochasticDepth)}


def layer_class(name: str) -> type[nn.Module] | None:
    """Return the class of layers that a name stands for, or None."""
    known = torchvision_layers() if name.startswith("torchvision.") else named_layers()
    return known.get(name)


def layer_name(kind: type[nn.Module]) -> str | None:
    """Return the name of a class of layers, or None if there is none for it."""
    known = torchvision_layers() if kind.__module__.startswith("torchvision.") else named_layers()
    return next((name for name, layer in known.items() if layer is kind), None)


def torch_class(layer: nn.Module) -> type[nn.Module] | None:
    """Return the class with a name by which a layer computes: its own, or one that it inherits.

    None if there is none, or the layer's own class computes in another way.
    """
    kind = next((kind for kind in type(layer).__mro__ if layer_name(kind)), None)
    ways = ("forward", "_conv_forward")
    alike = all(getattr(type(layer), way, None) is getattr(kind, way, None) for way in ways)
    return kind if alike else None


FUNCTIONS = named_functions()
FUNCTION_NAMES = {function: name for name, function in reversed(FUNCTIONS.items())}
TENSOR_METHODS = {name for name in TENSOR_WORDS if callable(getattr(torch.Tensor, name, None))}
CONSTANTS = {  # dtypes and memory formats
    str(value): value
    for value in vars(torch).values()
    if isinstance(value, torch.dtype | torch.memory_format)
}


def encoded(value: Any) -> Any:
    """Return an argument as JSON: what JSON lacks becomes an object of one item.

    Raises
    ------
    UsageError
        For a value of a kind that cannot be written, such as a device.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, fx.Node):
        return {"node": value.name}
    if isinstance(value, tuple):
        return {"tuple": [encoded(item) for item in value]}
    if isinstance(value, list):
        return [encoded(item) for item in value]
    if isinstance(value, slice):
        return {"slice": [encoded(item) for item in (value.start, value.stop, value.step)]}
    if value is ...:
        return {"ellipsis": None}
    if str(value) in CONSTANTS:
        return {"constant": str(value)}
    raise UsageError(
        f"{value!r} of type {type(value).__name__} cannot be written down: a shipped network has "
        "numbers, words, slices, dtypes and tuples or lists of them as arguments."
    )


def decoded(value: Any, nodes: dict[str, fx.Node]) -> Any:
    """Return the argument that `encoded` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        For what it has not written.
    """
    if isinstance(value, list):
        return [decoded(item, nodes) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    readings: dict[str, Callable[[Any], Any]] = {
        "float": float,
        "node": nodes.__getitem__,
        "tuple": lambda items: tuple(decoded(item, nodes) for item in items),
        "slice": lambda items: slice(*(decoded(item, nodes) for item in items)),
        "ellipsis": lambda _: ...,
        "constant": CONSTANTS.__getitem__,
    }
    return readings[kind](content)
