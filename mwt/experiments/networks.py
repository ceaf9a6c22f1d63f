"""The networks of the study: trained here, or read from the authors' files."""

from __future__ import annotations

from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch import nn

from .. import models, released
from ..data import Dataset, load
from ..errors import UsageError, choose
from ..files import appearing, digest
from ..findings import Trained
from ..firing import firing_figures
from ..modular import to_modular
from ..runs import METHODS, Config, Run, find, found_or_made
from ..training import fit, log_epoch, logs, seeded


@cache
def datasets(name: str, size: int, device: torch.device) -> tuple[Dataset, Dataset, Dataset]:
    """Return training, validation and test data, loaded once a process."""
    return load(name, size=size, device=device)


def data_of(config: Config, device: torch.device) -> tuple[Dataset, Dataset, Dataset]:
    """Return the data that a configuration names."""
    return datasets(config.dataset, config.image_size, device)


def build(config: Config, method: str, device: torch.device) -> nn.Module:
    """Return the untrained network of a configuration, its weights drawn from the seed."""
    train = data_of(config, device)[0]
    with seeded(config.seed, device):
        net = models.MODELS[config.model](len(train.classes), train.shape[0], config.width)
        if method == "standard":
            return net.to(device)
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
    """Return the network trained as the configuration says, from the store or by training it.

    Parameters
    ----------
    config
        Settings of the training, or the authors' file to take in its place.
    method
        ``"standard"`` or ``"modular"``.
    device
        Where to train, and where the returned network is.
    tensorboard
        A folder for TensorBoard logs, one below it for each method: written while the network is
        trained, or from the store.
    quiet
        Whether training shows no progress: a study of many networks shows its own.

    Raises
    ------
    UsageError
        If the weights in the store are not those that the run was finished with.
    """
    folder = Path(str(tensorboard)) / method if tensorboard else None
    in_store = find("trained", config, method).finished()
    run = run_of(config, method, device, folder, quiet)
    if in_store:
        with logs(folder) as writer:
            for row in run.result()["history"]:
                log_epoch(writer, row)
    return loaded(run, config, method, device)


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
        model = build(config, method, device)
        history: list[dict[str, float]] = []
        file = dict(config.released).get(method)
        if file:
            take_released(model, file, config, device)
        else:
            label = None if quiet else f"{method} {config.model}"
            history = train(model, config, method, device, checkpoint_of(run), tensorboard, label)
        with appearing(weights_of(run)) as temporary:
            save_model(model, str(temporary))
        return {"history": history, "weights": digest(weights_of(run))}

    run = found_or_made("trained", config, device, make, method)
    checkpoint_of(run).unlink(missing_ok=True)  # the last of all: until here it can be gone on from
    return run


def checkpoint_of(run: Run) -> Path:
    """Return the file from which an interrupted training goes on."""
    return run.path / "checkpoint.pt"


def weights_of(run: Run) -> Path:
    """Return the file of a trained network's weights."""
    return run.path / "weights.safetensors"


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
def loaded(run: Run, config: Config, method: str, device: torch.device) -> Trained:
    """Return the network of a finished run; a study asks for the same few again and again."""
    found = run.result()
    if digest(weights_of(run)) != found["weights"]:
        raise UsageError(
            f"{weights_of(run)} is not the file that this run was finished with: put that back, or "
            f"delete {run.path} to train anew."
        )
    model = build(config, method, device)
    load_model(model, weights_of(run))
    if config.channels_last:  # what follows is evaluated the faster way, modules cut from it, too
        model.to(memory_format=torch.channels_last)
    history = found["history"]
    return Trained(
        run=run.name,
        machine=run.machine(),
        model=model.eval(),
        weights=found["weights"],
        history=history,
        seconds=history[-1]["seconds"] if history else None,
    )


def train(
    model: nn.Module,
    config: Config,
    method: str,
    device: torch.device,
    checkpoint: Path,
    tensorboard: Path | None,
    label: str | None,
) -> list[dict[str, float]]:
    """Train a network in place; return its history."""
    training, validation, _ = data_of(config, device)
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
        checkpoint=checkpoint,
        tensorboard=tensorboard,
        # A plain network has no masks; which of its kernels fire says the same of it.
        on_epoch=partial(firing_figures, data=validation) if method == "standard" else None,
        label=label,
    )
