"""All that can be found wrong before a training: network, data and folder, looked at together."""

import copy
import hashlib
import importlib.util
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ... import shipping
from ...data import Dataset, load, short_name
from ...masking.blocks import masked_blocks
from ...shipping.exporting import ONNX_PACKAGES
from ...support.checks import resolve_device
from ...support.errors import UsageError
from ...surgery.extraction import extract
from ...surgery.tracing import check_network, traced
from ...surgery.transform import to_modular
from ...training.checking import check_data
from ...training.checkpoint import data_digest
from ...training.seeding import seeded
from .naming import check_makes_network, made, named
from .request import Request
from .weights import take_weights

GREY = "the pictures are grey and the network takes RGB: their one channel is given three times"


@dataclass(frozen=True)
class Plan:
    """A request whose network and data are there and go together.

    Attributes
    ----------
    request
        What was asked for.
    folder
        Where everything goes.
    title
        Of network and data.
    net
        The plain network, with the weights that it starts from.
    modular
        Its modular copy, not trained yet.
    train, validation, test
        The data, on the device.
    subtasks
        For each module the positions of its classes.
    asked
        All that the training depends on, as JSON values.
    scored_as_given
        Whether ``net`` came with trained weights for these classes, so that its accuracy is worth
        a look.
    notes
        What the user should know about it.
    """

    request: Request
    folder: Path
    title: str
    net: nn.Module
    modular: nn.Module
    train: Dataset
    validation: Dataset
    test: Dataset
    subtasks: tuple[tuple[int, ...], ...]
    asked: dict[str, Any]
    scored_as_given: bool
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """Say what is going to be trained, on what, and where."""
        kernels = sum(block.kernels for _, block in masked_blocks(self.modular))
        return (
            f"{self.title}: {kernels:,} masked kernels, {len(self.train):,} training images of "
            f"{len(self.train.classes)} classes, {self.request.epochs} epochs on {self.device}."
        )

    @property
    def device(self) -> torch.device:
        """Where it is computed."""
        return self.train.images.device


def planned(request: Request) -> Plan:
    """Look at everything that a request names, and refuse what cannot work, before any training.

    Raises
    ------
    UsageError
        For whatever cannot be found, read, made modular, trained on the data, cut or written.
    """
    check_files(request)
    name = request.network.rpartition(":")[2]
    title = f"{name} on {short_name(request.data)}"
    folder = request.output or Path(f"modules-{name}-{short_name(request.data)}")
    check_folder(folder)
    device = resolve_device(request.device)
    with seeded(request.seed, device):
        value = named(request.network)
        check_makes_network(request.network, value)
        flip = request.flip or None
        parts = load(request.data, size=request.image_size, device=device, flip=flip)
        classes, channels = len(parts[0].classes), parts[0].shape[0]
        net = made(request.network, value, classes, channels, dict(request.arguments))
        check_network(net)
        anew = take_weights(net, request.weights) if request.weights else ()
        net = copy.deepcopy(net).to(device).float()
        notes = [f"{', '.join(anew)} begin anew, for {classes} classes"] if anew else []
        if channels == 1 and takes_rgb(net, parts[0]):
            parts = as_rgb(parts[0]), as_rgb(parts[1]), as_rgb(parts[2])
            notes.append(GREY)
        train, validation, test = parts
        check_data(net, train, validation, request.batch_size)
        modular = to_modular(net)
    every = tuple(range(classes))
    subtasks = tuple(tuple(map(train.classes.index, names)) for names in request.classes)
    subtasks = subtasks or (every,)
    check_module(modular, train, subtasks[0])
    asked = {
        "network": name,
        "weights and layers": network_digest(modular),
        "training data": data_digest(train),
        "validation data": data_digest(validation),
        **{key: getattr(request, key) for key in ("epochs", "batch_size", "lr", "schedule")},
        **{key: getattr(request, key) for key in ("alpha", "beta", "seed")},
    }
    return Plan(
        request,
        folder,
        title,
        net,
        modular,
        train,
        validation,
        test,
        subtasks,
        asked,
        request.weights is not None and not anew,
        tuple(notes),
    )


def check_files(request: Request) -> None:
    """Refuse weights that are not there, and to write ONNX without its packages."""
    if request.weights and not request.weights.is_file():
        raise UsageError(
            f"there is no file {request.weights}: give the weights as .safetensors or .pth."
        )
    absent = [name for name in ONNX_PACKAGES if importlib.util.find_spec(name) is None]
    if request.onnx and absent:
        raise UsageError(
            f"an ONNX file needs {' and '.join(absent)}: pip install {' '.join(absent)}, or say "
            "--no-onnx."
        )


def check_folder(folder: Path) -> None:
    """Refuse a folder with other files in it."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: give --output a folder.")
    if folder.is_dir() and not (folder / "training").is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty, and not of an earlier run of this command: give --output a "
            "new folder."
        )


BATCH = 2  # images of a trial


def takes_rgb(net: nn.Module, data: Dataset) -> bool:
    """Tell whether a network takes these grey images only as images of three channels."""
    for images, wanted in ((data, False), (as_rgb(data), True)):
        try:
            check_data(net, images, images, BATCH)
            return wanted
        except UsageError:
            continue
    return False


def as_rgb(data: Dataset) -> Dataset:
    """Return grey images with their channel three times."""
    images = data.images.expand(-1, 3, -1, -1)
    return replace(data, images=images, mean=data.mean * 3, std=data.std * 3)


def check_module(modular: nn.Module, data: Dataset, classes: tuple[int, ...]) -> None:
    """Refuse a network whose modules could not be cut or written down."""
    kernels = sum(block.kernels for _, block in masked_blocks(modular))
    union = torch.ones(kernels, dtype=torch.bool, device=data.images.device)
    module = extract(modular, union, classes, generators=True)
    with tempfile.TemporaryDirectory() as folder:
        shipping.save(module, folder, shipping.Card.of(data.subset(classes)))


def network_digest(modular: nn.Module) -> str:
    """Return a digest of a network's layers and weights."""
    found = hashlib.sha256(str(traced(modular).graph).encode())
    for name, tensor in modular.state_dict().items():
        found.update(f"{name} {tuple(tensor.shape)}".encode())
        found.update(tensor.cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:12]
