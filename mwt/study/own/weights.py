"""Trained weights from a file, for a network of one's own."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ...support.errors import UsageError
from ...surgery.tracing import first_sentence

WITHIN = ("state_dict", "model_state_dict", "model")  # where training programs keep the weights
PREFIX = "module."  # which DataParallel puts before each name


def take_weights(net: nn.Module, file: Path) -> tuple[str, ...]:
    """Give a network the weights of a file, in place.

    Parameters
    ----------
    net
        The network that they belong to. Only its last linear layer may have another number of
        outputs, for other classes: that layer then begins anew.
    file
        ``.safetensors``, or what ``torch.save`` wrote of a state dict. Nothing is unpickled but
        tensors and plain values.

    Returns
    -------
    tuple of str
        The tensors that begin anew.

    Raises
    ------
    UsageError
        If the file cannot be read so, or does not fit the network.
    """
    tensors, wanted = tensors_of(file), net.state_dict()
    absent, more = sorted(wanted.keys() - tensors.keys()), sorted(tensors.keys() - wanted.keys())
    if absent or more:
        which = f"it lacks {absent[0]}" if absent else f"the network has no {more[0]}"
        raise UsageError(
            f"{file} holds weights of another network ({which}; {len(absent)} tensors are missing, "
            f"{len(more)} do not belong): give the network that they were trained in."
        )
    others = [name for name, tensor in wanted.items() if tensor.shape != tensors[name].shape]
    allowed = last_linear(net)
    for name in others:
        if name not in allowed:
            raise UsageError(
                f"{file}: {name} has the shape {tuple(tensors[name].shape)}, but the network's has "
                f"{tuple(wanted[name].shape)}: give the network that they were trained in."
            )
    net.load_state_dict({n: wanted[n] if n in others else tensors[n] for n in wanted})
    return tuple(others)


def last_linear(net: nn.Module) -> tuple[str, ...]:
    """Return the names of the tensors of the last linear layer."""
    names = [name for name, layer in net.named_modules() if isinstance(layer, nn.Linear)]
    return (f"{names[-1]}.weight", f"{names[-1]}.bias") if names else ()


def tensors_of(file: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name."""
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        content: Any = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # both fail in as many ways as files can be broken
        raise UsageError(
            f"{file} cannot be read as weights ({first_sentence(error)}): write them with "
            "torch.save(net.state_dict(), file) or as safetensors."
        ) from error
    for name in WITHIN:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            content = content[name]
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        raise UsageError(
            f"{file} holds no state dict: write it with torch.save(net.state_dict(), file)."
        )
    return {str(name).removeprefix(PREFIX): tensor for name, tensor in content.items()}
