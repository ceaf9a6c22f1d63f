"""How modular a network is, and what a module costs."""

from __future__ import annotations

import itertools
import statistics
import time
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from .support.checks import check_number
from .support.errors import UsageError
from .support.evaluating import evaluating
from .support.given import check_masks

if TYPE_CHECKING:
    from .masking.samples import SampleMasks

WARM_UP = 2  # passes that are not measured
ROWS = 1024  # rows a matrix product takes at a time: bounds the memory, costs no speed


def kernel_retention_rate(modules: Tensor) -> float:
    """Return the share of the masked kernels that a module keeps, averaged over the modules.

    The pages take the mean of `kernel_retention_by_class`, which is the same number.

    Parameters
    ----------
    modules
        ``(classes, K)`` or ``(K,)`` bool: what `module_masks` or `compose` returns.

    Returns
    -------
    float
        In [0, 1].
    """
    return check_masks("modules", modules, 1, 2).double().mean().item()


def kernel_retention_by_class(modules: Tensor) -> list[float]:
    """Return the share of the masked kernels that each class's module ``(classes, K)`` keeps."""
    return check_masks("modules", modules, 2).double().mean(dim=1).tolist()


def coupling(modules: Tensor) -> float:
    """Return the mean Jaccard index over all pairs of modules (the paper's coupling), in [0, 1].

    Parameters
    ----------
    modules
        ``(classes, K)`` bool, of at least two classes.
    """
    return mean_jaccard(modules)


def cohesion(samples: SampleMasks, modules: Tensor) -> float:
    """Return how alike the masks of a class's images are, averaged over classes.

    It is the mean Jaccard index over pairs of images of a class, within the kernels of the class's
    module; 1 for a class with a single image.

    Parameters
    ----------
    samples
        What `sample_masks` returns, of every class; the study uses the test images.
    modules
        ``(classes, K)`` bool.

    Returns
    -------
    float
        In [0, 1].
    """
    return statistics.mean(cohesion_by_class(samples, modules))


def cohesion_by_class(samples: SampleMasks, modules: Tensor) -> list[float]:
    """Return the cohesion of each class's module."""
    check_masks("modules", modules, 2)
    classes, kernels = int(samples.labels.max()) + 1, samples.binary.shape[1]
    if len(modules) < classes or modules.shape[1] != kernels:
        raise UsageError(
            f"modules of shape {tuple(modules.shape)}, but sample masks of {classes} classes and "
            f"{kernels} kernels: give both of the same network and data."
        )
    own = (samples.binary[samples.labels == label][:, m] for label, m in enumerate(modules))
    return [cohesion_of_class(masks) for masks in own]


def cohesion_of_class(masks: Tensor) -> float:
    """Return the mean Jaccard index of a class's sample masks ``(N, K)``; 1 of a single sample."""
    return mean_jaccard(masks) if len(masks) > 1 else 1.0


def mean_jaccard(masks: Tensor) -> float:
    """Return the mean Jaccard index over all pairs of masks.

    Parameters
    ----------
    masks
        ``(N, K)`` bool, N at least 2. The index is ``|a and b| / |a or b|``; 1 of two empty masks.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    UsageError
        With fewer than two masks.
    """
    count = len(check_masks("masks", masks, 2))
    if count < 2:
        raise UsageError(f"{count} masks have no pairs: give at least 2.")
    total = torch.zeros((), dtype=torch.float64, device=masks.device)
    for start in range(0, count, ROWS):
        block = jaccard(masks[start : start + ROWS], masks[start:])
        total += block.triu(diagonal=1).sum(dtype=torch.float64)
    return total.item() / (count * (count - 1) / 2)


