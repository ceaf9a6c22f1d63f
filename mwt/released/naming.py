"""The names and shapes of the tensors in the authors' files, and ours."""

from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from ..masking.blocks import is_modular, masked_blocks
from ..models import MODELS
from ..models.vgg import LAYERS
from ..support.errors import UsageError
from ..surgery.transform import to_modular

State = dict[str, Tensor]

ENDS = {  # weights of the first convolution and the last linear layer: no two networks share them
    "resnet18": ("conv1.weight", "fc.weight"),
    "vgg16": ("features.0.weight", "classifier.6.weight"),
    "simcnn": ("conv_0.weight", "fc_15.weight"),
    "rescnn": ("conv_0.0.weight", "classifier.2.weight"),
}
REBUILD = "rebuild it by mwt.extract from the modular file and the mask file"


def resembled(state: State) -> str | None:
    """Return the network that a file looks like by its two ends, or None."""
    for model, ends in ENDS.items():
        sizes = [state[name].shape for name in ends if name in state]
        if [len(size) for size in sizes] == [4, 2] and all(map(all, sizes)):
            return model
    return None


def empty(model: str, holds: str, width: float, classes: int, channels: int) -> nn.Module:
    """Build a network without memory for its weights."""
    with torch.device("meta"):
        net = MODELS[model](classes, channels, width)
        return to_modular(net) if holds == "modular" else net


def released_names(net: nn.Module, model: str) -> dict[str, str]:
    """Return the authors' name of every tensor of a network, each with ours."""
    places = vgg_places() if model == "vgg16" and is_modular(net) else {}
    names = {}
    for ours in net.state_dict():
        name = ours.replace(".generator.squeeze.", ".mask_generator.mask_generator.0.")
        name = name.replace(".generator.excite.", ".mask_generator.mask_generator.2.")
        part, place, rest = name.split(".", 2) if places else ("", "", "")
        names[f"{part}.{places[int(place)]}.{rest}" if part == "features" else name] = ours
    return names


def vgg_places() -> dict[int, int]:
    """Return the places in our modular VGG16's ``features`` that have weights, each with theirs.

    A masked block takes three places in ours (block, identity, ReLU) and two in theirs.
    """
    places, ours, theirs = {0: 0, 1: 1}, 3, 3
    for layer in LAYERS[1:]:
        places[ours] = theirs
        ours, theirs = (ours + 1, theirs + 1) if layer == "M" else (ours + 3, theirs + 2)
    return places


def check_tensors(state: State, expected: State, problem: str, width: float) -> None:
    """Refuse a file that has other tensors than expected, or other shapes."""
    for position, name in enumerate(expected | state):
        tensors = expected.get(name), state.get(name)
        wanted, found = ("nothing" if t is None else [*t.shape] for t in tensors)
        if wanted == found:
            continue
        advice = f"give a file of the whole network or, if this is a module, {REBUILD}"
        if position == 0 and wanted[2:] == found[2:]:  # the first convolution, never masked or cut
            advice = f"pass width={width * len(state[name]) / len(expected[name]):g}"
        what = f"expected {wanted} for {name}, but found {found}"
        raise UsageError(f"{problem}: {what}, so {advice}.")


def check_kernels(masks: Tensor, path: Path, model: str, width: float) -> None:
    """Refuse masks of another number of kernels than a network has."""
    nets = {name: empty(name, "modular", width, 10, 3) for name in MODELS}
    kernels = {n: sum(block.kernels for _, block in masked_blocks(nets[n])) for n in nets}
    if masks.shape[1] != kernels[model]:
        fitting = [name for name, count in kernels.items() if count == masks.shape[1]]
        raise UsageError(
            f"{path} holds masks of {masks.shape[1]} kernels, but a {model} of width {width:g} has "
            f"{kernels[model]}: pass {' or '.join(fitting) or 'another width'} or another file."
        )


def some(names: Iterable[str]) -> str:
    """Return the first few of some names for a message."""
    few = list(names)
    return ", ".join(few[:3]) + (f" and {len(few) - 3} more" if few[3:] else "") or "nothing"
