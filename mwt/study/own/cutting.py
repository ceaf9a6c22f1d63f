"""From a trained network to its modules as files, and what they score and cost."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ... import metrics, shipping
from ...data import Dataset
from ...masking.samples import SampleMasks, sample_masks
from ...masking.selection import compose, module_masks
from ...support.errors import UsageError
from ...surgery.extraction import extract
from ...training.loop import fit
from ...training.predicting import accuracy
from ..report_card import ReportCard, report_card
from .plan import Plan
from .training import Training

SEVERAL = 32  # images of the second measurement of time


@dataclass(frozen=True)
class Cost:
    """What a network costs.

    Attributes
    ----------
    flops, parameters
        Multiply-adds of one image; trainable parameters.
    seconds, seconds_of_several
        Median time of a forward pass of 1 image and of `SEVERAL`, on this machine.
    """

    flops: int
    parameters: int
    seconds: float
    seconds_of_several: float


@dataclass(frozen=True)
class Module:
    """A module that was cut out, with its files.

    Attributes
    ----------
    classes
        Names, in the order of its outputs.
    labels
        Their positions in the data's classes.
    folder
        Of its files, below the request's.
    files
        Their names, each with its size in bytes.
    kept
        Number of masked kernels that it keeps.
    scores
        Accuracy on the classes' images: ``module``, ``modular`` (the whole modular network,
        restricted to these classes) and perhaps ``standard`` (the plain network with its weights),
        each on ``validation`` and ``test``; None for a single class, which nothing is told from.
    cost
        Of the module.
    note
        What could not be written, and why; or nothing.
    """

    classes: tuple[str, ...]
    labels: tuple[int, ...]
    folder: Path
    files: dict[str, int]
    kept: int
    scores: dict[str, dict[str, float]] | None
    cost: Cost
    note: str


@dataclass(frozen=True)
class Outcome:
    """All that came out of a request.

    Attributes
    ----------
    plan, training
        Where it comes from.
    samples, masks
        Sample masks of the training data; module masks ``(classes, K)`` of all classes.
    card
        How modular the network is, on validation images.
    cost
        Of the plain network.
    modules
        One for each set of classes.
    """

    plan: Plan
    training: Training
    samples: SampleMasks
    masks: Tensor
    card: ReportCard
    cost: Cost
    modules: tuple[Module, ...]


def cut(plan: Plan, training: Training) -> Outcome:
    """Cut the modules of a plan out of its trained network, write them and measure them."""
    samples = sample_masks(training.modular, plan.train)
    masks = module_masks(samples, plan.request.threshold)
    standard = plan.net if plan.scored_as_given else None
    card = report_card(
        training.modular, plan.train, plan.validation, plan.request.threshold, standard=standard
    )
    nets = [module_of(plan, training.modular, samples, masks, labels) for labels in plan.subtasks]
    cost, *costs = costs_of([plan.net, *nets], plan.test)
    folders = names_of(plan)
    modules = tuple(
        shipped(plan, training.modular, masks, *one)
        for one in zip(plan.subtasks, nets, costs, folders, strict=True)
    )
    return Outcome(plan, training, samples, masks, card, cost, modules)


def module_of(
    plan: Plan,
    modular: nn.Module,
    samples: SampleMasks,
    masks: Tensor,
    labels: Sequence[int],
) -> nn.Module:
    """Return the module of some classes, trained on if that was asked for."""
    request, union = plan.request, compose(masks, labels)
    fold = samples if request.form == "folded" else None
    module = extract(modular, union, labels, fold, generators=request.form == "generators")
    if request.finetune:
        settings = [request.finetune, request.finetune_lr, request.form, request.threshold]
        depends = [plan.asked, settings, list(labels)]
        name = hashlib.sha256(json.dumps(depends, sort_keys=True).encode()).hexdigest()[:10]
        fit(
            module,
            plan.train.subset(labels),
            plan.validation.subset(labels),
            epochs=request.finetune,
            lr=request.finetune_lr,
            seed=request.seed,
            batch_size=request.batch_size,
            keep="best",
            checkpoint=plan.folder / "training" / f"finetuned-{name}.pt",
            label=f"fine-tuning {', '.join(plan.train.classes[label] for label in labels)}",
        )
    return module.eval()


def costs_of(nets: Sequence[nn.Module], data: Dataset) -> list[Cost]:
    """Return what networks cost; their times are measured in turns."""
    images = data.normalized(data.images[:SEVERAL])
    images = images.repeat(-(-SEVERAL // len(images)), 1, 1, 1)[:SEVERAL]
    times = [metrics.latency(nets, part) for part in (images[:1], images)]
    return [
        Cost(metrics.flops(net, data.shape), metrics.parameters(net), one, several)
        for net, one, several in zip(nets, *times, strict=True)
    ]


def shipped(
    plan: Plan,
    modular: nn.Module,
    masks: Tensor,
    labels: tuple[int, ...],
    module: nn.Module,
    cost: Cost,
    name: str,
) -> Module:
    """Write a module's files and return what is known about it."""
    folder, note = plan.folder / name, ""
    part = plan.test.subset(labels)
    card = shipping.Card.of(part, plan.request.threshold, plan.title)
    shipping.save(module, folder, card)
    onnx = folder / "module.onnx"
    onnx.unlink(missing_ok=True)  # of an earlier module
    if plan.request.onnx:
        try:
            shipping.export_onnx(module, onnx, card)
        except (UsageError, RuntimeError) as error:  # what else was written is sound
            note = f"no ONNX file: {error}"
    files = {file.name: file.stat().st_size for file in sorted(folder.glob("module.*"))}
    kept = int(compose(masks, labels).sum())
    scores = scored(plan, modular, module, labels) if len(labels) > 1 else None
    return Module(part.classes, labels, Path(name), files, kept, scores, cost, note)


