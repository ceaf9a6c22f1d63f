"""Modules for sub-tasks, beside the standard model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from .. import metrics
from ..data import Dataset
from ..extraction import extract, with_head
from ..findings import Modularized, Reused
from ..modules import compose, module_masks
from ..progress import progress
from ..runs import Config, Run, found_or_made
from ..training import accuracy, fit, seeded
from .modularizing import modularized, sampled
from .networks import cost, data_of, trained

Parts = tuple[Dataset, Dataset, Dataset]


def reused(
    config: Config,
    threshold: float,
    classes: Sequence[int],
    device: torch.device,
    finetune: bool = True,
    costs: bool = True,
) -> Reused:
    """Return the module of a sub-task: plain, folded and fine-tuned, beside the standard model.

    Parameters
    ----------
    config, threshold, classes
        The networks, which kernels the modules keep, and the sub-task.
    device
        Where to compute.
    finetune
        Whether to fine-tune, which is what takes long.
    costs
        Whether to measure the module's multiply-adds, parameters and latency.
    """
    chosen = list(classes)

    def make(_run: Run) -> dict[str, Any]:
        modular = trained(config, "modular", device).model
        standard = trained(config, "standard", device).model
        samples = sampled(config, device)[0]
        train, validation, test = (part.subset(chosen) for part in data_of(config, device))
        union = compose(module_masks(samples, threshold), chosen)
        folded = extract(modular, union, chosen, fold=samples)
        found: dict[str, Any] = {
            "kernel_retention_rate": metrics.kernel_retention_rate(union),
            "test_images": len(test),
            "accuracy": {
                "standard": accuracy(standard, test, chosen),
                "module-plain": accuracy(extract(modular, union, chosen), test),
                "module-folded": accuracy(folded, test),
            },
        }
        if finetune:
            with seeded(config.seed, device):
                head = with_head(extract(modular, union), len(samples.mean), len(chosen))
            found["finetune_seconds"] = finetuned(head, config, (train, validation, test))
            found["accuracy"]["module-finetuned"] = accuracy(head, test)
        if costs:
            folded_cost, standard_cost = cost([folded, standard], test)
            found |= folded_cost | {"standard_latency_ms": standard_cost["latency_ms"]}
        return found

    more: dict[str, Any] = {"threshold": threshold, "classes": chosen}
    stage = "reused" if finetune else "cut"  # which does not depend on how to fine-tune
    run = found_or_made(stage, config, make, **more, costs=costs)
    return Reused(run=run.name, threshold=threshold, classes=chosen, **run.result())


def finetuned(module: nn.Module, config: Config, data: Parts) -> float:
    """Fine-tune a module with its head in place as the paper does; return the seconds it took.

    The validation data choose the epoch.
    """
    train, validation, _ = data
    history = fit(
        module,
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
    return history[-1]["seconds"]


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
