"""Weights as files: rounded to half precision where that is wanted, and the published ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model
from torch import Tensor, nn

from ..models import MODELS, WIDEST
from ..released.naming import empty
from ..support.checks import check_bool, check_number, resolve_device
from ..support.errors import UsageError, choose
from ..support.files import digest, project_root, read_json


def matrices(model: nn.Module) -> dict[str, nn.Parameter]:
    """Return the parameters of two or more dimensions, which are nearly all of a network.

    What half precision cannot hold is not among them: batch norm's running variances.
    """
    return {name: p for name, p in model.named_parameters() if p.dim() > 1}


@torch.no_grad()
def round_to_half(model: nn.Module) -> None:
    """Round a network's matrices to values that half precision holds, in place."""
    for parameter in matrices(model).values():
        parameter.copy_(parameter.half())


def tensors_of(model: nn.Module, half: bool) -> dict[str, Tensor]:
    """Return what a network's file holds, its matrices in half precision or as they are."""
    short = matrices(model) if half else {}
    return {n: t.half() if n in short else t for n, t in model.state_dict().items()}


def restored(
    file: Path,
    model: str,
    method: str,
    width: float,
    classes: int,
    channels: int,
    device: torch.device | str = "cpu",
    channels_last: bool = False,
) -> nn.Module:
    """Return the network whose weights a file holds, in float32 and evaluation mode.

    Raises
    ------
    UsageError
        If the file holds other tensors: before there is memory for the network.
    """
    net = empty(model, method, width, classes, channels)
    if shapes(file) != {name: [*tensor.shape] for name, tensor in net.state_dict().items()}:
        raise UsageError(
            f"{file} holds no {method} {model} of width {width:g} with {classes} classes and "
            f"{channels} channels: remove it, or check it out again."
        )
    load_model(net.to_empty(device=device), file)
    if channels_last:  # what follows is evaluated the faster way, modules cut from it, too
        net.to(memory_format=torch.channels_last)
    return net.eval()


def shapes(file: Path) -> dict[str, list[int]]:
    """Return the shapes of the tensors of a file; none if it is damaged."""
    try:
        with safe_open(file, framework="pt") as tensors:
            return {n: tensors.get_slice(n).get_shape() for n in tensors.keys()}  # noqa: SIM118
    except SafetensorError:
        return {}


def published_weights() -> Iterator[tuple[str, str, Path]]:
    """Yield name, method and card of each network whose weights the project publishes."""
    for card in sorted((project_root() / "weights").glob("*/*.json")):
        model, _, method = card.stem.rpartition("-")
        yield f"{model}-{card.parent.name}", method, card


def published_file(weights: str) -> Path | None:
    """Return the published file of these weights, given by their digest; None if there is none."""
    for _, _, card in published_weights():
        if read_json(card).get("digest") == weights:
            return card.with_suffix(".safetensors")
    return None


def checked_card(path: Path) -> dict[str, Any]:
    """Return what the card of published weights says, or raise a `UsageError`."""
    card = read_json(path)
    try:
        choose("model", card["model"], MODELS)
        check_number("width", card["settings"]["width"], (int, float), 0.001, WIDEST)
        check_bool("channels_last", card["settings"]["channels_last"])
        for part in ("classes", "mean"):
            if not isinstance(card[part], list) or not card[part]:
                raise UsageError(f"{part} {card[part]!r}: give a list.")
    except (KeyError, TypeError, UsageError) as error:
        why = f"no {error}" if isinstance(error, KeyError) else str(error).removesuffix(".")
        raise UsageError(
            f"{path} is no card of published weights ({why}): check it out again."
        ) from error
    return card


def pretrained(name: str, method: str = "modular", device: torch.device | str = "cpu") -> nn.Module:
    """Return a network whose weights are published with the project.

    Parameters
    ----------
    name
        Network and profile; the only one so far is ``"resnet18-cifar10"``.
    method
        ``"modular"`` or ``"standard"``.
    device
        Where the network lives.

    Returns
    -------
    nn.Module
        In evaluation mode. Its ``card`` is a dict that says how it came about: its data with
        ``classes``, ``mean`` and ``std``, ``settings``, ``commit``, ``machine``, ``test_accuracy``,
        ``licence`` and more.

    Raises
    ------
    UsageError
        For an unknown name, method or device, or a file that is not what its card describes.
    """
    place = resolve_device(device)
    cards = {(n, m): card for n, m, card in published_weights()}
    if not cards:
        raise UsageError(
            f"there are no published weights in {project_root() / 'weights'}: they are part of the "
            "project's repository, so import mwt from a checkout of it."
        )
    choose("pretrained network", name, {n for n, _ in cards})
    choose(f"method of {name}", method, {m for n, m in cards if n == name})
    path = cards[name, method]
    card = checked_card(path)
    file = path.with_suffix(".safetensors")
    if not file.is_file() or digest(file) != card.get("digest"):
        raise UsageError(f"{file} is not the file that {path.name} describes: check it out again.")
    net = restored(
        file,
        card["model"],
        method,
        card["settings"]["width"],
        len(card["classes"]),
        len(card["mean"]),
        place,
        card["settings"]["channels_last"],
    )
    net.card = card  # type: ignore[assignment]
    return net
