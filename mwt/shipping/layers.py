"""A layer as JSON, and back: its class and the arguments it is made with."""

import inspect
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ..support.errors import UsageError
from ..surgery.slicing import ZeroFill
from .vocabulary import decoded, encoded, layer_class, layer_name, torch_class

ZERO_FILL = "mwt.slicing.ZeroFill"  # what files call it, wherever its code stands
PLACES = {"device", "dtype"}  # arguments whose values the weights decide


def layer_to_json(name: str, layer: nn.Module) -> dict[str, Any]:
    """Write a layer down.

    The arguments are read off the attributes of the same names, where torch's layers keep them.

    Parameters
    ----------
    name
        Of the layer in its network, for messages.
    layer
        Any layer of the vocabulary.

    Returns
    -------
    dict
        JSON values: ``class`` and ``arguments``.

    Raises
    ------
    UsageError
        If the class is not in the vocabulary, or its arguments cannot be read off.
    """
    if isinstance(layer, ZeroFill):
        buffers = {key: described_tensor(tensor) for key, tensor in layer.named_buffers()}
        values = {key: encoded(value) for key, value in public_attributes(layer).items()}
        return {"class": ZERO_FILL, "arguments": values, "buffers": buffers}
    if (kind := torch_class(layer)) is None:
        raise UsageError(
            f"layer {name!r}: a shipped network has layers of torch.nn that take tensors and "
            f"numbers, not {type(layer).__name__}."
        )
    arguments = {}
    for parameter in inspect.signature(kind).parameters.values():
        if parameter.name in PLACES or not hasattr(layer, parameter.name):
            continue
        value = getattr(layer, parameter.name)
        is_tensor = isinstance(value, Tensor) or parameter.name in layer._parameters
        arguments[parameter.name] = value is not None if is_tensor else encoded(value)
    description = {"class": layer_name(kind), "arguments": arguments}
    if not same(layer, layer_from_json(name, description)):
        raise UsageError(
            f"layer {name!r}: the arguments that its {kind.__name__} was made with cannot be read "
            "off it; put another layer there."
        )
    return description


def layer_from_json(name: str, description: Mapping[str, Any]) -> nn.Module:
    """Make a layer on the ``meta`` device, that is without weights, as `layer_to_json` wrote it.

    Raises
    ------
    UsageError
        If the class is not in the vocabulary.
    """
    kind, arguments = description["class"], description["arguments"]
    values = {key: decoded(value, {}) for key, value in arguments.items()}
    if kind == ZERO_FILL:
        return made_zero_fill(values, description["buffers"])
    if (layer := layer_class(kind)) is None:
        raise UsageError(
            f"layer {name!r}: {kind!r} is not a layer that a shipped network may have."
        )
    if not PLACES.isdisjoint(values):
        raise UsageError(f"layer {name!r}: the weights decide on its device and type.")
    with torch.device("meta"):
        return layer(**values)


def made_zero_fill(values: Mapping[str, Any], buffers: Mapping[str, Any]) -> ZeroFill:
    """Make the layer by its state, since its arguments are masks that it does not keep."""
    layer = ZeroFill.__new__(ZeroFill)
    nn.Module.__init__(layer)
    for key, value in values.items():
        if hasattr(layer, key):
            raise ValueError(f"{key!r} is not free")
        setattr(layer, key, value)
    for key, description in buffers.items():
        layer.register_buffer(key, made_tensor(description))
    return layer


def described_tensor(tensor: Tensor) -> dict[str, Any]:
    """Write a parameter or buffer down: what it is, without its values."""
    kind = {"dtype": encoded(tensor.dtype), "parameter": isinstance(tensor, nn.Parameter)}
    return {"shape": list(tensor.shape), **kind}


def made_tensor(description: Mapping[str, Any]) -> Tensor:
    """Make a parameter or buffer without values, as `described_tensor` wrote it down."""
    dtype = decoded(description["dtype"], {})
    tensor = torch.empty(description["shape"], dtype=dtype, device="meta")
    return nn.Parameter(tensor) if description["parameter"] else tensor


def public_attributes(layer: nn.Module) -> dict[str, Any]:
    """Return the public attributes that are no tensors or modules."""
    hidden = ("_", "training")
    return {key: value for key, value in vars(layer).items() if not key.startswith(hidden)}


def same(layer: nn.Module, other: nn.Module) -> bool:
    """Tell whether a layer has the settings of another, and weights of the same shapes."""
    settings = all(
        getattr(layer, key, None) == value for key, value in public_attributes(other).items()
    )
    shapes = [{key: t.shape for key, t in each.state_dict().items()} for each in (layer, other)]
    return settings and shapes[0] == shapes[1]
