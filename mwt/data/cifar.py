"""CIFAR-10 and CIFAR-100 in either official format: found or downloaded, verified, in one order."""

import hashlib
import tarfile
import zlib
from collections.abc import Iterable, Mapping
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

PIXELS = (3, 32, 32)
LARGEST = 4  # bytes that a pickle takes for one of the records, at most: bytes as text take two


@dataclass(frozen=True)
class Release:
    """What is known of the files of a data set before they are opened.

    Attributes
    ----------
    name
        Of the data set.
    address, archive_md5
        Of the archive of the binary version.
    binary, pickled
        Folders of the binary and of the Python version.
    files
        For ``train`` and ``test``, the names of their files, without ``.bin``, and how many images
        each holds.
    labels
        What a pickle calls the labels of an image, and how many values each has; in the binary
        version so many bytes go before its pixels. The last one is the class.
    digests
        For ``train`` and ``test``, the SHA-256 of all records, sorted: the same in both formats
        and whatever the order of the images. None: not known, so that only labels are counted.
    """

    name: str
    address: str
    archive_md5: str
    binary: str
    pickled: str
    files: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, int]
    digests: Mapping[str, str] | None

    @property
    def record(self) -> int:
        """Bytes of an image: its labels, then its pixels."""
        return len(self.labels) + int(np.prod(PIXELS))

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each file of the binary version."""
        files = [*self.files["train"].items(), *self.files["test"].items()]
        return {name: images * self.record for name, images in files}


def read(root: Path, release: Release) -> dict[str, tuple[Tensor, Tensor]]:
    """Read a data set from its binary or its Python version, and verify it.

    The folder of the binary version in ``root`` is read, else that of the Python version, of which
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
        sorted by labels, then by pixels, so that both formats give the same.

    Raises
    ------
    UsageError
        If the data are neither there nor can be downloaded, or are not what ``release`` says.
    """
    names = (release.binary, release.pickled)
    found = [root / name for name in names if (root / name).is_dir()]
    if not found:
        fetch(root, release)
    folder = found[0] if found else root / release.binary
    return {part: verified(folder, part, release) for part in release.files}


def verified(folder: Path, part: str, release: Release) -> tuple[Tensor, Tensor]:
    """Return the sorted images and labels of one part, or say what is wrong with its files."""
    try:
        batches = [content(folder, name, release) for name in release.files[part]]
        records = in_order(np.concatenate(batches).reshape(-1, release.record))
        check_content(records, part, release)
    except (Unofficial, UsageError) as error:
        raise UsageError(
            f"the {part} part of {release.name} in {folder} is not the official one "
            f"({str(error).removesuffix('.')}): remove this folder to have it downloaded again, or "
            "put the official files there."
        ) from None
    labels = len(release.labels)
    images = np.ascontiguousarray(records[:, labels:]).reshape(-1, *PIXELS)
    return torch.from_numpy(images), torch.from_numpy(records[:, labels - 1].astype(np.int64))


class Unofficial(Exception):
    """A file is not what the official one is."""


def check_content(records: np.ndarray, part: str, release: Release) -> None:
    """Refuse records whose digest differs or, where none is known, whose labels are uneven."""
    if release.digests is None:
        for at, (name, values) in enumerate(release.labels.items()):
            counts = np.bincount(records[:, at], minlength=values)
            if len(counts) != values or (counts != len(records) / values).any():
                raise Unofficial(
                    f"its {name} are not 0 to {values - 1}, each as often as the others"
                )
    elif hashlib.sha256(records.data).hexdigest() != release.digests[part]:
        raise Unofficial("their content differs")


def content(folder: Path, name: str, release: Release) -> np.ndarray:
    """Return the records of a file, one after the other, as bytes."""
    pickled = folder.name == release.pickled
    file = folder / (name if pickled else f"{name}.bin")
    if not file.is_file():
        raise Unofficial(f"{file.name} is missing")
    wanted = release.sizes[name]
    most = wanted * (LARGEST if pickled else 1)
    if file.stat().st_size > most:  # so that it is not read
        raise Unofficial(f"{file.name} has {file.stat().st_size:,} bytes, not {most:,} or less")
    found = unpickled(file, release.labels) if pickled else np.fromfile(file, np.uint8)
    if found.size != wanted:
        raise Unofficial(
            f"{file.name} has {found.size:,} bytes of labels and pixels, not {wanted:,}"
        )
    return found


def unpickled(file: Path, labels: Iterable[str]) -> np.ndarray:
    """Return the records of a file of the Python version as those of the binary version."""
    entries = pickles.read_pickle(file)
    try:
        # Python 3 may have written the keys as bytes.
        named = {k.decode() if isinstance(k, bytes) else k: v for k, v in entries.items()}
        columns = [np.asarray(named[key], np.uint8) for key in (*labels, "data")]
        return np.column_stack(columns).ravel()
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unofficial(f"{file.name} has no {', '.join(labels)} and data: {error!r}") from None


def in_order(records: np.ndarray) -> np.ndarray:
    """Return records ``(N, bytes)`` sorted by their labels, then by their pixels."""
    return records[records.view(f"V{records.shape[1]}").ravel().argsort()]


def fetch(root: Path, release: Release) -> None:
    """Download the archive of the binary version, if it is not there, and unpack it."""
    from torchvision.datasets.utils import download_url

    archive = root / PurePosixPath(release.address).name
    name = f"{release.name} (as {release.binary}, {release.pickled} or its archive)"
    with downloading(name, root, f"{archive.name} (MD5 {release.archive_md5})"):
        if not (root / release.binary).is_dir():  # another process may just have made it
            download_url(release.address, root, md5=release.archive_md5)
            unpack(archive, root, release)


def unpack(archive: Path, root: Path, release: Release) -> None:
    """Write the files of an archive to ``root``: all of them, or none if it holds anything odd.

    Raises
    ------
    UsageError
        If a member is anything but a plain file in the one folder, or a file is missing or of
        another size.
    """
    inside = PurePosixPath(release.binary)
    with TemporaryDirectory(dir=root, prefix=f".{inside}-") as there:
        folder = Path(there) / inside
        folder.mkdir()
        try:
            unpack_to(folder, archive, release)
        except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as error:
            if isinstance(error, UsageError) or getattr(error, "errno", None):
                raise
            said = str(error).splitlines() or [type(error).__name__]
            what = f"no whole archive ({said[0]})"
            raise refused(archive, what, release) from error
        folder.rename(root / inside)


def unpack_to(folder: Path, archive: Path, release: Release) -> None:
    """Write the files of an archive to a folder, or say what is wrong with it."""
    missing = {f"{name}.bin": size for name, size in release.sizes.items()}
    inside = PurePosixPath(release.binary)
    with tarfile.open(archive) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if member.isdir() and path == inside:
                continue
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is None or path.parent != inside:
                raise refused(archive, f"{member.name}, which is no file in {inside}", release)
            if path.name not in missing:
                continue  # the names of the classes, a page about the data
            if member.size != (size := missing.pop(path.name)):
                odd = f"{member.name} of {member.size:,} bytes, not {size:,}"
                raise refused(archive, odd, release)
            with (folder / path.name).open("wb") as file:
                copyfileobj(stream, file)
    if missing:
        raise refused(archive, f"no {', '.join(sorted(missing))}", release)


def refused(archive: Path, what: str, release: Release) -> UsageError:
    """Return the error for an archive that is not the data set's."""
    return UsageError(
        f"{archive} holds {what}: remove it to have it downloaded again, or put the official "
        f"archive there ({release.address})."
    )
