"""A modular network as a list of steps on plain arrays, for an engine that knows no torch.

The engine of the book's page "See it live" (``mwt/report/site/live_engine.js``) runs them.
"""

import base64
import operator
from typing import Any

import torch
from torch import Tensor, fx, nn

from ..masking.blocks import MaskedConvBN, masked_blocks
from ..support.errors import UsageError
from ..surgery.tracing import traced

ADDITIONS = (torch.add, operator.add)
FLATTENING = (torch.flatten, "flatten")
Step = dict[str, Any]


def steps(modular: nn.Module) -> list[Step]:
    """Write a modular network down as the steps that compute its logits.

    Parameters
    ----------
    modular
        A network of `to_modular` on square images, whose matrices hold values of half precision.

    Returns
    -------
    list of dict
        JSON values. ``op`` says what is done: ``image``, ``conv``, ``masked``, ``affine``,
        ``relu``, ``max``, ``mean``, ``linear`` or ``add``; ``from`` are the positions of the steps
        whose results it takes. The last step gives the logits. Matrices are base64 of their values
        in half precision, other arrays of their values in single precision, both little-endian.
        Batch norm is a scale and a shift for each kernel. ``layer`` is a masked layer's position in
        the order of `masks`.

    Raises
    ------
    UsageError
        For a layer or a call that is no such step, by name.
    ValueError
        If a matrix does not hold values of half precision.
    """
    net = traced(modular, (MaskedConvBN,))
    layers = dict(net.named_modules())
    masked = [name for name, _ in masked_blocks(modular)]
    written: list[Step] = []
    place: dict[fx.Node, int] = {}
    for node in net.graph.nodes:
        if node.op == "output":
            break
        sources = [place[source] for source in node.all_input_nodes]
        layer = layers.get(str(node.target)) if node.op == "call_module" else None
        if isinstance(layer, nn.Identity | nn.Dropout | nn.Flatten) or node.target in FLATTENING:
            place[node] = sources[0]
            continue
        step = layer_step(node, layer) if layer is not None else call_step(node)
        place[node] = len(written)
        if step["op"] == "masked":
            step["layer"] = masked.index(str(node.target))
        written.append(step | {"from": sources})
    return written


def call_step(node: fx.Node) -> Step:
    """Return the step of a call that is no layer."""
    if node.op == "placeholder":
        return {"op": "image"}
    if node.target in ADDITIONS and len(node.all_input_nodes) == 2 and not node.kwargs:
        return {"op": "add"}
    raise refusal(node, str(node.target))


def layer_step(node: fx.Node, layer: nn.Module) -> Step:
    """Return the step of a layer."""
    match layer:
        case MaskedConvBN():
            scale, shift = affine(layer.bn)
            generator = layer.generator
            own = {"squeeze": linear(generator.squeeze), "excite": linear(generator.excite)}
            return convolution(node, layer.conv, scale, shift) | own | {"op": "masked"}
        case nn.Conv2d():
            ones = torch.ones(layer.out_channels, dtype=torch.float64)
            return convolution(node, layer, ones, torch.zeros_like(ones)) | {"op": "conv"}
        case nn.BatchNorm2d():
            scale, shift = affine(layer)
            return {"op": "affine", "scale": singles(scale), "shift": singles(shift)}
        case nn.ReLU():
            return {"op": "relu"}
        case nn.Linear():
            return linear(layer) | {"op": "linear"}
        case nn.AdaptiveAvgPool2d() if layer.output_size in (1, (1, 1)):
            return {"op": "mean"}
        case nn.MaxPool2d() if layer.stride == layer.kernel_size and layer.padding == 0:
            return {"op": "max", "size": layer.kernel_size}
    raise refusal(node, str(layer))


def convolution(node: fx.Node, conv: nn.Conv2d, scale: Tensor, shift: Tensor) -> Step:
    """Return a convolution's arrays and numbers, with what its result is scaled and shifted by."""
    kernels, channels, height, width = conv.weight.shape
    square = height == width and len({*conv.stride}) == len({*conv.padding}) == 1
    usual = conv.groups == 1 and conv.dilation == (1, 1) and conv.padding_mode == "zeros"
    if not (square and usual):
        raise refusal(node, str(conv))
    if conv.bias is not None:
        shift = shift + scale * conv.bias.double()
    return {
        "weight": halves(conv.weight),
        "kernels": kernels,
        "channels": channels,
        "size": height,
        "stride": conv.stride[0],
        "padding": conv.padding[0],
        "scale": singles(scale),
        "shift": singles(shift),
    }


def affine(bn: nn.Module) -> tuple[Tensor, Tensor]:
    """Return scale and shift ``(kernels,)`` of a batch norm in evaluation mode, as float64."""
    assert isinstance(bn, nn.BatchNorm2d)
    assert bn.running_mean is not None
    assert bn.running_var is not None
    scale = bn.weight.double() / (bn.running_var.double() + bn.eps).sqrt()
    return scale, bn.bias.double() - bn.running_mean.double() * scale


def linear(layer: nn.Linear) -> Step:
    """Return a linear layer's arrays and sizes."""
    outputs, inputs = layer.weight.shape
    bias = None if layer.bias is None else singles(layer.bias)
    return {"matrix": halves(layer.weight), "outputs": outputs, "inputs": inputs, "bias": bias}


def halves(values: Tensor) -> str:
    """Return base64 of the values in half precision, which must hold them."""
    short = values.detach().cpu().half()
    if not torch.equal(short.to(values.dtype), values.detach().cpu()):
        raise ValueError("half precision does not hold these weights: use round_to_half first")
    return base64.b64encode(short.contiguous().numpy().astype("<f2").tobytes()).decode()


def singles(values: Tensor) -> str:
    """Return base64 of the values in single precision."""
    array = values.detach().cpu().contiguous().numpy().astype("<f4")
    return base64.b64encode(array.tobytes()).decode()


def refusal(node: fx.Node, what: str) -> UsageError:
    """Return the error for what is no step."""
    return UsageError(
        f"{node.target}: {what} is none of the steps of mwt/report/steps.py; choose one of the "
        "networks of mwt.models."
    )
