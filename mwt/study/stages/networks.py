"""The networks of the study: trained here, read from the authors' files, or published."""

from collections.abc import Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ... import metrics, models, released
from ...data import Dataset, is_folder, load
from ...data.sources import SOURCES
from ...support.errors import Missing, UsageError, choose
from ...support.files import digest, save_tensors
from ...support.given import check_folder
from ...support.stopwatch import spent
from ...surgery.activation import activation_figures
from ...surgery.transform import to_modular
from ...training.compiling import repays
from ...training.logs import log_epoch, logs
from ...training.loop import fit
from ...training.seeding import seeded
from ..config import METHODS, Config
from ..findings import Trained
from ..store import Run, find_run, found_or_made
from ..weights import published_file, published_weights, restored, round_to_half, tensors_of


@cache
def datasets(name: str, size: int, device: torch.device) -> tuple[Dataset, Dataset, Dataset]:
    """Return training, validation and test data, loaded once a process."""
    return load(name, size=size, device=device)


def data_of(config: Config, device: torch.device) -> tuple[Dataset, Dataset, Dataset]:
    """Return the data that a configuration names."""
    return datasets(config.dataset, config.image_size, device)


def classes_and_channels(config: Config, device: torch.device) -> tuple[int, int]:
    """Return the numbers of classes and channels; data that are known by name are not read."""
    if is_folder(config.dataset):
        train = data_of(config, device)[0]
        return len(train.classes), train.shape[0]
    source = SOURCES[config.dataset]
    return len(source.classes), len(source.mean)


def plain_network(config: Config, classes: int, channels: int, device: torch.device) -> nn.Module:
    """Return the untrained standard network for some classes, its weights drawn from the seed."""
    with seeded(config.seed, device):
        return models.MODELS[config.model](classes, channels, config.width).to(device)


def untrained_network(config: Config, method: str, device: torch.device) -> nn.Module:
    """Return the untrained network of a configuration, its weights drawn from the seed."""
    if method == "standard":
        return plain_network(config, *classes_and_channels(config, device), device)
    with seeded(config.seed, device):
        net = models.MODELS[config.model](*classes_and_channels(config, device), config.width)
        if config.initialization == "authors":
            models.start_as_authors(net)
        return to_modular(net).to(device)


def trained(
    config: Config,
    method: str,
    device: torch.device,
    tensorboard: Path | str | None = None,
    quiet: bool = False,
) -> Trained:
    """Return how the training of a network went: found in the store, or trained now.

    Parameters
    ----------
    config
        Settings of the training, or the authors' file to take in its place.
    method
        ``"standard"`` or ``"modular"``.
    device
        Where to train.
    tensorboard
        A folder for TensorBoard logs, one below it for each method: written while the network is
        trained, or from the store.
    quiet
        Whether training shows no progress: a study of many networks shows its own.

    Raises
    ------
    UsageError
        If ``tensorboard`` is a file.
    """
    logged = check_folder("tensorboard", str(tensorboard)) if tensorboard else None
    folder = logged / method if logged else None
    in_store = find_run("trained", config, method).finished()
    run = run_of(config, method, device, folder, quiet)
    found = run.result()
    history = found["history"]
    if in_store:
        with logs(folder) as writer:
            for row in history:
                log_epoch(writer, row)
    return Trained(
        run=run.name,
        machine=run.machine(),
        weights=found["weights"],
        history=history,
        seconds=history[-1]["seconds"] if history else None,
    )


def network(config: Config, method: str, device: torch.device) -> nn.Module:
    """Return the trained network itself, in evaluation mode; it is trained first, if need be.

    Raises
    ------
    UsageError
        If the weights in the store are not those that the run was finished with.
    Missing
        If the network was published without its weights.
    """
    return stored_network(run_of(config, method, device), config, method, device)


