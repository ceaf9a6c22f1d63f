"""Weights files that the paper's authors released, read into the networks of this project."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..models import MODELS
from ..support.errors import UsageError, choose
from .naming import (
    ENDS,
    REBUILD,
    State,
    check_kernels,
    check_tensors,
    empty,
    released_names,
    resembled,
    some,
)


def load(
    path: Path | str, model: str = "vgg16", width: float = 1.0, device: torch.device | str = "cpu"
) -> nn.Module | Tensor:
    """Read a file that the paper's authors released: a network's weights, or its modules' masks.

    The names in it tell a standard from a modular network, the shapes its classes and channels.

    Parameters
    ----------
    path
        A ``.pth`` file, written on any device, also from inside a ``DataParallel``.
    model
        Name of the network: vgg16, resnet18, simcnn or rescnn.
    width
        Multiplier of every layer's channels; 1 for all files of the authors.
    device
        Where the result lives.

    Returns
    -------
    nn.Module or Tensor
        The network in evaluation mode, plain or modular, in float32; for a mask file
        ``(classes, K)`` bool, its kernels in the order of `masked_blocks`.

    Raises
    ------
    UsageError
        If the file cannot be read without running code, or does not fit the network.
    """
    choose("model", model, MODELS)
    if isinstance(width, bool) or not isinstance(width, int | float) or not 0 < width < 1e3:
        raise UsageError(f"width {width!r}: give a positive number; released files have width 1.")
    path = Path(path).expanduser()
    content = read_tensors(path)
    holds = kind(content, path)
    if isinstance(content, Tensor):
        check_kernels(content, path, model, width)
        return content.bool().to(device)
    if (found := resembled(content)) != model:
        raise UsageError(
            f"{path} was expected to hold a {model}, but by its names it holds a {found}: pass "
            f"model={found!r} or another file."
        )
    first, last = (content[name] for name in ENDS[model])
    net = empty(model, holds, width, last.shape[0], first.shape[1])
    names = released_names(net, model)
    shapes = {name: net.state_dict()[ours] for name, ours in names.items()}
    check_tensors(
        content, shapes, f"{path} does not fit a {holds} {model} of width {width:g}", width
    )
    net.to_empty(device=device)
    net.load_state_dict({ours: content[name] for name, ours in names.items()})
    return net.eval()


def method(path: Path | str) -> str:
    """Tell what a released file holds: ``standard``, ``modular`` (networks) or ``masks``.

    Raises
    ------
    UsageError
        If the file cannot be read without running code, or holds none of the three.
    """
    path = Path(path).expanduser()
    return kind(read_tensors(path), path)


def find_files(
    folder: Path | str,
    model: str,
    dataset: str,
    lr: float,
    batch_size: int,
    alpha: float,
    beta: float,
) -> dict[str, Path]:
    """Find the networks of one setting in the authors' own layout of folders.

    Parameters
    ----------
    folder
        Their ``data`` folder, or ``{model}_{dataset}`` inside it. The latter must have that name:
        the files in it are called the same for every network and data set.
    model, dataset
        Names of the network and, as the authors write it, of the data set: cifar10 or svhn.
    lr, batch_size, alpha, beta
        Settings of the training.

    Returns
    -------
    dict of str to Path
        ``modular`` and ``standard``, or the one of the two that exists.

    Raises
    ------
    UsageError
        If neither exists: which names were looked for, where, and what is there.
    """
    choose("model", model, MODELS)
    folder, name = Path(folder).expanduser(), f"{model}_{dataset}"
    here = name in (folder.name, folder.resolve().name) and not (folder / name).is_dir()
    where = folder if here else folder / name
    rate, size = float(lr), int(batch_size)
    names = {
        "modular": f"lr_model_mask_{rate}_{rate}_a_{float(alpha)}_b_{float(beta)}_bz_{size}.pth",
        "standard": f"standard_model_lr_{rate}_bz_{size}.pth",
    }
    found = {kind: where / file for kind, file in names.items() if (where / file).is_file()}
    if not found:
        there = some(sorted(file.name for file in where.glob("*.pth")))
        raise UsageError(
            f"expected {names['modular']} or {names['standard']} in {where}, which "
            f"{f'holds {there}' if where.is_dir() else 'is not there'}: give the authors' data "
            "folder, and the settings that their files were trained with."
        )
    return found


def read_tensors(path: Path) -> State | Tensor:
    """Return the tensors of a file, on the CPU, without a ``module.`` before every name."""
    if not path.is_file():
        raise UsageError(
            f"{path} is no file: give the path of one that the paper's authors released, which "
            "mwt.released.find_files finds in their data folder."
        )
    why, content = "it holds other things, or nothing", None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged bytes fail in as many ways as there are bytes
        code = "GLOBAL" in str(error)  # the instruction of a pickle that names a function
        why = "it asks for code, which is never run here" if code else "it cannot be opened"
    named: dict = content if isinstance(content, dict) else {"": content}
    if not named or not all(isinstance(n, str) and ordinary(t) for n, t in named.items()):
        # Outside of the handler: torch's own message advises to load the file with its code.
        raise UsageError(
            f"{path} is no file of plain tensors ({why}): expected weights or module masks as the "
            "paper's authors released them, so download it again, or save a state_dict() alone."
        )
    if isinstance(content, Tensor):
        return content
    prefix = "module." if all(name.startswith("module.") for name in named) else ""
    return {name.removeprefix(prefix): tensor for name, tensor in named.items()}


def ordinary(value: Any) -> bool:
    """Tell whether a value is a dense tensor of real numbers that are in the file."""
    dense = isinstance(value, Tensor) and value.layout is torch.strided and not value.is_meta
    return dense and not value.is_complex() and not value.is_quantized


def kind(content: State | Tensor, path: Path) -> str:
    """Return ``standard``, ``modular`` or ``masks``, or raise a `UsageError` about the file."""
    if isinstance(content, Tensor):
        if content.ndim != 2 or 0 in content.shape or not ((content == 0) | (content == 1)).all():
            raise UsageError(
                f"{path} holds no module masks: expected zeros and ones of shape (classes, kernels)"
                f", but found a tensor of {[*content.shape]}, so give a file mask_thres_*.pth."
            )
        return "masks"
    modular = any(".mask_generator." in name for name in content)
    cut = not modular and any(name.endswith(".conv.weight") for name in content)
    if cut or path.name.startswith("module_tc_"):
        raise UsageError(
            f"{path} is a module that was cut already, but a whole network is expected: {REBUILD}."
        )
    if resembled(content) is None:
        raise UsageError(
            f"{path} holds none of the networks {', '.join(MODELS)}: its tensors are "
            f"{some(content)}, so take a file that the paper's authors released for one of these."
        )
    return "modular" if modular else "standard"
