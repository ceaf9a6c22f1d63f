"""Files that appear whole or not at all."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock
from safetensors.torch import save_file
from torch import Tensor

from .errors import Missing


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
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time work in a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        yield


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


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors as safetensors."""
    with atomic_write(path) as temporary:
        save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, temporary)


def save_json(path: Path, value: Any) -> None:
    """Write a JSON file of readable layout."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1) + "\n")


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds; the same text is parsed once, since that is slow."""
    return deepcopy(_parsed(path.read_text()))


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """Return what YAML says, which must not be changed."""
    return yaml.safe_load(text)


def digest(path: Path) -> str:
    """Return twelve hexadecimal digits of the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