def scored(
    plan: Plan, modular: nn.Module, module: nn.Module, labels: Sequence[int]
) -> dict[str, dict[str, float]]:
    """Return the accuracies of a module and of the whole networks on its classes."""
    nets: dict[str, tuple[nn.Module, Sequence[int] | None]] = {
        "module": (module, None),
        "modular": (modular, labels),
    }
    if plan.scored_as_given:
        nets["standard"] = (plan.net, labels)
    parts = {"validation": plan.validation.subset(labels), "test": plan.test.subset(labels)}
    return {
        name: {part: accuracy(net, data, chosen) for part, data in parts.items()}
        for name, (net, chosen) in nets.items()
    }


def names_of(plan: Plan) -> list[str]:
    """Return a folder's name for each module: its classes, as far as file systems take them."""
    found: list[str] = []
    for labels in plan.subtasks:
        names = [plan.train.classes[label] for label in labels]
        every = len(labels) == len(plan.train.classes)
        text = "all" if every else "+".join(re.sub(r"[^\w.-]", "_", name) for name in names)
        if len(text) > 60 or text in found or text in ("training", "report.html"):
            unlike = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:8]
            text = f"{text[:50]}-{unlike}"
        found.append(f"module-{text}")
    return found


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return the numbers of an outcome as JSON values."""
    plan, card = outcome.plan, outcome.card
    measures = ("accuracy", "kernel_retention_rate", "cohesion", "coupling", "kernels")
    return {
        "title": plan.title,
        "asked": plan.asked,
        "threshold": plan.request.threshold,
        "form": plan.request.form,
        "finetune": plan.request.finetune,
        "report card on validation images": {name: getattr(card, name) for name in measures},
        "plain network": vars(outcome.cost),
        "modules": [
            {
                **{"folder": str(one.folder), "classes": one.classes, "files": one.files},
                **{"kernels": one.kept, "accuracy": one.scores, **vars(one.cost)},
            }
            for one in outcome.modules
        ],
    }
