"""Files from strangers: of each kind that is read, a whole example and what reads it."""

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_files
import small_pictures
import torch
from torch import nn
from torchvision import datasets

import mwt
from mwt import cnnsplitter, released, shipping
from mwt.cnnsplitter import downloads
from mwt.cnnsplitter.state import State, read_state
from mwt.data import cifar
from mwt.results.tidy import read_results
from mwt.study.own.weights import take_weights
from mwt.study.profiles import load_profile
from mwt.study.store import Run, key
from mwt.study.weights import tensors_of
from mwt.support import files, pickles

ROOT = Path(__file__).parents[1]
NARROW = 1 / 16


@dataclass(frozen=True)
class Kind:
    """How a whole file is written into an empty folder, its name, and how the folder is read."""

    write: Callable[[Path], Any]
    file: str
    read: Callable[[Path], Any]
    binary: bool = False


def read_or_refused(kind, folder):
    """Read a folder; tell whether it was refused. Anything but a `UsageError` goes on."""
    try:
        KINDS[kind].read(folder)
    except mwt.UsageError as error:
        if "\n" in str(error):
            raise ValueError(f"more than a line: {error}") from error
        return True
    finally:
        for aside in folder.rglob("*.damaged-*"):
            aside.unlink()
    return False


def small_modular():
    torch.manual_seed(0)
    return mwt.to_modular(mwt.models.simcnn(4, 1, NARROW))


def module(folder):
    """A small module as two files."""
    net = small_modular()
    kernels = sum(block.kernels for _, block in mwt.masked_blocks(net))
    cut = mwt.extract(net, torch.rand(kernels) < 0.5, classes=[0, 1])
    card = shipping.Card(("a", "b"), (1, 32, 32), (0.5,), (0.25,))
    shipping.save(cut, folder, card)


ASKED = {"stage": "cut", "seed": 0}
RUN = f"cut-{key(ASKED)}"


def run(folder):
    """A run of before there were checksums."""
    record = {"asked": ASKED, "made": {"machine": "x"}, "result": {"a": [0.5]}}
    (folder / RUN).mkdir()
    (folder / RUN / "result.json").write_text(json.dumps(record))


def read_run(folder):
    """Read a run as the stages do: what is damaged is no run."""
    found = Run(folder / RUN)
    if not found.finished():
        raise mwt.UsageError(found.damage())
    return found.result(), found.machine()


def pickled(folder):
    content = {"labels": [1, 2], "data": np.arange(12, dtype=np.uint8).reshape(2, 6)}
    (folder / "batch").write_bytes(pickle.dumps(content, protocol=2))


def download(folder):
    """CNNSplitter's files of a small network."""
    net = mwt.models.simcnn(4, 1, NARROW)
    layout, rng = cnnsplitter.layout_of(net), np.random.default_rng(0)
    torch.save(net.state_dict(), folder / "entire_model.pth")
    importance = [[rng.random(count) for count in layout.kernels] for _ in range(4)]
    population = rng.integers(0, 2, (3, layout.genes))
    for name, content in (
        ("kernel_importance/avg_L1.pkl", importance),
        ("ga/gen_0_exp_0_pop.pkl", population),
    ):
        (folder / name).parent.mkdir()
        (folder / name).write_bytes(pickle.dumps(content, protocol=2))


def read_download(folder):
    downloads.load(folder, "simcnn", NARROW).population(0, 0)


def search(folder):
    state = State(*(np.ones((4, 3)),) * 4, 1, 0.5, [{"score": 0.5}])
    state.save(folder, "ours")


def checkout(folder):
    """What makes a folder the project's own."""
    (folder / "profiles").mkdir()
    (folder / "mwt/support").mkdir(parents=True)
    shutil.copy(ROOT / "profiles/quick.yaml", folder / "profiles/quick.yaml")


def within(folder, read):
    """Call a function with the project's files in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "__file__", str(folder / "mwt/support/files.py"))
        return read()


def published(folder):
    """Published weights of a small network, and their card."""
    checkout(folder)
    path = folder / "weights/small/simcnn-modular.json"
    files.save_tensors(path.with_suffix(".safetensors"), tensors_of(small_modular(), half=True))
    settings = {"width": NARROW, "channels_last": False}
    card = {"model": "simcnn", "method": "modular", "classes": list("abcd"), "mean": [0.5]}
    digest = files.digest(path.with_suffix(".safetensors"))
    path.write_text(json.dumps(card | {"std": [0.25], "settings": settings, "digest": digest}))


def read_published(folder):
    return within(folder, lambda: mwt.pretrained("simcnn-small"))


def read_with_its_card(folder):
    """Read published weights whose card has their digest, as a stranger's would."""
    path = folder / "weights/small/simcnn-modular.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps(card | {"digest": files.digest(path.with_suffix(".safetensors"))}))
    return read_published(folder)


