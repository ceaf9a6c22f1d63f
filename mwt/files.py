"""Files that appear whole or not at all."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor


def home() -> Path:
    """Return the folder of ``data/``, ``runs/``, ``profiles/`` and ``results/``.

    ``$MWT_HOME`` where it is set, else the checkout that this package is imported from, else the
    current folder.
    """
    if "MWT_HOME" in os.environ:
        return Path(os.environ["MWT_HOME"])
    checkout = Path(__file__).resolve().parents[1]
    return checkout if (checkout / "profiles").is_dir() else Path.cwd()


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
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
    with appearing(path) as temporary:
        save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, temporary)


def save_json(path: Path, value: Any) -> None:
    """Write a JSON file of readable layout."""
    with appearing(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1) + "\n")
