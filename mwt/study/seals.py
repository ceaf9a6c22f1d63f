"""Whether what a run left is whole: its ``result.json`` has checksums of itself and its files.

Disks lose bits, and copies end too early. What is damaged is set aside under another name, and the
run is made again.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..support.files import digest, read_json

RESULT = "result.json"
FILES, SEAL = "files", "seal"  # what a sealed record has beside its content


def sealed(folder: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run's ``result.json`` holds, with checksums of it and of the run's tensors."""
    tensors = {path.name: digest(path) for path in sorted(folder.glob("*.safetensors"))}
    record = json.loads(json.dumps({**content, FILES: tensors}))  # as it will be read
    return record | {SEAL: seal_of(record)}


def seal_of(record: Mapping[str, Any]) -> str:
    """Return the checksum of a record, of all but its checksum."""
    text = json.dumps(
        {name: value for name, value in record.items() if name != SEAL}, sort_keys=True
    )
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def damage(folder: Path, complete: bool = True) -> str:
    """Say what is wrong with a finished run's folder; nothing if it is whole.

    Parameters
    ----------
    folder
        With a ``result.json``. One that was written before there were checksums is taken as it is.
    complete
        Whether all files must be there: a published run comes without its large ones.
    """
    stamps = [
        (path.name, path.stat().st_mtime_ns, path.stat().st_size)
        for path in (folder / RESULT, *sorted(folder.glob("*.safetensors")))
    ]
    return checked(folder, complete, tuple(stamps))


@lru_cache(maxsize=4096)
def checked(folder: Path, complete: bool, _stamps: tuple[tuple[str, int, int], ...]) -> str:
    """Say what is wrong; the same files are read once."""
    record = read_json(folder / RESULT)
    if not record or not isinstance(record.get(FILES, {}), dict):
        return f"{RESULT} cannot be read"
    if record.get(SEAL, seal_of(record)) != seal_of(record):
        return f"{RESULT} is not as it was written"
    for name, wanted in record.get(FILES, {}).items():
        path = folder / name
        if path.is_file() and digest(path) != wanted:
            return f"{name} is not as it was written"
        if complete and not path.is_file():
            return f"{name} is missing"
    return ""
