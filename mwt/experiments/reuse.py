"""Modules for sub-tasks, beside the standard model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from .. import metrics
from ..extraction import extract, with_head
from ..findings import Cost, Finetuned, Modularized, Reused
from ..modules import SampleMasks, compose, module_masks
from ..progress import progress
from ..runs import Config, Run, found_or_made
from ..training import accuracy, fit, seeded
from .modularizing import modularized, sampled
from .networks import cost, data_of, trained


def reused(
    config: Config,
    threshold: float,
    classes: Sequence[int],
    device: torch.device,
    finetune: bool = True,
    costs: bool = True,
) -> Reused:
    """Return the module of a sub-task beside the standard model.

    Parameters
    ----------
    config, threshold, classes
        The networks, which kernels the modules keep, and the sub-task.
    device
        Where to compute.
    finetune
        Whether to fine-tune it as well, which is what takes long.
    costs
        Whether to measure its multiply-adds, parameters and latency as well.
    """
    chosen = list(classes)

    def stage(name: str, make: Callable[..., dict[str, Any]]) -> Run:
        def work(_run: Run) -> dict[str, Any]:
            return make(config, threshold, chosen, device)

        return found_or_made(name, config, device, work, threshold=threshold, classes=chosen)

    scores = stage("cut", cut)
    tuned = stage("finetuned", finetuned) if finetune else None
    costly = stage("cost", compared_costs) if costs else None
    return Reused(
        run=scores.name,
        threshold=threshold,
        classes=chosen,
        **scores.result(),
        finetuned=Finetuned(run=tuned.name, **tuned.result()) if tuned else None,
        cost=Cost(run=costly.name, **costly.result()) if costly else None,
    )


def united(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> tuple[nn.Module, SampleMasks, Tensor]:
    """Return the modular network, its sample masks, and the union of the classes' modules."""
    samples = sampled(config, device)[0]
    union = compose(module_masks(samples, threshold), classes)
    return trained(config, "modular", device).model, samples, union


def cut(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> dict[str, Any]:
    """Return what a sub-task's module scores without training, and how many kernels it keeps."""
    modular, samples, union = united(config, threshold, classes, device)
    standard = trained(config, "standard", device).model
    test = data_of(config, device)[2].subset(classes)
    return {
        "kernel_retention_rate": metrics.kernel_retention_rate(union),
        "test_images": len(test),
        "accuracy": {
            "standard": accuracy(standard, test, classes),
            "modular": accuracy(modular, test, classes),
            "module-plain": accuracy(extract(modular, union, classes), test),
            "module-folded": accuracy(extract(modular, union, classes, fold=samples), test),
        },
    }


def compared_costs(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> dict[str, Any]:
    """Return what a sub-task's folded module costs, its latency beside the standard model's."""
    modular, samples, union = united(config, threshold, classes, device)
    folded = extract(modular, union, classes, fold=samples)
    standard = trained(config, "standard", device).model
    module, other = cost([folded, standard], data_of(config, device)[2].subset(classes))
    return module | {"standard_latency_ms": other["latency_ms"]}


def finetuned(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> dict[str, Any]:
    """Fine-tune a sub-task's plain module with a new head, as the paper does; return its score.

    The validation data choose the epoch.
    """
    modular, samples, union = united(config, threshold, classes, device)
    train, validation, test = (part.subset(classes) for part in data_of(config, device))
    with seeded(config.seed, device):
        head = with_head(extract(modular, union), len(samples.mean), len(classes))
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
    return {"accuracy": accuracy(head, test), "seconds": history[-1]["seconds"]}


def reuse_study(
    config: Config, threshold: float, subtasks: Sequence[Sequence[int]], device: torch.device
) -> list[Reused]:
    """Return `reused` for several sub-tasks."""
    return [
        reused(config, threshold, classes, device) for classes in progress("sub-tasks", subtasks)
    ]


def subtask_study(
    config: Config,
    threshold: float,
    subtasks: Sequence[Sequence[int]],
    device: torch.device,
    finetune: bool,
) -> list[Reused]:
    """Return accuracy and KRR of the modules of many sub-tasks, without their costs."""
    return [
        reused(config, threshold, classes, device, finetune, costs=False)
        for classes in progress("random sub-tasks", subtasks)
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
