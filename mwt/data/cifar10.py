"""CIFAR-10 in either of its official formats: found or downloaded, verified, in one order."""

import hashlib
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor

from ..support import pickles
from ..support.errors import UsageError
from ..support.files import downloading

ADDRESS = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
BINARY, PICKLED = "cifar-10-batches-bin", "cifar-10-batches-py"
CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
BATCHES = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}
PIXELS = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32  # the label, then the pixels
LARGEST = 4  # bytes that a pickle takes for one of the records, at most: bytes as text take two


@dataclass(frozen=True)
class Release:
    """What is known of the files before they are opened.

    Attributes
    ----------
    archive_md5
        Of the archive of the binary version.
    batch
        Number of images in each file.
    digests
        For ``train`` and ``test``, the SHA-256 of all records, sorted: the same in both formats
        and whatever the order of the images.
    """

    archive_md5: str
    batch: int
    digests: Mapping[str, str]


OFFICIAL = Release(
    archive_md5="c32a1d4ab5d03f1284b67883e8d87530",
    batch=10_000,
    digests={
        "train": "72083841cd0fa633f09b24c0833cf6d6a1809caff400317117334e0aa6b0ed46",
        "test": "f1bbb931260cda782c84c1948c82d910e2c193cb1d56756293f445027090946b",
    },
)


def read(root: Path, release: Release = OFFICIAL) -> dict[str, tuple[Tensor, Tensor]]:
    """Read CIFAR-10 from its binary or its Python version, and verify it.

    The folder ``cifar-10-batches-bin`` in ``root`` is read, else ``cifar-10-batches-py``, of which
    nothing is unpickled but plain data; if neither is there, the archive of the binary version is
    downloaded, unless it lies there, and unpacked.

    Parameters
    ----------
    root
        The folder that holds one of these, or is to hold them.
    release
        What the files must hold.

    Returns
    -------
    dict
        For ``train`` and ``test``: images ``(N, 3, 32, 32)`` uint8 and labels ``(N,)`` int64,
        sorted by label, then by pixels, so that both formats give the same.

    Raises
    ------
    UsageError
        If the data are neither there nor can be downloaded, or are not what ``release`` says.
    """
    found = [root / name for name in (BINARY, PICKLED) if (root / name).is_dir()]
    if not found:
        fetch(root, release)
    folder = found[0] if found else root / BINARY
    return {part: verified(folder, part, release) for part in BATCHES}


def verified(folder: Path, part: str, release: Release) -> tuple[Tensor, Tensor]:
    """Return the sorted images and labels of one part, or say what is wrong with its files."""
    try:
        batches = [content(folder, name, release.batch) for name in BATCHES[part]]
        records = in_order(np.concatenate(batches).reshape(-1, RECORD))
        if hashlib.sha256(records.data).hexdigest() != release.digests[part]:
            raise Unofficial("their content differs")
    except (Unofficial, UsageError) as error:
        raise UsageError(
            f"the {part} part of CIFAR-10 in {folder} is not the official one "
            f"({str(error).removesuffix('.')}): remove this folder to have it downloaded again, or "
            "put the official files there."
        ) from None
    images = np.ascontiguousarray(records[:, 1:]).reshape(-1, *PIXELS)
    return torch.from_numpy(images), torch.from_numpy(records[:, 0].astype(np.int64))


class Unofficial(Exception):
    """A file is not what the official one is."""


def content(folder: Path, name: str, batch: int) -> np.ndarray:
    """Return the records of a file, one after the other, as bytes."""
    file = folder / (name if folder.name == PICKLED else f"{name}.bin")
    if not file.is_file():
        raise Unofficial(f"{file.name} is missing")
    most = batch * RECORD * (LARGEST if folder.name == PICKLED else 1)
    if file.stat().st_size > most:  # so that it is not read
        raise Unofficial(f"{file.name} has {file.stat().st_size:,} bytes, not {most:,} or less")
    found = unpickled(file) if folder.name == PICKLED else np.fromfile(file, np.uint8)
    if found.size != batch * RECORD:
        raise Unofficial(
            f"{file.name} has {found.size:,} bytes of labels and pixels, not {batch * RECORD:,}"
        )
    return found


def unpickled(file: Path) -> np.ndarray:
    """Return the records of a file of the Python version as those of the binary version."""
    entries = pickles.read_pickle(file)
    try:
        # Python 3 may have written the keys as bytes.
        named = {k.decode() if isinstance(k, bytes) else k: v for k, v in entries.items()}
        labels, pixels = (np.asarray(named[key], np.uint8) for key in ("labels", "data"))
        return np.column_stack([labels, pixels]).ravel()
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unofficial(f"{file.name} has no labels and data: {error!r}") from None


def in_order(records: np.ndarray) -> np.ndarray:
    """Return records ``(N, RECORD)`` sorted by their bytes."""
    return records[records.view(f"V{RECORD}").ravel().argsort()]


def fetch(root: Path, release: Release) -> None:
    """Download the archive of the binary version, if it is not there, and unpack it."""
    from torchvision.datasets.utils import download_url

    archive = root / PurePosixPath(ADDRESS).name
    name = f"CIFAR-10 (as {BINARY}, {PICKLED} or its archive)"
    with downloading(name, root, f"{archive.name} (MD5 {release.archive_md5})"):
        if not (root / BINARY).is_dir():  # another process may just have made it
            download_url(ADDRESS, root, md5=release.archive_md5)
            unpack(archive, root, release.batch * RECORD)


def unpack(archive: Path, root: Path, size: int) -> None:
    """Write the batches of an archive to ``root``: all of them, or none if it holds anything odd.

    Raises
    ------
    UsageError
        If a member is anything but a plain file in the one folder, or a batch is missing or not of
        ``size`` bytes.
    """
    missing = {f"{name}.bin" for names in BATCHES.values() for name in names}
    with tarfile.open(archive) as tar, TemporaryDirectory(dir=root, prefix=f".{BINARY}-") as there:
        folder = Path(there) / BINARY
        folder.mkdir()
        for member in tar:
            path = PurePosixPath(member.name)
            if member.isdir() and path == PurePosixPath(BINARY):
                continue
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is None or path.parent != PurePosixPath(BINARY):
                raise refused(archive, f"{member.name}, which is no file in {BINARY}")
            if path.name not in missing:
                continue  # the names of the classes, a page about the data
            if member.size != size:
                raise refused(archive, f"{member.name} of {member.size:,} bytes, not {size:,}")
            with (folder / path.name).open("wb") as file:
                copyfileobj(stream, file)
            missing.remove(path.name)
        if missing:
            raise refused(archive, f"no {', '.join(sorted(missing))}")
        folder.rename(root / BINARY)


def refused(archive: Path, what: str) -> UsageError:
    """Return the error for an archive that is not CIFAR-10's."""
    return UsageError(
        f"{archive} holds {what}: remove it to have it downloaded again, or put the official "
        f"archive there ({ADDRESS})."
    )
