"""A few images in the file formats of CIFAR-10 and SVHN, as if they had been downloaded."""

import hashlib
import io
import pickle
import shutil
import struct
import tarfile
from dataclasses import replace
from functools import partial

import numpy as np
import scipy.io
from torchvision import datasets

from mwt.data import cifar10 as official
from mwt.data.sources import SOURCES, read_cifar

CLASSES = list(range(10))
BATCHES = {part: list(files) for part, files in official.OFFICIAL.files.items()}


def images(rng, labels):
    """Noise around a brightness of each class's own, so that there is something to learn."""
    noise = rng.integers(0, 100, (len(labels), 3, 32, 32))
    return (noise + 15 * np.asarray(labels)[:, None, None, None]).astype(np.uint8)


def cifar10_batches(per_batch=20):
    """Return the records of each file of a small CIFAR-10: a label byte, then 3,072 pixels."""
    rng = np.random.default_rng(0)
    labels = np.array(CLASSES * (per_batch // 10), np.uint8)[:, None]
    return {
        name: np.hstack([labels, images(rng, labels.ravel()).reshape(per_batch, -1)])
        for names in BATCHES.values()
        for name in names
    }


def cifar10_release(batches, archive_md5=""):
    """Return what the reader expects of files that hold these records, in any order."""
    digests = {}
    for part, names in BATCHES.items():
        records = sorted(bytes(record) for name in names for record in batches[name])
        digests[part] = hashlib.sha256(b"".join(records)).hexdigest()
    counts = {
        part: dict.fromkeys(names, len(batches["test_batch"])) for part, names in BATCHES.items()
    }
    return replace(official.OFFICIAL, archive_md5=archive_md5, files=counts, digests=digests)


def cifar10_binary(root, batches):
    """Write the folder of CIFAR-10's binary version."""
    folder = root / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    for name, records in batches.items():
        records.tofile(folder / f"{name}.bin")
    (folder / "batches.meta.txt").write_text("\n".join(official.CLASSES))
    return folder


class Python2Pickler(pickle._Pickler):
    """Writes text and bytes as Python 2 did, which wrote the official files: all are strings."""

    def save_string(self, value):
        content = value.encode() if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)

    dispatch = pickle._Pickler.dispatch | {str: save_string, bytes: save_string}


def pickled_by_python2(value):
    """Return a pickle such as Python 2 and the NumPy of its time wrote."""
    file = io.BytesIO()
    Python2Pickler(file, protocol=2).dump(value)
    return file.getvalue().replace(b"cnumpy._core.", b"cnumpy.core.")


def cifar10_pickled(root, batches, dumps=pickled_by_python2):
    """Write the folder of CIFAR-10's Python version."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, records in batches.items():
        entries = {"batch_label": name, "labels": records[:, 0].tolist(), "data": records[:, 1:]}
        (folder / name).write_bytes(dumps(entries))
    return folder


def cifar10_archive(root, batches):
    """Write the archive of CIFAR-10's binary version, and say what is expected of it."""
    folder = cifar10_binary(root, batches)
    archive = root / "cifar-10-binary.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, arcname=folder.name)
    shutil.rmtree(folder)
    return cifar10_release(batches, hashlib.md5(archive.read_bytes()).hexdigest())


def cifar10(root, monkeypatch, per_batch=20):
    """Write five training batches and a test batch, as the archive that is downloaded."""
    release = cifar10_archive(root, cifar10_batches(per_batch))
    small = replace(SOURCES["cifar10"], read=partial(read_cifar, release=release))
    monkeypatch.setitem(SOURCES, "cifar10", small)


def svhn(root, monkeypatch, train=200, test=30):
    """Write the two files of MATLAB's format that are downloaded."""
    rng = np.random.default_rng(0)
    root.mkdir(parents=True, exist_ok=True)
    lists = {}
    for part, count in (("train", train), ("test", test)):
        file = root / f"{part}_32x32.mat"
        labels = np.arange(count) % 10
        pixels = images(rng, labels).transpose(2, 3, 1, 0)
        # The files call the digit zero 10.
        scipy.io.savemat(file, {"X": pixels, "y": np.where(labels == 0, 10, labels)[:, None]})
        lists[part] = ["", file.name, hashlib.md5(file.read_bytes()).hexdigest()]
    monkeypatch.setattr(datasets.SVHN, "split_list", lists)


def without_network(monkeypatch):
    """Let no file of SVHN be downloaded."""

    def no_network(*_args, **_kwargs):
        raise OSError("no network")

    monkeypatch.setattr("torchvision.datasets.utils._get_redirect_url", no_network)
