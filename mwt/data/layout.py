"""How a folder of pictures is laid out: which folders are parts, which are classes."""

import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..support.errors import UsageError, printable
from .walking import entries, is_picture, pictures_below

Files = list[tuple[Path, int]]  # image files, each with its label
# What folders of parts are called, in capitals or not.
PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
# Share of each class that a part gives to parts that are missing.
SHARES = {"all": {"validation": 0.1, "test": 0.2}, "train": {"validation": 0.125}}
WANTED = (
    "give it train and test, with or without one of validation, valid, val and dev, each with the "
    "class folders in it, or put the class folders straight into it"
)


def classes_and_files(path: Path) -> tuple[tuple[str, ...], dict[str, Files]]:
    """Return the names of the classes, and the files of each part that is there.

    The parts are ``train``, ``test`` and perhaps ``validation``, or ``all`` of an unsplit folder.
    A warning tells of pictures that lie in none of the class folders.

    Raises
    ------
    UsageError
        For a folder of another layout, one that cannot be read or is reached twice, a link to
        nothing, or a class with too few images.
    """
    if not path.is_dir():
        raise UsageError(
            f"there is no folder {printable(path)}: give one that holds a folder for each class."
        )
    roots = part_roots(path)
    classes = class_folders(path, roots)
    seen: dict[tuple[int, int], str] = {}
    files = {
        part: [
            (file, label)
            for label, name in enumerate(classes)
            for file in pictures_below(root / name, seen)
        ]
        for part, root in roots.items()
    }
    for part, members in files.items():
        check_counts(roots[part], classes, members, parts=[*shares_for_missing(part, files), part])
    tell_of_loose_pictures({path, *roots.values()})
    return tuple(classes), files


def part_roots(path: Path) -> dict[str, Path]:
    """Return the folder of each part, or that of ``all``.

    Raises
    ------
    UsageError
        If it is not clear which folders are parts and which are classes.
    """
    names = subfolders(path)
    parts = [name for name in names if name.casefold() in PARTS and subfolders(path / name)]
    if not parts:
        refuse_parts_without_classes(path, names)
        return {"all": path}
    roots = {PARTS[name.casefold()]: path / name for name in parts}
    others = [n for n in names if n not in parts and pictures_below(path / n, {})]
    if others or len(roots) < len(parts) or not {"train", "test"} <= set(roots):
        beside = f", beside pictures in {listed(others)}" if others else ""
        raise UsageError(f"{printable(path)} is split into {listed(parts)}{beside}: {WANTED}.")
    return roots


def refuse_parts_without_classes(path: Path, names: Sequence[str]) -> None:
    """Refuse folders whose names speak of several parts, but that are not laid out as parts."""
    spoken = {name: part for name in names if (part := part_in(name))}
    if len(set(spoken.values())) > 1 and 2 * len(spoken) > len(names):
        raise UsageError(
            f"{printable(path)} has the folders {listed(list(spoken))}, which are called like "
            f"parts of a split but are not laid out so: {WANTED}."
        )


def part_in(name: str) -> str | None:
    """Return the part that a word in a folder's name speaks of: ``seg_train``, ``Testset``."""
    words = re.findall(r"[a-z]+", name.casefold())
    parts = (PARTS.get(re.sub(r"(set|data|images?)$", "", word)) for word in words)
    return next((part for part in parts if part), None)


def class_folders(path: Path, roots: Mapping[str, Path]) -> list[str]:
    """Return the names of the class folders, the same in every part.

    Raises
    ------
    UsageError
        If there are fewer than two, parts have others, or a name is not UTF-8.
    """
    first = roots.get("train", path)
    classes = subfolders(first)
    if len(classes) < 2:
        raise UsageError(
            f"{printable(first)} has {len(classes)} class folders: put a folder of images "
            "for each of two or more classes there."
        )
    for root in roots.values():
        if subfolders(root) != classes:
            raise UsageError(
                f"{printable(root)} has the class folders {listed(subfolders(root), ', ')}, but "
                f"{printable(first)} has {listed(classes, ', ')}: give both the same."
            )
    for name in classes:
        if printable(name) != name:  # the files that a study writes hold the names of the classes
            raise UsageError(
                f"the name of the class folder {printable(first / name)} cannot be printed: "
                "rename it."
            )
    return classes


def subfolders(path: Path) -> list[str]:
    """Return the names of the folders in a folder, hidden ones left out."""
    return [entry.name for entry in entries(path) if entry.is_dir()]


def listed(names: Sequence[str], between: str = " and ") -> str:
    """Return names as a message gives them."""
    return between.join(map(printable, names))


def tell_of_loose_pictures(folders: set[Path]) -> None:
    """Warn of pictures that lie beside the class folders, not in them."""
    for folder in sorted(folders):
        loose = [e.name for e in entries(folder) if e.is_file() and is_picture(e.name)]
        if loose:
            warnings.warn(
                f"{len(loose)} pictures in {printable(folder)} are left out, since they lie in no "
                f"class folder: {listed(loose[:3], ', ')}{', ...' if loose[3:] else ''}.",
                stacklevel=2,
            )


def check_counts(root: Path, classes: Sequence[str], members: Files, parts: Sequence[str]) -> None:
    """Refuse a class with fewer images than parts."""
    found = Counter(label for _, label in members)
    for label, name in enumerate(classes):
        if found[label] < len(parts):
            raise UsageError(
                f"class {name!r} has {found[label]} images in {printable(root)}: give it "
                f"{len(parts)} or more (files such as .jpg, .png, .bmp, .tif or .webp)."
            )


def shares_for_missing(part: str, files: Mapping[str, Files]) -> dict[str, float]:
    """Return the share of a part's images that goes to each part that is not there."""
    return {name: share for name, share in SHARES.get(part, {}).items() if name not in files}
