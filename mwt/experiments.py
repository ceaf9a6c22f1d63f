"""The stages of the study as functions; each looks into the store of runs first."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, load_model, save_model
from torch import Tensor, nn

from . import metrics, models
from .data import Dataset, load
from .errors import choose
from .extraction import extract, with_head
from .files import appearing, save_tensors
from .findings import Modularized, Reused, Trained
from .firing import firing_figures
from .modular import to_modular
from .modules import SampleMasks, compose, module_masks, sample_masks
from .progress import progress
from .runs import Config, Run, find, found_or_made
from .training import accuracy, fit, log_epoch, logs, seeded

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
    config: Config, method: str, device: torch.device, tensorboard: Path | str | None = None
) -> Trained:
    """Return the network trained as the configuration says, from the store or by training it.

    Parameters
    ----------
    config
        Settings of the training.
    method
        ``"standard"`` or ``"modular"``.
    device
        Where to train, and where the returned network is.
    tensorboard
        A folder for TensorBoard logs, one below it for each method: written while the network is
        trained, or from the store.
    """
    choose("method", method, METHODS)
    model = build(config, method, device)
    logs_folder = Path(tensorboard) / method if tensorboard else None
    in_store = find(method, config).finished()

    def make(run: Run) -> dict[str, Any]:
        train, validation, test = data_of(config, device)
        checkpoint = run.path / "checkpoint.pt"
        history = fit(
            model,
            train,
            validation,
            epochs=config.epochs,
            lr=config.lr,
            batch_size=config.batch_size,
            schedule=config.schedule,
            alpha=config.alpha,
            beta=config.beta,
            seed=config.seed,
            amp=config.amp,
            channels_last=config.channels_last,
            checkpoint=checkpoint,
            tensorboard=logs_folder,
            # A plain network has no masks; which of its kernels fire says the same of it.
            on_epoch=partial(firing_figures, data=validation) if method == "standard" else None,
            label=f"{method} {config.model}",
        )
        with appearing(run.path / "weights.safetensors") as temporary:
            save_model(model, str(temporary))
        found = {
            "history": history,
            "accuracy": accuracy(model, test),
            "test_images": len(test),
            "train_seconds": history[-1]["seconds"],
        }
        found |= cost([model], test)[0]
        checkpoint.unlink()
        return found

    run = found_or_made(method, config, make)
    if in_store:
        with logs(logs_folder) as writer:
            for row in run.result()["history"]:
                log_epoch(writer, row)
    load_model(model, run.path / "weights.safetensors")
    return Trained(run=run.name, model=model.eval(), **run.result())


def cost(networks: Sequence[nn.Module], data: Dataset) -> list[dict[str, Any]]:
    """Return what each network costs: multiply-adds, parameters, milliseconds for 100 images."""
    images = data.normalized(data.images[:LATENCY_BATCH])
    return [
        {
            "flops": metrics.flops(model, data.shape),
            "parameters": metrics.parameters(model),
            "latency_ms": 1000 * seconds,
        }
        for model, seconds in zip(networks, metrics.latency(networks, images), strict=True)
    ]


def sampled(config: Config, device: torch.device) -> tuple[SampleMasks, SampleMasks, float]:
    """Return the sample masks of the training and the test data, and the seconds they took."""
    train, _, test = data_of(config, device)

    def make(run: Run) -> dict[str, Any]:
        modular = trained(config, "modular", device).model
        began = time.perf_counter()
        samples = sample_masks(modular, train)
        metrics.synchronize(device)
        seconds = time.perf_counter() - began
        for part, masks in (("train", samples), ("test", sample_masks(modular, test))):
            tensors = {name: getattr(masks, name) for name in ("binary", "frequency", "mean")}
            save_tensors(run.path / f"{part}.safetensors", tensors)
        return {"seconds": seconds, "layers": samples.layers}

    run = found_or_made("masks", config, make)
    result = run.result()
    layers = tuple((name, kernels) for name, kernels in result["layers"])

    def stored(part: str, labels: Tensor) -> SampleMasks:
        tensors = load_file(run.path / f"{part}.safetensors", device=str(device))
        return SampleMasks(labels=labels, layers=layers, **tensors)

    return stored("train", train.labels), stored("test", test.labels), result["seconds"]


def modularized(config: Config, threshold: float, device: torch.device) -> Modularized:
    """Return the module masks of a threshold and their measures.

    Which kernels a module keeps is decided on the training data; its cohesion is measured on the
    test data.
    """
    train, test, seconds = sampled(config, device)
    began = time.perf_counter()
    modules = module_masks(train, threshold)
    metrics.synchronize(device)
    seconds += time.perf_counter() - began

    def make(_run: Run) -> dict[str, Any]:
        return {
            "kernel_retention_rate": modules.double().mean(dim=1).tolist(),
            "cohesion": metrics.cohesion_by_class(test, modules),
            "coupling": metrics.coupling(modules),
            "modularize_seconds": seconds,
        }

    run = found_or_made("modularized", config, make, threshold=threshold)
    return Modularized(
        run=run.name, threshold=threshold, modules=modules, layers=train.layers, **run.result()
    )


def reused(
    config: Config, threshold: float, classes: Sequence[int], device: torch.device
) -> Reused:
    """Return the module of a sub-task: plain, folded and fine-tuned, beside the standard model.

    The fine-tuned module is the paper's: the plain cut with a head of ReLU and a linear layer,
    trained on the sub-task's data; the validation data choose its epoch.
    """
    chosen = list(classes)
    asked = {"threshold": threshold, "classes": chosen}

    def make(_run: Run) -> dict[str, Any]:
        modular = trained(config, "modular", device).model
        standard = trained(config, "standard", device).model
        samples = sampled(config, device)[0]
        train, validation, test = (part.subset(chosen) for part in data_of(config, device))
        union = compose(module_masks(samples, threshold), chosen)
        plain = extract(modular, union, chosen)
        folded = extract(modular, union, chosen, fold=samples)
        scores = {
            "standard": accuracy(standard, test, chosen),
            "module-plain": accuracy(plain, test),
            "module-folded": accuracy(folded, test),
        }
        with seeded(config.seed, device):
            head = with_head(extract(modular, union), len(samples.mean), len(chosen))
        history = fit(
            head,
            train,
            validation,
            epochs=config.finetune_epochs,
            lr=config.finetune_lr,
            batch_size=config.finetune_batch_size,
            anneal_epochs=2 * config.finetune_epochs,
            keep="best",
            seed=config.seed,
            channels_last=config.channels_last,
            label=None,
        )
        scores["module-finetuned"] = accuracy(head, test)
        folded_cost, standard_cost = cost([folded, standard], test)
        return {
            "kernel_retention_rate": metrics.kernel_retention_rate(union),
            "accuracy": scores,
            "test_images": len(test),
            "finetune_seconds": history[-1]["seconds"],
            "standard_latency_ms": standard_cost["latency_ms"],
        } | folded_cost

    run = found_or_made("reused", config, make, **asked)
    return Reused(run=run.name, threshold=threshold, classes=chosen, **run.result())


def reuse_study(
    config: Config, threshold: float, subtasks: Sequence[Sequence[int]], device: torch.device
) -> list[Reused]:
    """Return `reused` for several sub-tasks."""
    return [
        reused(config, threshold, classes, device) for classes in progress("sub-tasks", subtasks)
    ]


def threshold_sweep(
    config: Config, thresholds: Sequence[float], classes: Sequence[int], device: torch.device
) -> list[tuple[Modularized, Reused]]:
    """Return, for each threshold, the modules of all classes and the module of one sub-task.

    The paper's RQ4.
    """
    return [
        (modularized(config, threshold, device), reused(config, threshold, classes, device))
        for threshold in progress("thresholds", thresholds)
    ]
