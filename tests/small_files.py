"""A few images in the file formats of CIFAR-10 and SVHN, as if they had been downloaded."""

import hashlib
import pickle
import tarfile

import numpy as np
import scipy.io
from torchvision import datasets

CLASSES = list(range(10))


def images(rng, labels):
    """Noise around a brightness of each class's own, so that there is something to learn."""
    noise = rng.integers(0, 100, (len(labels), 3, 32, 32))
    return (noise + 15 * np.asarray(labels)[:, None, None, None]).astype(np.uint8)


def cifar10(root, monkeypatch, per_batch=20):
    """Write five training batches and a test batch, as the archive that is downloaded."""
    rng = np.random.default_rng(0)
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    labels = CLASSES * (per_batch // 10)

    def checksum(name, content):
        (folder / name).write_bytes(pickle.dumps(content))
        return [name, hashlib.md5((folder / name).read_bytes()).hexdigest()]

    def batch(name):
        pixels = images(rng, labels).reshape(len(labels), 3072)
        return checksum(name, {"data": pixels, "labels": labels})

    lists = {
        "train_list": [batch(f"data_batch_{i}") for i in range(1, 6)],
        "test_list": [batch("test_batch")],
    }
    name, digest = checksum("batches.meta", {"label_names": [str(i) for i in CLASSES]})
    lists["meta"] = {"filename": name, "key": "label_names", "md5": digest}
    for attribute, value in lists.items():
        monkeypatch.setattr(datasets.CIFAR10, attribute, value)
    archive = root / "cifar-10-python.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, arcname=folder.name)
    digest = hashlib.md5(archive.read_bytes()).hexdigest()
    monkeypatch.setattr(datasets.CIFAR10, "tgz_md5", digest)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


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
