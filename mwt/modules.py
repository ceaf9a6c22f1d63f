"""From sample masks to module masks, and their union for a sub-task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .checks import check_classes
from .data import Dataset
from .errors import UsageError
from .modes import evaluating
from .modular import masked_blocks, masks

STEP = 0.05  # by which a layer that would lose every kernel lowers its threshold
ROUNDING = 1e-9  # frequencies that differ by less are equal: 0.55 - 9 * 0.05 is not quite 0.1


@dataclass(frozen=True)
class KernelUse:
    """What the mask generators say of the samples of each class: all that modules are made from.

    Attributes
    ----------
    frequency
        ``(classes, K)`` float64: the share of a class's samples that use a kernel.
    mean
        ``(classes, K)`` float32: the mean mask value over a class's samples.
    layers
        Name and number of kernels of each masked layer, in the order of K.
    """

    frequency: Tensor
    mean: Tensor
    layers: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SampleMasks(KernelUse):
    """What they say of every sample of a data set, too.

    Attributes
    ----------
    binary
        ``(N, K)`` bool: which kernels a sample uses.
    labels
        ``(N,)`` int64.
    """

    binary: Tensor
    labels: Tensor


def sample_masks(modular: nn.Module, data: Dataset, batch_size: int = 125) -> SampleMasks:
    """Collect the sample masks of a data set, in evaluation mode, without augmentation.

    Parameters
    ----------
    modular
        A trained modular network, on the device of the data.
    data
        Usually the training data, with at least one image of every class.
    batch_size
        Images a forward pass; it changes the memory needed, not the result.

    Returns
    -------
    SampleMasks
        On the device of the data.

    Raises
    ------
    UsageError
        If the network is not modular, or a class has no image.
    """
    layers = tuple((name, block.kernels) for name, block in masked_blocks(modular))

    def batch() -> Tensor:
        return torch.cat(masks(modular), dim=1).float()

    return collected(modular, data, batch, layers, batch_size)


@torch.inference_mode()
def collected(
    net: nn.Module,
    data: Dataset,
    batch: Callable[[], Tensor],
    layers: tuple[tuple[str, int], ...],
    batch_size: int,
) -> SampleMasks:
    """Collect the masks ``(N, K)`` that ``batch`` returns after each forward pass."""
    check_every_class(data)
    one_hot = torch.nn.functional.one_hot(data.labels, len(data.classes)).double()
    count = one_hot.sum(dim=0)[:, None]
    binary, used, total = [], 0.0, 0.0
    with evaluating(net):
        for (images, _), weights in zip(
            data.batches(batch_size), one_hot.split(batch_size), strict=True
        ):
            net(images)
            values = batch()
            bits = values > 0
            binary.append(bits)
            used = used + weights.T @ bits.double()
            total = total + weights.T @ values.double()
    return SampleMasks(
        binary=torch.cat(binary),
        labels=data.labels,
        frequency=used / count,
        mean=(total / count).float(),
        layers=layers,
    )


def check_every_class(data: Dataset) -> None:
    """Refuse data that lack a class: nothing would say what its module keeps."""
    present = torch.bincount(data.labels, minlength=len(data.classes)) > 0
    if not bool(present.all()):
        missing = [data.classes[c] for c in (~present).nonzero().flatten().tolist()]
        raise UsageError(f"no image of class {', '.join(missing)}: modules need every class.")


def module_masks(samples: KernelUse, threshold: float = 0.9) -> Tensor:
    """Keep, for each class, the kernels that enough of its samples use.

    A kernel stays if its frequency is at least ``threshold``. A layer that would lose every kernel
    lowers its threshold in steps of 0.05 until one stays; its most frequent kernel always stays.

    Parameters
    ----------
    samples
        Of the training data.
    threshold
        In (0, 1].

    Returns
    -------
    Tensor
        ``(classes, K)`` bool.

    Raises
    ------
    UsageError
        For a threshold outside (0, 1].
    """
    check_threshold(threshold)
    kept = []
    for frequency in samples.frequency.split([kernels for _, kernels in samples.layers], dim=1):
        peak = frequency.max(dim=1, keepdim=True).values
        steps = ((threshold - peak - ROUNDING) / STEP).ceil().clamp(min=0)
        lowered = threshold - STEP * steps
        # A layer that hardly any sample uses would end at a threshold of 0, which all pass.
        limit = torch.where(lowered > ROUNDING, lowered, peak)
        kept.append(frequency >= limit - ROUNDING)
        silent = peak.squeeze(1) == 0
        kept[-1][silent] = torch.arange(frequency.shape[1], device=peak.device) == 0
    return torch.cat(kept, dim=1)


def check_threshold(threshold: object) -> float:
    """Return a threshold in (0, 1], or raise a `UsageError` that says so."""
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        raise UsageError(f"threshold {threshold!r}: give a number in (0, 1], such as 0.9.")
    if not 0 < threshold <= 1:
        raise UsageError(f"threshold {threshold}: it must lie in (0, 1], such as 0.9.")
    return float(threshold)


def compose(modules: Tensor, classes: Sequence[int]) -> Tensor:
    """Return the union ``(K,)`` of the module masks of a sub-task's classes.

    Parameters
    ----------
    modules
        ``(classes, K)`` bool.
    classes
        Distinct positions of classes.

    Raises
    ------
    UsageError
        As `check_classes` does.
    """
    return modules[check_classes(classes, len(modules))].any(dim=0)