def run_of(
    config: Config,
    method: str,
    device: torch.device,
    tensorboard: Path | None = None,
    quiet: bool = False,
) -> Run:
    """Return the finished run of a training."""
    choose("method", method, METHODS)

    def make(run: Run) -> dict[str, Any]:
        model = untrained_network(config, method, device)
        history: list[dict[str, float]] = []
        file = dict(config.released).get(method)
        if file:
            take_released(model, file, config, device)
        else:
            label = None if quiet else f"{method} {config.model}"
            history = train(model, config, method, device, checkpoint_of(run), tensorboard, label)
        if config.half_weights:  # before anything is measured: files and measures go together
            round_to_half(model)
        save_tensors(weights_of(run), tensors_of(model, config.half_weights))
        return {"history": history, "weights": digest(weights_of(run))}

    run = found_or_made("trained", config, device, make, method)
    if not run.published:
        # The last of all: until here it can be gone on from.
        checkpoint_of(run).unlink(missing_ok=True)
    return run


def checkpoint_of(run: Run) -> Path:
    """Return the file from which an interrupted training goes on."""
    return run.path / "checkpoint.pt"


def weights_of(run: Run) -> Path:
    """Return the file of a trained network's weights."""
    if not run.published:
        return run.path / "weights.safetensors"
    file = published_file(run.result()["weights"])
    if file is None:
        raise Missing(without_weights(run))
    return file


def without_weights(run: Run) -> str:
    """Say that a network was published without its weights, and what can be done."""
    record = run.record()
    history = record["result"]["history"]
    took = f", which took {spent(history[-1]['wall_seconds'])}" if history else ""
    there = sorted({name for name, _, _ in published_weights()})
    return (
        f"the results of {run.name} are published without the network's weights: set MWT_FRESH=1, "
        f"or say `make book FRESH=1`, to train it here{took} on {record['made']['machine']}; "
        f"weights are published of {', '.join(there) if there else 'no network'}"
    )


def take_released(model: nn.Module, file: str, config: Config, device: torch.device) -> None:
    """Give a network the weights of one of the authors' files."""
    theirs = released.load(file, config.model, config.width, device)
    assert isinstance(theirs, nn.Module)  # its parameters' reader has looked at it
    channels = [next(net.parameters()).shape[1] for net in (theirs, model)]
    if channels[0] != channels[1]:
        raise UsageError(
            f"{file} holds a network for {channels[0]} channels, but the images of "
            f"{config.dataset} have {channels[1]}: give data as it was trained on."
        )
    model.load_state_dict(theirs.state_dict())


@lru_cache(maxsize=4)
def stored_network(run: Run, config: Config, method: str, device: torch.device) -> nn.Module:
    """Return the network of a finished run; a study asks for the same few again and again."""
    file = weights_of(run)
    if digest(file) != run.result()["weights"]:
        raise UsageError(
            f"{file} is not the file that this run was finished with: put that back, or "
            f"delete {run.path} to train anew."
        )
    sides = classes_and_channels(config, device)
    return restored(file, config.model, method, config.width, *sides, device, config.channels_last)


def train(
    model: nn.Module,
    config: Config,
    method: str,
    device: torch.device,
    checkpoint: Path | None = None,
    tensorboard: Path | None = None,
    label: str | None = None,
    classes: Sequence[int] | None = None,
) -> list[dict[str, float]]:
    """Train a network in place, on all classes or some; return its history."""
    training, validation, _ = data_of(config, device)
    if classes is not None:
        training, validation = training.subset(classes), validation.subset(classes)
    # A plain network has no masks; which of its kernels fire says the same of it.
    plain = method == "standard" and classes is None
    activations = partial(activation_figures, data=validation) if plain else None
    work = metrics.flops(model, training.shape) * len(training) * config.epochs
    steps = len(training) // config.batch_size * config.epochs
    return fit(
        model,
        training,
        validation,
        epochs=config.epochs,
        lr=config.learning_rate(method),
        batch_size=config.batch_size,
        schedule=config.schedule,
        alpha=config.alpha,
        beta=config.beta,
        seed=config.seed,
        amp=config.amp(device),
        channels_last=config.channels_last,
        compile=repays(work, steps, method == "modular", device),
        checkpoint=checkpoint,
        tensorboard=tensorboard,
        on_epoch=activations,
        label=label,
    )
