"""Keep a module and ship it: two files that rebuild it without its network's code."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, fx, nn

from ..support.checks import resolve_device
from ..support.errors import UsageError
from ..support.files import atomic_write, save_json, save_tensors
from .blueprint import graph_of, network_from_json, network_to_json
from .card import Card
from .exporting import check_module, copied, export_onnx, export_program, logits, random_images
from .optimizing import optimized

FORMAT = 1  # of module.json
# Of the largest logit: libraries may add in another order where tensors lie otherwise in memory.
ROUNDING = 1e-5
WEIGHTS, PLAN = "module.safetensors", "module.json"


def save(module: nn.Module, folder: Path | str, card: Card) -> None:
    """Write a module into a folder: ``module.safetensors`` and ``module.json``.

    The JSON file holds the card and the architecture, written down call by call and layer by
    layer; `load` needs nothing else, so the receiver need not have the network's code. Before the
    files appear, the module is loaded from them: it must have the same weights, bit by bit, and
    compute the same, to float rounding.

    Parameters
    ----------
    module
        What `mwt.extract` returns, alone or with more layers behind it (`mwt.with_head`).
    folder
        Made if it is not there. Files of an earlier module in it are replaced.
    card
        What the receiver must know: ``Card.of(test.subset([3, 7, 9]))``.

    Raises
    ------
    UsageError
        If the network is still modular, does not fit the card, or has a layer or a call that cannot
        be written down.
    """
    check_module(module, card)
    if Path(folder).is_file():
        raise UsageError(f"{folder} is a file: give a folder for the two files of a module.")
    net = graph_of(module)
    plan = network_to_json(net)
    weights = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    plan["channels_last"] = [name for name, tensor in weights.items() if channels_last(tensor)]
    content = {"format": FORMAT, "card": dataclasses.asdict(card), "architecture": plan}
    images = random_images(card, 2)
    with atomic_write(Path(folder) / WEIGHTS) as tensors, atomic_write(Path(folder) / PLAN) as text:
        save_tensors(tensors, weights)
        save_json(text, content)
        written, _ = load_files(text, tensors, torch.device("cpu"))
        if not agree(written, copied(module), weights, images):
            raise UsageError(
                f"{type(module).__name__} computes something else when it is loaded again: ship "
                "what mwt.extract returns, whose outputs depend on the images alone."
            )


def agree(
    written: nn.Module, module: nn.Module, weights: Mapping[str, Tensor], images: Tensor
) -> bool:
    """Tell whether a module that was written is the one that should be."""
    kept = all(torch.equal(tensor, weights[name]) for name, tensor in written.state_dict().items())
    found, wanted = logits(written, images), logits(module, images)
    return kept and bool((found - wanted).abs().max() <= ROUNDING * wanted.abs().max())


@torch.inference_mode(False)  # or it could not be trained
def load(folder: Path | str, device: torch.device | str = "cpu") -> tuple[nn.Module, Card]:
    """Rebuild a module that `save` wrote.

    Safe for files from strangers: nothing is unpickled, and the architecture can name only the
    layers and the arithmetic on tensors that ``mwt/shipping/vocabulary.py`` lists.

    Parameters
    ----------
    folder
        With ``module.safetensors`` and ``module.json``.
    device
        Where the module shall be.

    Returns
    -------
    module : nn.Module
        In evaluation mode, its parameters ready for fine-tuning.
    card : Card
        Its classes, and how its images are normalized.

    Raises
    ------
    UsageError
        If the device is not there, or if a file is missing, damaged, of another format, names what
        is not allowed, or does not fit the other file.
    """
    place = resolve_device(device)
    return load_files(Path(folder) / PLAN, Path(folder) / WEIGHTS, place)


def load_files(path: Path, weights: Path, device: torch.device) -> tuple[nn.Module, Card]:
    """Rebuild a module from its two files."""
    content = read_checked(path, json_object)
    if content.get("format") != FORMAT:
        raise UsageError(
            f"{path} has format {content.get('format')!r}, this version of mwt reads {FORMAT}: "
            "load it with the version that wrote it."
        )
    read = read_checked(weights, lambda file: load_file(file, device=str(device)))
    # They stand in the file byte by byte; a tensor of its own begins where processors read fastest.
    tensors = {name: tensor.clone() for name, tensor in read.items()}
    try:
        listed = content["card"].items()
        facts: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in listed}
        return assembled(content["architecture"], tensors), Card(**facts)
    except UsageError as error:
        raise UsageError(f"{path} is refused: {error}") from error
    except Exception as error:  # anything may be wrong with what a stranger wrote
        reason = (str(error).splitlines() or [""])[0]
        raise UsageError(
            f"{path} is damaged ({type(error).__name__}: {reason}): save the module again."
        ) from error


def json_object(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file."""
    content = json.loads(path.read_text())
    if not isinstance(content, dict):
        raise ValueError("no object in it")
    return content


def read_checked(path: Path, how: Any) -> Any:
    """Read a file; whatever is wrong with it becomes one sentence with its name."""
    if not path.is_file():
        raise UsageError(f"there is no {path}: give the folder that mwt.shipping.save wrote.")
    try:
        return how(path)
    except (OSError, ValueError, RecursionError, SafetensorError) as error:
        raise UsageError(f"{path} is damaged ({error}): save or copy the module again.") from error


def channels_last(tensor: Tensor) -> bool:
    """Tell whether a tensor lies in memory channel by channel, as its file will not say."""
    as_usual = torch.empty(tensor.shape, device="meta").stride()
    last = tensor.dim() == 4 and tensor.is_contiguous(memory_format=torch.channels_last)
    return last and tensor.stride() != as_usual


def assembled(plan: Mapping[str, Any], weights: Mapping[str, Tensor]) -> fx.GraphModule:
    """Rebuild a network and give it its weights."""
    net = network_from_json(plan)
    wanted = {name: (t.shape, t.is_floating_point()) for name, t in net.state_dict().items()}
    given = {name: (t.shape, t.is_floating_point()) for name, t in weights.items()}
    wrong = [n for n in sorted({*wanted, *given}) if wanted.get(n) != given.get(n)]
    if wrong:
        raise UsageError(
            f"the weights in {WEIGHTS} do not fit the architecture in {PLAN}, first at "
            f"{wrong[0]!r}: keep the two files of one module together."
        )
    last = {
        n: weights[n].to(memory_format=torch.channels_last) for n in plan.get("channels_last", [])
    }
    net.load_state_dict({**weights, **last}, assign=True)
    return net
