"""Images of your own: a folder that holds a folder of images for each class."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..support.errors import UsageError
from ..support.progress import progress
from .pictures import image_tensor, mean_and_std, survey
from .sources import stratified

Files = list[tuple[Path, int]]  # image files, each with its label
PARTS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}
# Share of each class that a part gives to parts that are missing.
SHARES = {"all": {"validation": 0.1, "test": 0.2}, "train": {"validation": 0.125}}


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
    in it, is split already; if it has no ``validation`` (or ``val``), an eighth of the training
    images of each class becomes that. No part is without an image of every class.

    The images are grey if every file is, else RGB. Photographs are turned as their cameras say;
    transparency is dropped.

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
        For a folder of another layout, a class with too few images, images of several sizes where
        none is asked for, or a file that cannot be read.
    """
    path = Path(path).expanduser()
    classes, files = classes_and_files(path)
    channels, side = survey(path, [file for part in files.values() for file, _ in part], size)
    arrays: dict[str, Tensor] = {}
    for part, members in files.items():
        images = image_tensor(path, [file for file, _ in members], channels, side)
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
        For a folder of another layout or a class with too few images.
    """
    path = Path(path).expanduser()
    files = [file for part in classes_and_files(path)[1].values() for file, _ in part]
    digest = hashlib.sha256()
    for file in progress(f"identifying {path.name}", sorted(files)):
        digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]


def folder_classes(path: Path | str) -> tuple[str, ...]:
    """Return the names of the class folders, sorted; their images are not opened.

    Raises
    ------
    UsageError
        For a folder of another layout or a class with too few images.
    """
    return classes_and_files(Path(path).expanduser())[0]


def classes_and_files(path: Path) -> tuple[tuple[str, ...], dict[str, Files]]:
    """Return the names of the classes, and the files of each part that is there.

    The parts are ``train``, ``test`` and perhaps ``validation``, or ``all`` of an unsplit folder.

    Raises
    ------
    UsageError
        For a folder of another layout or a class with too few images.
    """
    if not path.is_dir():
        raise UsageError(f"there is no folder {path}: give one that holds a folder for each class.")
    parts = [name for name in subfolders(path) if name in PARTS and subfolders(path / name)]
    roots = {PARTS[name]: path / name for name in parts} or {"all": path}
    if parts and (len(roots) < len(parts) or not {"train", "test"} <= set(parts)):
        raise UsageError(
            f"{path} is split into {' and '.join(parts)}: give it train and test, with or without "
            "one of validation and val, or put the class folders straight into it."
        )
    classes = subfolders(roots.get("train", path))
    if len(classes) < 2:
        raise UsageError(
            f"{roots.get('train', path)} has {len(classes)} class folders: put a folder of images "
            "for each of two or more classes there."
        )
    for root in roots.values():
        if subfolders(root) != classes:
            raise UsageError(
                f"{root} has the class folders {', '.join(subfolders(root))}, but {roots['train']} "
                f"has {', '.join(classes)}: give both the same."
            )
    files = {part: images_below(root, classes) for part, root in roots.items()}
    for part, members in files.items():
        check_counts(roots[part], classes, members, parts=[*shares_for_missing(part, files), part])
    return tuple(classes), files


def subfolders(path: Path) -> list[str]:
    """Return the names of the folders in a folder, hidden ones left out."""
    return sorted(p.name for p in path.iterdir() if p.is_dir() and not p.name.startswith("."))


def images_below(root: Path, classes: Sequence[str]) -> Files:
    """Return the image files in the class folders, in the order of ``ImageFolder``."""
    from torchvision.datasets.folder import is_image_file, make_dataset  # a second to import

    def is_visible_image(file: str) -> bool:
        hidden = any(part.startswith(".") for part in Path(file).relative_to(root).parts)
        return is_image_file(file) and not hidden

    labels = {name: label for label, name in enumerate(classes)}
    found = make_dataset(root, labels, is_valid_file=is_visible_image, allow_empty=True)
    return [(Path(file), label) for file, label in found]


def check_counts(root: Path, classes: Sequence[str], members: Files, parts: Sequence[str]) -> None:
    """Refuse a class with fewer images than parts."""
    found = Counter(label for _, label in members)
    for label, name in enumerate(classes):
        if found[label] < len(parts):
            raise UsageError(
                f"class {name!r} has {found[label]} images in {root}: give it {len(parts)} or more "
                "(files such as .jpg, .png, .bmp, .tif or .webp)."
            )


def shares_for_missing(part: str, files: Mapping[str, Files]) -> dict[str, float]:
    """Return the share of a part's images that goes to each part that is not there."""
    return {name: share for name, share in SHARES.get(part, {}).items() if name not in files}


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
