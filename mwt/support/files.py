"""Files that appear whole or not at all."""

import errno
import hashlib
import itertools
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
import yaml
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .errors import Missing, UsageError

LOCK = ".lock"  # of a folder
# No room, too large, no permission, a disk that is only read, a file in the place of a folder.
UNWRITABLE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
}
UNWRITTEN = r"os error (28|27|13|30)|PytorchStreamWriter failed|unexpected pos"
PATIENCE = 2  # seconds before it is said that a process waits
SEAL = "checksum"  # in the metadata of tensors
CHANGED = "it is not as it was written"


def project_root() -> Path:
    """Return the folder of ``profiles/``, ``notebooks/`` and ``book/``.

    The checkout that this package is imported from, else the current folder.
    """
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "profiles").is_dir() else Path.cwd()


def store_root() -> Path:
    """Return the folder of ``data/`` and ``runs/``: ``$MWT_HOME``, else the project's."""
    return Path(os.environ["MWT_HOME"]) if "MWT_HOME" in os.environ else project_root()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what a full disk or a folder that is not to be written in raises into a `UsageError`."""
    try:
        yield
    except (
        OSError,
        SafetensorError,
        RuntimeError,
    ) as error:  # torch and safetensors have their own
        if isinstance(error.__context__, KeyboardInterrupt):  # in the midst of torch's writing
            raise error.__context__ from None
        reason = "the disk takes no more" if isinstance(error, RuntimeError) else str(error)
        number = error.errno if isinstance(error, OSError) else None
        if number not in UNWRITABLE and not re.search(UNWRITTEN, str(error)):
            raise
        raise UsageError(
            f"{path} cannot be written ({reason}): make room, allow it, or set MWT_HOME to another "
            "folder; what is there already is kept."
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time work in a folder, which is made if it is not there."""
    lock = FileLock(folder / LOCK)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            said = f"waiting for another process, which works in {folder}"
            print(said, file=sys.stderr, flush=True)
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def downloading(name: str, root: Path, files: str) -> Iterator[None]:
    """Let one process at a time download; if it fails, say which files to put into ``root``."""
    try:
        with locked(root):
            yield
    except (OSError, RuntimeError) as error:
        raise Missing(
            f"{name} is not in {root.resolve()} and could not be downloaded ({error}): "
            f"put {files} there"
        ) from error


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` and rename it to ``path`` when all went well."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            temporary.chmod(0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def set_aside(path: Path, why: str) -> None:
    """Rename a damaged file or the content of a damaged folder, and say so in a line.

    A folder itself stays, since other processes may hold its lock.
    """
    count = next(n for n in itertools.count(1) if not aside(path, n).exists())
    new = aside(path, count)
    if path.is_dir():
        new.mkdir()
        for inside in path.iterdir():
            if inside.name != LOCK:
                inside.rename(new / inside.name)
    else:
        path.rename(new)
    said = f"{path} is damaged ({why}): it is kept as {new.name} and made again."
    print(said, file=sys.stderr, flush=True)


def aside(path: Path, count: int) -> Path:
    """Return another name for a damaged file."""
    return path.with_name(f"{path.name}.damaged-{count}")


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors as safetensors."""
    with atomic_write(path) as temporary:
        save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, temporary)


def save_sealed(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors as safetensors with a checksum, for `load_sealed`."""
    whole = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
    with atomic_write(path) as temporary:
        save_file(whole, temporary, {SEAL: checksum(whole)})


def load_sealed(path: Path) -> dict[str, Tensor]:
    """Return what `save_sealed` wrote; nothing if it is not there or damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            seal = (file.metadata() or {}).get(SEAL)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, FileNotFoundError):
        return {}
    return tensors if seal == checksum(tensors) else {}


def checksum(tensors: Mapping[str, Tensor]) -> str:
    """Return twelve hexadecimal digits of the SHA-256 of tensors, their names and their shapes."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        found.update(tensors[name].view(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()[:12]


def save_json(path: Path, value: Any) -> None:
    """Write a JSON file of readable layout."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Return the names and values that a JSON file holds; none if it is damaged."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; the same text is parsed once, since that is slow.

    Raises
    ------
    UsageError
        If it is no text, or no YAML.
    """
    try:
        return deepcopy(_parsed(path.read_text()))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else type(error).__name__
        raise UsageError(f"{path} is no YAML ({where}): write it like its neighbours.") from error


class PlainLoader(yaml.SafeLoader):
    """Reads YAML in which everything is written where it is used.

    With names for parts a few lines can stand for more than any memory holds.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the next node; refuse one that stands for another."""
        if self.check_event(yaml.AliasEvent):
            where = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="a reference", problem_mark=where)
        return super().compose_node(parent, index)


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """Return what YAML says, which must not be changed."""
    return yaml.load(text, PlainLoader)


def digest(path: Path) -> str:
    """Return twelve hexadecimal digits of the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
