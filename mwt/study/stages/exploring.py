"""What the modules of pairs and triples of classes score without training."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ...data import Dataset
from ...masking.selection import compose, module_masks
from ...support.progress import progress
from ...surgery.extraction import folded_scale
from ...surgery.uncut import Uncut
from ...training.predicting import predict
from ..config import Config
from ..findings import SmallSubtasks
from ..store import Run
from ..subtasks import drawn
from .measuring import derived
from .modularizing import sampled
from .networks import data_of, network

SIZES = (2, 3)
MOST = 200  # sub-tasks of a size: ten classes have 45 pairs and 120 triples, all of them
IMAGES = 200  # of each class at most
BATCH = 100


def small_subtasks(config: Config, threshold: float, device: torch.device) -> SmallSubtasks:
    """Return how often the modules of pairs and triples of classes are right on test images.

    These are all there are, or `MOST` of each size, drawn at random. Shown are the first `IMAGES`
    of each class, since each image is shown to many modules: of ten classes, to 45. The standard
    network is shown the same.

    Parameters
    ----------
    config, threshold
        The networks, and which kernels the modules keep.
    device
        Where to compute.
    """

    def make(_run: Run) -> dict[str, Any]:
        test = data_of(config, device)[2].first(IMAGES)
        subtasks = drawn(SIZES, MOST, len(test.classes))
        standard = predict(network(config, "standard", device), test)
        modular, samples = network(config, "modular", device), sampled(config, device).train
        correct = {"standard": right_of_all(standard, test.labels, subtasks)}
        modules = module_masks(samples, threshold)
        unions = torch.stack([compose(modules, classes) for classes in subtasks]).float()
        correct["module-masked"] = right(modular, unions, False, test, subtasks)
        scales = torch.stack([folded_scale(samples, classes) for classes in subtasks])
        correct["module-folded"] = right(modular, unions * scales, True, test, subtasks)
        images = torch.bincount(test.labels, minlength=len(test.classes))
        return {
            "subtasks": subtasks,
            "test_images": [int(images[classes].sum()) for classes in subtasks],
            "correct": correct,
        }

    run = derived("small-subtasks", config, device, make, threshold=threshold, images=IMAGES)
    return SmallSubtasks(run=run.name, threshold=threshold, **run.result())


def right_of_all(logits: Tensor, labels: Tensor, subtasks: Sequence[list[int]]) -> list[int]:
    """Return for each sub-task how often the logits ``(N, classes)`` of its images are right."""
    return [
        sum(hits(logits[labels == label], label, classes) for label in classes)
        for classes in subtasks
    ]


def right(
    modular: nn.Module,
    factors: Tensor,
    folded: bool,
    test: Dataset,
    subtasks: Sequence[list[int]],
) -> list[int]:
    """Return how often the module of each sub-task is right; `Uncut` says what the factors are."""
    modules = Uncut(modular, factors, folded)
    found = [0] * len(subtasks)
    for label, images in by_class(test, "folded" if folded else "with generators"):
        wanted = [i for i, classes in enumerate(subtasks) if label in classes]
        for i, logits in modules.logits(images, wanted):
            found[i] += hits(logits, label, subtasks[i])
    return found


def by_class(test: Dataset, form: str) -> Iterator[tuple[int, Tensor]]:
    """Yield batches of images of one class, normalized, with its number."""
    for label in progress(f"pairs and triples, {form}", range(len(test.classes))):
        for images, _ in test.subset([label]).batches(BATCH):
            yield label, images


def hits(logits: Tensor, label: int, classes: list[int]) -> int:
    """Count the images of a class whose logit is the largest of those of a sub-task."""
    return int((logits[:, classes].argmax(dim=1) == classes.index(label)).sum())