def results(folder):
    lines = (ROOT / "book/results/quick/results.csv").read_text().splitlines()[:40]
    (folder / "results.csv").write_text("\n".join(lines))


def sealed(folder):
    files.save_sealed(folder / "data.safetensors", {"a": torch.arange(20.0), "b": torch.ones(3)})


def own_network():
    torch.manual_seed(0)
    parts = (nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(4, 2))


def own_weights(folder):
    torch.save(own_network().state_dict(), folder / "net.pth")
    files.save_tensors(folder / "net.safetensors", own_network().state_dict())


def train(folder):
    """Train for an epoch, or find in the checkpoint that it was done."""
    images = torch.zeros(8, 1, 8, 8, dtype=torch.uint8)
    data = mwt.data.Dataset(images, torch.tensor([0, 1] * 4), ("a", "b"), (0.5,), (0.25,))
    checkpoint = folder / "checkpoint.pt"
    mwt.fit(own_network(), data, data, epochs=1, lr=0.1, batch_size=8, checkpoint=checkpoint)


BATCHES = small_files.cifar10_batches(10)
RELEASE = small_files.cifar10_release(BATCHES)


def archive(folder):
    small_files.cifar10_archive(folder, BATCHES)


def read_archive(folder):
    """Read an archive as if its MD5 were right."""
    shutil.rmtree(folder / RELEASE.binary, ignore_errors=True)
    cifar.unpack(folder / "cifar-10-binary.tar.gz", folder, RELEASE)


def svhn(folder):
    with pytest.MonkeyPatch.context() as patch:
        small_files.svhn(folder, patch, 20, 10)
        (folder / "expected.json").write_text(json.dumps(datasets.SVHN.split_list))


def read_svhn(folder):
    with pytest.MonkeyPatch.context() as patch:
        expected = json.loads((folder / "expected.json").read_text())
        patch.setattr(datasets.SVHN, "split_list", expected)
        small_files.without_network(patch)
        mwt.data.load("svhn", root=folder)


KINDS = {
    "a module's plan": Kind(module, "module.json", shipping.load),
    "a module's weights": Kind(module, "module.safetensors", shipping.load, True),
    "published weights' card": Kind(published, "weights/small/simcnn-modular.json", read_published),
    "published weights": Kind(
        published, "weights/small/simcnn-modular.safetensors", read_with_its_card, True
    ),
    "the authors' weights": Kind(
        download,
        "entire_model.pth",
        lambda folder: released.load(folder / "entire_model.pth", "simcnn", NARROW),
        True,
    ),
    "weights of one's own": Kind(
        own_weights, "net.pth", lambda f: take_weights(own_network(), f / "net.pth"), True
    ),
    "tensors of one's own": Kind(
        own_weights,
        "net.safetensors",
        lambda f: take_weights(own_network(), f / "net.safetensors"),
        True,
    ),
    "a checkpoint": Kind(train, "checkpoint.pt", train, True),
    "a pickle": Kind(pickled, "batch", lambda f: pickles.read_pickle(f / "batch"), True),
    "CNNSplitter's importance": Kind(download, "kernel_importance/avg_L1.pkl", read_download, True),
    "CNNSplitter's population": Kind(download, "ga/gen_0_exp_0_pop.pkl", read_download, True),
    "a search": Kind(search, "search.safetensors", lambda f: read_state(f, "ours"), True),
    "a picture": Kind(
        lambda folder: small_pictures.pictures(folder, a=12, b=12),
        "a/a003.png",
        mwt.data.load,
        True,
    ),
    "CIFAR-10, binary": Kind(
        lambda folder: small_files.cifar10_binary(folder, BATCHES),
        "cifar-10-batches-bin/data_batch_1.bin",
        lambda folder: cifar.read(folder, RELEASE),
        True,
    ),
    "CIFAR-10, Python": Kind(
        lambda folder: small_files.cifar10_pickled(folder, BATCHES),
        "cifar-10-batches-py/data_batch_1",
        lambda folder: cifar.read(folder, RELEASE),
        True,
    ),
    "CIFAR-10's archive": Kind(archive, "cifar-10-binary.tar.gz", read_archive, True),
    "SVHN": Kind(svhn, "train_32x32.mat", read_svhn, True),
    "a run": Kind(run, f"{RUN}/result.json", read_run),
    "a profile": Kind(
        checkout, "profiles/quick.yaml", lambda f: within(f, lambda: load_profile("quick"))
    ),
    "results": Kind(results, "results.csv", lambda folder: read_results(folder / "results.csv")),
    "a copy of data": Kind(
        sealed, "data.safetensors", lambda f: files.load_sealed(f / "data.safetensors"), True
    ),
}
