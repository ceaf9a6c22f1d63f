"""The sample masks of a data set: which kernels each image uses, and each class."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from ..data import Dataset, check_dataset
from ..support.errors import UsageError
from ..support.evaluating import evaluating
from ..support.given import check_network
from ..support.memory import kept_memory
from .blocks import masked_blocks, masks


@dataclass(frozen=True)
class KernelUse:
    """How much the images of each class use each kernel: what `module_masks` and folding need.

    Attributes
    ----------
    frequency
        ``(classes, K)`` float64: the share of a class's images whose mask value is above 0.
    mean
        ``(classes, K)`` float32: the mean mask value over a class's images.
    layers
        Name and number of kernels of each masked layer, in the order of K.
    """

    frequency: Tensor
    mean: Tensor
    layers: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class SampleMasks(KernelUse):
    """A `KernelUse` with the mask of every image: what `sample_masks` returns.

    Attributes
    ----------
    binary
        ``(N, K)`` bool: whether the mask value is above 0.
    labels
        ``(N,)`` int64, positions in the data's classes.
    """

    binary: Tensor
    labels: Tensor


def sample_masks(modular: nn.Module, data: Dataset, batch_size: int = 125) -> SampleMasks:
    """Find which kernels each image of a data set uses, in evaluation mode, without augmentation.

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
        If the network is not modular, a class has no image, or something else is given.
    """
    check_network("modular", modular)
    check_dataset("data", data)
    layers = tuple((name, block.kernels) for name, block in masked_blocks(modular))

    def batch() -> Tensor:
        return torch.cat(masks(modular), dim=1).float()

    return collect(modular, data, batch, layers, batch_size)


@torch.inference_mode()
def collect(
    net: nn.Module,
    data: Dataset,
    batch: Callable[[], Tensor],
    layers: tuple[tuple[str, int], ...],
    batch_size: int,
) -> SampleMasks:
    """Collect the masks ``(N, K)`` that ``batch`` returns after each forward pass."""
    check_every_class(data)
    classes = len(data.classes)
    count = torch.bincount(data.labels, minlength=classes)[:, None].double()
    binary = []
    used = total = torch.zeros((), dtype=torch.float64, device=data.labels.device)
    with evaluating(net), kept_memory(data.images.device):
        for images, labels in data.batches(batch_size):
            net(images)
            values = batch()
            bits = values > 0
            # A batch at a time: of all images, it would be larger than their masks.
            weights = one_hot(labels, classes).double()
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
