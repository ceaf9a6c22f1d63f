"""Modules for sub-tasks, beside the standard model."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ... import metrics
from ...masking.samples import KernelUse
from ...masking.selection import compose, module_masks
from ...support.progress import progress
from ...surgery.extraction import extract, with_head
from ...training.loop import fit
from ...training.predicting import accuracy, correct
from ...training.seeding import seeded
from ..config import METHODS, Config
from ..findings import Finetuned, Modularized, Reused
from ..store import Run
from .measuring import answers, costs_of, derived, measure_costs
from .modularizing import modularized, sampled
from .networks import data_of, network

UNTRAINED = ("module-masked", "module-folded", "module-plain")


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

        return derived(name, config, device, work, threshold=threshold, classes=chosen)

    scores = stage("cut", cut)
    found = scores.result()
    return Reused(
        run=scores.name,
        threshold=threshold,
        classes=chosen,
        kernel_retention_rate=found["kernel_retention_rate"],
        accuracy=found["accuracy"],
        test_images=found["test_images"],
        finetuned=finetuned_of(stage("finetuned", finetuned)) if finetune else None,
        costs=costs_of(stage("module-costs", module_costs)) if costs else None,
    )


def untrained(
    forms: Sequence[str],
    config: Config,
    threshold: float,
    classes: list[int],
    device: torch.device,
) -> tuple[dict[str, nn.Module], Tensor]:
    """Return the module of a sub-task in forms that need no training, and its kernels."""
    modular = network(config, "modular", device)
    samples = sampled(config, device).train
    union = compose(module_masks(samples, threshold), classes)
    return {form: in_form(form, modular, union, classes, samples) for form in forms}, union


def in_form(
    form: str, modular: nn.Module, union: Tensor, classes: list[int], samples: KernelUse
) -> nn.Module:
    """Return the module of some kernels in one of the forms that need no training."""
    return extract(
        modular,
        union,
        classes,
        fold=samples if form == "module-folded" else None,
        generators=form == "module-masked",
    )


def cut(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> dict[str, Any]:
    """Return what a sub-task's module scores without training, and how many kernels it keeps."""
    modules, union = untrained(UNTRAINED, config, threshold, classes, device)
    every = data_of(config, device)[2]
    test = every.subset(classes)
    scores = {}
    for method in METHODS:
        # What a network answers to an image does not depend on the sub-task.
        wanted = torch.isin(every.labels, torch.tensor(classes, device=every.labels.device))
        logits = answers(config, method, device)[wanted][:, classes]
        scores[method] = correct(logits, test.labels)
    return {
        "kernel_retention_rate": metrics.kernel_retention_rate(union),
        "test_images": len(test),
        "accuracy": scores | {name: accuracy(net, test) for name, net in modules.items()},
    }


def module_costs(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> dict[str, Any]:
    """Return what a sub-task's modules cost, beside the standard model.

    A plain module costs what a folded one does.
    """
    nets, _ = untrained(UNTRAINED[:2], config, threshold, classes, device)
    nets["standard"] = network(config, "standard", device)
    return measure_costs(nets, data_of(config, device)[2].subset(classes))


def finetuned_of(run: Run) -> Finetuned:
    """Return what a run of fine-tuning found."""
    found = run.result()
    return Finetuned(run.name, run.machine(), found["accuracy"], found["seconds"])


def finetuned(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> dict[str, Any]:
    """Fine-tune a sub-task's plain module with a new head, as the paper does; return its score.

    The validation data choose the epoch.
    """
    modular = network(config, "modular", device)
    samples = sampled(config, device).train
    union = compose(module_masks(samples, threshold), classes)
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
        amp=config.amp(device),
        channels_last=config.channels_last,
        label=None,
    )
    times = {name: history[-1][name] for name in ("seconds", "wall_seconds")}
    return {"accuracy": accuracy(head, test), **times}


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
    finetune: Sequence[int],
) -> list[Reused]:
    """Return accuracy and KRR of the modules of many sub-tasks, without their costs.

    ``finetune`` are the sizes of the sub-tasks whose modules are fine-tuned, too.
    """
    return [
        reused(config, threshold, classes, device, len(classes) in finetune, costs=False)
        for classes in progress("random sub-tasks", subtasks)
    ]


def threshold_sweep(
    config: Config, thresholds: Sequence[float], classes: Sequence[int], device: torch.device
) -> list[tuple[Modularized, Reused]]:
    """Return, for each threshold, the modules of all classes and the module of one sub-task.

    The paper's RQ4.
    """
    return [
        (
            modularized(config, threshold, device),
            reused(config, threshold, classes, device, costs=False),
        )
        for threshold in progress("thresholds", thresholds)
    ]
