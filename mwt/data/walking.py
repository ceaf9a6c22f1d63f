"""The pictures below a folder: each folder once, no link to nothing, none left out in silence."""

import os
import warnings
from pathlib import Path

from ..support.errors import UsageError, printable

# Those of torchvision's ImageFolder, and others that pictures are often found in.
READ = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
NOT_READ = (".avif", ".gif", ".heic", ".heif", ".jfif", ".jp2")
ARCHIVERS = "__MACOSX"  # what macOS adds to archives: copies of the names, no pictures


def is_picture(name: str) -> bool:
    """Tell by its name whether a file is a picture that is read."""
    return name.lower().endswith(READ)


def entries(folder: Path | str) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, by name, hidden files and folders left out.

    Raises
    ------
    UsageError
        If the folder cannot be read, or has a link to nothing.
    """
    try:
        with os.scandir(folder) as found:
            visible = [e for e in found if not e.name.startswith(".") and e.name != ARCHIVERS]
    except OSError as error:
        raise UsageError(
            f"{printable(folder)} cannot be read ({error.strerror}): make it readable or take it "
            "out."
        ) from None
    for entry in visible:
        if entry.is_symlink() and not os.path.exists(entry.path):
            raise UsageError(
                f"{printable(entry.path)} is a link to something that is not there: repair it or "
                "take it out."
            )
    return sorted(visible, key=lambda entry: entry.name)


def pictures_below(folder: Path, seen: dict[tuple[int, int], str]) -> list[Path]:
    """Return the pictures in a folder and its folders, in the order of torchvision's ImageFolder.

    A warning tells of pictures in formats that are not read.

    Parameters
    ----------
    folder
        Links in it are followed.
    seen
        The folders that were visited, by device and number; those below ``folder`` are added.

    Raises
    ------
    UsageError
        If a folder is reached twice, as by a link to one that holds it, cannot be read, or has a
        link to nothing.
    """
    found: list[tuple[str, list[str]]] = []
    waiting = [os.fspath(folder)]
    while waiting:
        here = waiting.pop()
        status = os.stat(here)
        first = seen.setdefault((status.st_dev, status.st_ino), here)
        if first != here:
            raise UsageError(
                f"{printable(here)} is the same folder as {printable(first)}, by a link: take the "
                "link out, so that each picture is there once."
            )
        inside = entries(here)
        waiting += [entry.path for entry in inside if entry.is_dir()]
        found.append((here, [entry.name for entry in inside if entry.is_file()]))
    tell_of_other_formats(folder, [name for _, names in found for name in names])
    return [Path(at, name) for at, names in sorted(found) for name in names if is_picture(name)]


def tell_of_other_formats(folder: Path, names: list[str]) -> None:
    """Warn of pictures in formats that are not read."""
    others = [name for name in names if name.lower().endswith(NOT_READ)]
    if others:
        warnings.warn(
            f"{len(others)} pictures in {printable(folder)} are left out, since their format is "
            f"not read ({printable(others[0])}): save them as .png or .jpg.",
            stacklevel=2,
        )
