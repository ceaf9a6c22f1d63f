"""CNNSplitter on the same network and data: the search for its modules, and their reuse."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import torch
from safetensors.torch import load_file

from ... import cnnsplitter, metrics
from ...cnnsplitter.modules import (
    activation_cohesion,
    joint_accuracy,
    modules_of,
    retention_by_sum,
    retention_by_union,
)
from ...support.files import save_tensors
from ...support.progress import progress
from ..config import Config
from ..findings import Split, SplitReuse
from ..store import Run
from .measuring import derived
from .networks import data_of, network


def split(config: Config, settings: cnnsplitter.Settings, device: torch.device) -> Split:
    """Return CNNSplitter's modules of the standard network: found in the store, or by a search.

    The search sees validation images only; cohesion is measured on test images.
    """
    settings = settings.resolved(device)

    def make(run: Run) -> dict[str, Any]:
        _, validation, test = data_of(config, device)
        net = network(config, "standard", device)
        label = f"splitting {config.model}"
        found = cnnsplitter.search(net, validation, settings, config.seed, run.path, label)
        save_tensors(run.path / "modules.safetensors", {"masks": found.masks})
        return {
            "history": found.history,
            "generation": found.generation,
            "validation_accuracy": found.accuracy,
            "difference": found.difference,
            "kernel_retention_rate": metrics.kernel_retention_by_class(found.masks),
            "cohesion": activation_cohesion(net, found.masks, test),
            "coupling": metrics.coupling(found.masks),
            "search_seconds": found.history[-1]["seconds"],
            "search_wall_seconds": found.history[-1]["wall_seconds"],
        }

    more = {"settings": dataclasses.asdict(settings)}
    run = derived("cnnsplitter", config, device, make, "standard", **more)
    masks = load_file(run.path / "modules.safetensors", device=str(device))["masks"].bool()
    found = run.result()
    return Split(
        run=run.name,
        machine=run.machine(),
        masks=masks,
        history=found["history"],
        generation=found["generation"],
        validation_accuracy=found["validation_accuracy"],
        difference=found["difference"],
        kernel_retention_rate=found["kernel_retention_rate"],
        cohesion=found["cohesion"],
        coupling=found["coupling"],
        search_seconds=found["search_seconds"],
    )


def split_reuse(
    config: Config,
    settings: cnnsplitter.Settings,
    subtasks: Sequence[Sequence[int]],
    device: torch.device,
) -> list[SplitReuse]:
    """Return what CNNSplitter's modules score on sub-tasks of the test data, and what they cost.

    Several modules predict together, by the largest of their own-class logits.
    """
    return [
        split_reused(config, settings, classes, device)
        for classes in progress("CNNSplitter's sub-tasks", subtasks)
    ]


def split_reused(
    config: Config, settings: cnnsplitter.Settings, classes: Sequence[int], device: torch.device
) -> SplitReuse:
    """Return what CNNSplitter's modules of one sub-task score and cost, all together."""
    chosen = list(classes)
    settings = settings.resolved(device)

    def make(_run: Run) -> dict[str, Any]:
        masks = split(config, settings, device).masks
        modules = modules_of(network(config, "standard", device), masks, chosen)
        test = data_of(config, device)[2].subset(chosen)
        return {
            "accuracy": joint_accuracy(modules, test),
            "test_images": len(test),
            "retention_by_sum": retention_by_sum(masks, chosen),
            "retention_by_union": retention_by_union(masks, chosen),
            "flops": sum(metrics.flops(module, test.shape) for module in modules),
            "parameters": sum(map(metrics.parameters, modules)),
        }

    more = {"settings": dataclasses.asdict(settings), "classes": chosen}
    run = derived("split-reuse", config, device, make, "standard", **more)
    found = run.result()
    return SplitReuse(
        run=run.name,
        classes=chosen,
        accuracy=found["accuracy"],
        test_images=found["test_images"],
        retention_by_sum=found["retention_by_sum"],
        retention_by_union=found["retention_by_union"],
        flops=found["flops"],
        parameters=found["parameters"],
    )
