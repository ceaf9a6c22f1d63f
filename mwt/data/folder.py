"""Images of your own: a folder that holds a folder of images for each class."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..support.errors import UsageError, printable
from ..support.progress import progress
from .layout import classes_and_files, shares_for_missing
from .memory import check_memory
from .pictures import image_tensor, mean_and_std, survey
from .sources import stratified


@dataclass(frozen=True)
class Pictures:
    """What a folder holds, split into parts.

    Attributes
    ----------
    arrays
        ``train_images`` ``(N, C, size, size)`` uint8 and ``train_labels`` ``(N,)`` int64, and the
        same for ``validation`` and ``test``.
    classes
        Names of the class folders, sorted.
    mean, std
        Per channel, of the training images scaled to [0, 1].
    """

    arrays: dict[str, Tensor]
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]


def read_folder(path: Path | str, size: int | None = None) -> Pictures:
    """Read a folder of class folders, the layout of torchvision's ``ImageFolder``.

    Every class is split into 70% training, 10% validation and 20% test images, in the same way
    whenever it is read. A folder that holds ``train`` and ``test``, each with the class folders
    in it, is split already; if it has no ``validation``, an eighth of the training images of each
    class becomes that. No part is without an image of every class. ``training`` and ``testing``,
    ``valid``, ``val`` and ``dev`` mean the same, in capitals or not.

    The images are grey if every file is, else RGB. Photographs are turned as their cameras say,
    where their EXIF data can be read; transparency is dropped. Values of more than 8 bits are
    scaled to 0 to 255, all files of the folder alike: white is the greatest value of 8, 10, 12,
    14, 16, 24 or 32 bits, of the smallest number of bits that holds every such file's values.

    Parameters
    ----------
    path
        The folder. Hidden files, and files whose names are not those of images, are passed over.
    size
        Side in pixels: the middle square of each image is resized to it, bicubic and antialiased.
        None: the images' own, if all are squares of one size.

    Returns
    -------
    Pictures
        On the CPU.

    Raises
    ------
    UsageError
        For a folder of another layout, a folder reached twice through links, a link to nothing, a
        class with too few images, images of several sizes where none is asked for, more than fits
        into the memory, or a file that cannot be read or claims more pixels than Pillow's limit.
    """
    path = expanded(path)
    classes, files = classes_and_files(path)
    everything = [file for part in files.values() for file, _ in part]
    form = survey(path, everything, size)
    check_memory(len(everything), form.channels, form.side)
    arrays: dict[str, Tensor] = {}
    for part, members in files.items():
        images = image_tensor(path, [file for file, _ in members], form)
        labels = torch.tensor([label for _, label in members])
        rest = "train" if part == "all" else part
        for name, index in shared_out(labels, shares_for_missing(part, files), rest).items():
            arrays |= {f"{name}_images": images[index], f"{name}_labels": labels[index]}
    return Pictures(arrays, classes, *mean_and_std(arrays["train_images"]))


def folder_digest(path: Path | str) -> str:
    """Return a digest of a folder's images: their names below ``path`` and their contents.

    Parameters
    ----------
    path
        A folder that `read_folder` can read.

    Returns
    -------
    str
        Twelve hexadecimal digits of a SHA-256, the same wherever the folder lies.

    Raises
    ------
    UsageError
        For a folder of another layout, a class with too few images or a file that cannot be read.
    """
    path = expanded(path)
    files = [file for part in classes_and_files(path)[1].values() for file, _ in part]
    digest = hashlib.sha256()
    for file in progress(f"identifying {printable(path.name)}", sorted(files)):
        digest.update(os.fsencode(file.relative_to(path).as_posix()) + b"\0")
        try:
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
        except OSError as error:
            raise UsageError(
                f"{printable(file)} cannot be read ({error.strerror}): repair it or take it out."
            ) from None
    return digest.hexdigest()[:12]


def folder_classes(path: Path | str) -> tuple[str, ...]:
    """Return the names of the class folders, sorted; their images are not opened.

    Raises
    ------
    UsageError
        For a folder of another layout or a class with too few images.
    """
    return classes_and_files(expanded(path))[0]


def expanded(path: Path | str) -> Path:
    """Return a path with the home folder in the place of ``~``."""
    return Path(os.path.expanduser(path))


def shared_out(labels: Tensor, shares: Mapping[str, float], rest: str) -> dict[str, Tensor]:
    """Return the positions of each part: its share of every class, at least one; and the rest."""
    pieces: dict[str, list[Tensor]] = {name: [] for name in (*shares, rest)}
    for label in labels.unique():
        members = (labels == label).nonzero().flatten()
        counts = [max(1, round(share * len(members))) for share in shares.values()]
        split = stratified(labels[members], counts)
        for piece, index in zip(pieces.values(), split, strict=True):
            piece.append(members[index])
    return {name: torch.cat(piece) for name, piece in pieces.items()}
