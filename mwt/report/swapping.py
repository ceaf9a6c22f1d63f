"""Several files and folders replaced together: after an interruption it is all of them, or none.

What is new is laid into a folder of its own first, then a plan says that it is whole. From then on,
whatever stops the replacing, `finish` goes on with it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..support.files import read_json, save_json

FOLDER, PLAN = ".publish", "whole.json"


class Swap:
    """What is to replace the same paths below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths: list[str] = []

    def add(self, path: Path) -> Path:
        """Return where to lay what is to be at a path below the root, file or folder."""
        inside = path.relative_to(self.root)
        self.paths.append(str(inside))
        new = self.root / FOLDER / "new" / inside
        new.parent.mkdir(parents=True, exist_ok=True)
        return new


@contextmanager
def swapping(root: Path) -> Iterator[Swap]:
    """Yield a `Swap`, and replace all that was added to it if nothing went wrong."""
    finish(root)
    folder = root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # of one that was not whole
    try:
        swap = Swap(root)
        yield swap
        save_json(folder / PLAN, {"paths": swap.paths})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finish(root)


def finish(root: Path) -> None:
    """Go on with a replacing that was interrupted once it was whole; else do nothing."""
    folder = root / FOLDER
    if not (folder / PLAN).exists():
        return
    for path in read_json(folder / PLAN)["paths"]:
        old, new, place = folder / "old" / path, folder / "new" / path, root / path
        if not new.exists():
            continue  # it is in its place
        old.parent.mkdir(parents=True, exist_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            place.rename(old)
        new.rename(place)
    (folder / PLAN).unlink()
    shutil.rmtree(folder)
