"""The networks of the study: trained here, or read from the authors' files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch import nn

from .. import metrics, models, released
from ..data import Dataset, load
from ..errors import UsageError, choose
from ..files import appearing
from ..findings import Trained
from ..firing import firing_figures
from ..modular import to_modular
from ..runs import Config, Run, find, found_or_made
from ..training import accuracy, fit, log_epoch, logs, seeded

METHODS = ("standard", "modular")
LATENCY_BATCH = 100


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
        return (to_modular(net) if method == "modular" else net).to(device)


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
    """
    choose("method", method, METHODS)
    folder = Path(str(tensorboard)) / method if tensorboard else None
    in_store = find("trained", config, method).finished()

    def make(run: Run) -> dict[str, Any]:
        model = build(config, method, device)
        file = dict(config.released).get(method)
        if file:
            theirs = released.load(file, config.model, config.width, device)
            assert isinstance(theirs, nn.Module)  # its parameters' reader has looked at it
            channels = [next(net.parameters()).shape[1] for net in (theirs, model)]
            if channels[0] != channels[1]:
                raise UsageError(
                    f"{file} holds a network for {channels[0]} channels, but the images of "
                    f"{config.dataset} have {channels[1]}: give data as it was trained on."
                )
            model.load_state_dict(theirs.state_dict())
            history, seconds = [], None
        else:
            label = None if quiet else f"{method} {config.model}"
            checkpoint = run.path / "checkpoint.pt"
            history = train(model, config, method, device, checkpoint, folder, label)
            seconds = history[-1]["seconds"]
        with appearing(run.path / "weights.safetensors") as temporary:
            save_model(model, str(temporary))
        (run.path / "checkpoint.pt").unlink(missing_ok=True)
        test = data_of(config, device)[2]
        score = {"accuracy": accuracy(model, test), "test_images": len(test)}
        return {"history": history, "train_seconds": seconds} | score | cost([model], test)[0]

    run = found_or_made("trained", config, device, make, method)
    if in_store:
        with logs(folder) as writer:
            for row in run.result()["history"]:
                log_epoch(writer, row)
    return loaded(run, config, method, device)


@lru_cache(maxsize=4)
def loaded(run: Run, config: Config, method: str, device: torch.device) -> Trained:
    """Return the network of a finished run; a study asks for the same few again and again."""
    model = build(config, method, device)
    load_model(model, run.path / "weights.safetensors")
    if config.channels_last:  # what follows is evaluated the faster way, modules cut from it, too
        model.to(memory_format=torch.channels_last)
    return Trained(run=run.name, model=model.eval(), **run.result())


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
        lr=(config.standard_lr or config.lr) if method == "standard" else config.lr,
        batch_size=config.batch_size,
        schedule=config.schedule,
        alpha=config.alpha,
        beta=config.beta,
        seed=config.seed,
        amp=config.amp,
        channels_last=config.channels_last,
        checkpoint=checkpoint,
        tensorboard=tensorboard,
        # A plain network has no masks; which of its kernels fire says the same of it.
        on_epoch=partial(firing_figures, data=validation) if method == "standard" else None,
        label=label,
    )


def cost(networks: Sequence[nn.Module], data: Dataset) -> list[dict[str, Any]]:
    """Return what each network costs: multiply-adds, parameters, milliseconds for 100 images."""
    # The same number of images whatever the data, or latencies would not compare.
    index = torch.arange(LATENCY_BATCH, device=data.labels.device) % len(data)
    images = data.normalized(data.images[index])
    return [
        {
            "flops": metrics.flops(model, data.shape),
            "parameters": metrics.parameters(model),
            "latency_ms": 1000 * seconds,
        }
        for model, seconds in zip(networks, metrics.latency(networks, images), strict=True)
    ]
