"""Images as tensors that live on the device, in batches, with tensor augmentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ..support.checks import check_bool, check_classes, check_number, resolve_device
from ..support.given import check_instance
from .given import checked_classes, checked_images, checked_labels, checked_statistics


@dataclass(frozen=True)
class Dataset:
    """Images and labels as tensors on one device: what all functions here take as data.

    What is given is checked once, on construction, which waits for the device; and turned into the
    types below where it is clear how: labels of any type of whole numbers, images as whole numbers
    0 to 255 of any type or as floating-point numbers in [0, 1], NumPy arrays.

    Attributes
    ----------
    images
        ``(N, C, H, W)`` uint8, 0 to 255; or float32 in [0, 1], if the values are not all multiples
        of 1/255.
    labels
        ``(N,)`` int64, positions in ``classes``.
    classes
        Names of the classes, in the order of the labels.
    mean, std
        Per channel, of images scaled to [0, 1]: from 0 to 1, ``std`` above 0.
    flip
        Whether a mirrored image shows the same class (not so for digits).

    Raises
    ------
    UsageError
        On construction, for images, labels, names or numbers of another shape or range.
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    flip: bool = False

    def __post_init__(self) -> None:
        images = checked_images(self.images)
        classes = checked_classes(self.classes)
        channels = images.shape[1]
        self._set(
            images=images,
            labels=checked_labels(self.labels, images, classes),
            classes=classes,
            mean=checked_statistics("mean", self.mean, channels),
            std=checked_statistics("std", self.std, channels),
            flip=check_bool("flip", self.flip),
        )

    def _set(self, **values: Any) -> None:
        """Set fields, which are frozen for everyone else."""
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _with(self, **changes: Any) -> Dataset:
        """Return a copy with other values, which are right: without the checks."""
        copy = object.__new__(Dataset)
        copy._set(**{field.name: getattr(self, field.name) for field in fields(self)} | changes)
        return copy

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape ``(C, H, W)`` of one image."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    def to(self, device: torch.device | str) -> Dataset:
        """Return the same data on another device: ``cpu``, ``cuda``, ``cuda:1`` or ``auto``.

        Raises
        ------
        UsageError
            If the device is unknown or not there.
        """
        place = resolve_device(device)
        return self._with(images=self.images.to(place), labels=self.labels.to(place))

    def subset(self, classes: Sequence[int]) -> Dataset:
        """Return the images of some classes, labelled by their position in ``classes``.

        Parameters
        ----------
        classes
            Distinct positions in the data's ``classes``.

        Raises
        ------
        UsageError
            For no class, or one that does not exist or is given twice.
        """
        classes = check_classes(classes, len(self.classes))
        wanted = torch.as_tensor(classes, device=self.labels.device)
        hits = self.labels[:, None] == wanted
        keep = hits.any(dim=1)
        return self._with(
            images=self.images[keep],
            labels=hits[keep].int().argmax(dim=1),
            classes=tuple(self.classes[c] for c in classes),
        )

    def first(self, per_class: int) -> Dataset:
        """Return the first ``per_class`` images of each class, in their order."""
        check_number("per_class", per_class, int, 1)
        rank = F.one_hot(self.labels, len(self.classes)).cumsum(dim=0)
        keep = rank.gather(1, self.labels[:, None])[:, 0] <= per_class
        return self._with(images=self.images[keep], labels=self.labels[keep])

    def normalized(self, images: Tensor) -> Tensor:
        """Return images, uint8 or in [0, 1], as float32: less ``mean``, divided by ``std``."""
        shift, scale = self._shift_and_scale
        return (pixel_values(images) - shift) * scale

    @cached_property
    def _shift_and_scale(self) -> tuple[Tensor, Tensor]:
        """Mean and inverse deviation of pixel values; made once, since a copy would wait."""
        return shift_and_scale(self.mean, self.std, self.images.device)

    def batches(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield all images in order, normalized, as ``(images, labels)``."""
        check_number("batch_size", batch_size, int, 1)
        for start in range(0, len(self), batch_size):
            part = slice(start, start + batch_size)
            yield self.normalized(self.images[part]), self.labels[part]

    def shuffled_batches(self, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield full batches, shuffled, augmented, normalized; an incomplete last one is left out.

        Augmentation is a crop of the image padded by an eighth of its height and, if ``flip``, a
        mirror, drawn from torch's global random numbers. A ``batch_size`` above the number of
        images is lowered to it.
        """
        check_number("batch_size", batch_size, int, 1)
        order = torch.randperm(len(self), device=self.labels.device)
        size = min(batch_size, len(self))
        for start in range(0, len(self) - size + 1, size):
            index = order[start : start + size]
            images = random_crop(self.images[index], padding=self.shape[1] // 8)
            if self.flip:
                images = random_flip(images)
            yield self.normalized(images), self.labels[index]


def check_dataset(name: str, value: object) -> Dataset:
    """Return a data set, or raise a `UsageError`."""
    return check_instance(name, value, Dataset, "a mwt.data.Dataset, such as mwt.data.load returns")


def shift_and_scale(
    mean: Sequence[float], std: Sequence[float], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return what normalizes pixel values 0 to 255: ``(images - shift) * scale``."""
    shift, deviation = (torch.tensor([mean, std], device=device) * 255)[:, :, None, None]
    return shift, 1 / deviation


def pixel_values(images: Tensor) -> Tensor:
    """Return images, uint8 or floating-point numbers in [0, 1], as float32 from 0 to 255."""
    return images.float() * 255 if images.is_floating_point() else images.float()


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