def jaccard(masks: Tensor, others: Tensor) -> Tensor:
    """Return the Jaccard index of each mask with each other one.

    ``|a and b| / |a or b|``; two empty masks are equal, hence 1. All intersections come from one
    matrix product.

    Parameters
    ----------
    masks, others
        ``(N, K)`` and ``(M, K)`` bool.

    Returns
    -------
    Tensor
        ``(N, M)`` float32 in [0, 1].
    """
    bits, more = masks.float(), others.float()  # hold counts up to 2 ** 24 exactly
    both = bits @ more.T
    either = bits.sum(dim=1)[:, None] + more.sum(dim=1) - both
    return torch.where(either > 0, both / either.clamp(min=1), 1.0)


def parameters(model: nn.Module) -> int:
    """Return the number of trainable parameters."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def flops(model: nn.Module, shape: tuple[int, int, int]) -> int:
    """Return the multiply-adds of one forward pass of one image, as fvcore counts them.

    Convolution, linear layers, normalization, resizing and adaptive pooling count; sums, products
    and activations do not.

    Parameters
    ----------
    model
        Any network, on any device, of any precision.
    shape
        ``(C, H, W)`` of its input.

    Raises
    ------
    UsageError
        If the network does not take such an image.
    """
    sides = tuple(shape)
    if len(sides) != 3 or not all(isinstance(side, int) and side > 0 for side in sides):
        raise UsageError(f"shape {shape!r}: give (C, H, W), three whole numbers above 0.")
    device, dtype = place_of(model)
    with evaluating(model), torch.no_grad(), warnings.catch_warnings():
        # fvcore is written with torch.jit, which torch calls deprecated and keeps.
        warnings.simplefilter("ignore")
        from fvcore.nn import FlopCountAnalysis

        analysis = FlopCountAnalysis(model, torch.zeros(1, *sides, device=device, dtype=dtype))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        try:
            return int(analysis.total())
        except (RuntimeError, IndexError, TypeError) as error:
            reason = str(error).strip().splitlines()[0].removesuffix(".")
            raise UsageError(
                f"the network does not take an image of shape {sides} ({reason}): give the shape "
                "(C, H, W) of its images."
            ) from error


@torch.inference_mode()
def latency(models: Sequence[nn.Module], images: Tensor, repeats: int = 8) -> list[float]:
    """Return the least seconds that a forward pass of each network took, after a warm-up.

    The networks take turns, so that a busy machine slows all of them alike; and the least is what a
    pass takes when nothing is in its way. With one thread of a CPU these are the seconds of this
    process, which other programs do not lengthen; else those of the clock.

    Parameters
    ----------
    models
        Networks that take the same images.
    images
        ``(N, C, H, W)``; each network gets them on its device and in its precision, which is not
        measured.
    repeats
        Measurements of each network, at least 1.

    Returns
    -------
    list of float
        Seconds for all N images, in the order of ``models``.

    Raises
    ------
    UsageError
        For no repeats.
    """
    check_number("repeats", repeats, int, 1)
    inputs = [images.to(*place_of(model, images.device)) for model in models]
    alone = torch.get_num_threads() == 1 and all(own.device.type == "cpu" for own in inputs)
    clock = time.process_time if alone else time.perf_counter
    times: list[list[float]] = [[] for _ in models]
    with evaluating(*models):
        for _ in range(repeats + WARM_UP):
            for model, own, measured in zip(models, inputs, times, strict=True):
                synchronize(own.device)
                start = clock()
                model(own)
                synchronize(own.device)
                measured.append(clock() - start)
    return [min(measured[WARM_UP:]) for measured in times]


def place_of(
    model: nn.Module, otherwise: torch.device | str = "cpu"
) -> tuple[torch.device, torch.dtype]:
    """Return the device and the floating-point type of what a network takes.

    Those of its first parameter or buffer of such a type; of a network that has none, ``otherwise``
    and float32.
    """
    tensors = itertools.chain(model.parameters(), model.buffers())
    nothing = torch.empty(0, device=otherwise)
    first = next((t for t in tensors if t.is_floating_point()), nothing)
    return first.device, first.dtype


def synchronize(device: torch.device) -> None:
    """Wait until the device has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
