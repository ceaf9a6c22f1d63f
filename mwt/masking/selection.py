"""From sample masks to module masks, and their union for a sub-task."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..support.checks import check_classes
from ..support.errors import UsageError
from ..support.given import check_instance, check_masks
from .samples import KernelUse

STEP = 0.05  # by which a layer that would lose every kernel lowers its threshold


ROUNDING = 1e-9  # frequencies that differ by less are equal: 0.55 - 9 * 0.05 is not quite 0.1


def module_masks(samples: KernelUse, threshold: float = 0.9) -> Tensor:
    """Return each class's module: the kernels that enough of its images use.

    A kernel stays if its frequency is at least ``threshold``. Where a class would lose every kernel
    of a layer, its threshold there is lowered in steps of 0.05 until one stays; of a layer that
    the class never uses, the first kernel stays.

    Parameters
    ----------
    samples
        What `sample_masks` returns for the training data.
    threshold
        In (0, 1].

    Returns
    -------
    Tensor
        ``(classes, K)`` bool.

    Raises
    ------
    UsageError
        For a threshold outside (0, 1], or something else than sample masks.
    """
    check_threshold(threshold)
    check_instance("samples", samples, KernelUse, "what mwt.sample_masks returns")
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
        What `module_masks` returns.
    classes
        Distinct rows of it, such as ``[0, 1, 2]``.

    Raises
    ------
    UsageError
        For no class, one that does not exist or is given twice, or something else than masks.
    """
    check_masks("modules", modules, 2)
    return modules[check_classes(classes, len(modules))].any(dim=0)
