"""CIFAR-100: the finer of its two labels is the class, in both formats, and files must be whole."""

import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import small_files
import torch

import mwt
from mwt.data.cifar import read
from mwt.data.cifar100 import CLASSES, OFFICIAL
from mwt.data.sources import SOURCES, read_cifar

PER_CLASS = {"train": 20, "test": 2}
SMALL = replace(OFFICIAL, files={part: {part: 100 * count} for part, count in PER_CLASS.items()})


def records(part):
    """Return images whose pixels are twice their class, of which each superclass has five."""
    fine = np.repeat(np.arange(100, dtype=np.uint8), PER_CLASS[part])[:, None]
    pixels = np.repeat(2 * fine, 3072, axis=1)
    pixels[:, 0] = np.random.default_rng(0).integers(0, 255, len(fine))
    return np.hstack([fine // 5, fine, pixels])


def binary(root, parts):
    folder = root / "cifar-100-binary"
    folder.mkdir(parents=True)
    for part, content in parts.items():
        content.tofile(folder / f"{part}.bin")
    return folder


def pickled(root, parts):
    folder = root / "cifar-100-python"
    folder.mkdir(parents=True)
    for part, content in parts.items():
        entries = {
            "filenames": ["x"] * len(content),
            "coarse_labels": content[:, 0].tolist(),
            "fine_labels": content[:, 1].tolist(),
            "data": content[:, 2:],
        }
        (folder / part).write_bytes(small_files.pickled_by_python2(entries))
    return folder


ALL = {part: records(part) for part in PER_CLASS}


def test_it_is_a_data_set_by_name(tmp_path, monkeypatch):
    binary(tmp_path, ALL)
    small = replace(SOURCES["cifar100"], read=partial(read_cifar, release=SMALL))
    monkeypatch.setitem(SOURCES, "cifar100", small)
    train, validation, test = mwt.data.load("cifar100", root=tmp_path)
    assert [len(part) for part in (train, validation, test)] == [1800, 200, 200]
    assert torch.bincount(validation.labels).tolist() == [2] * 100
    assert (test.images[:, 2, 5, 5] == 2 * test.labels).all()
    assert (train.classes[0], train.classes[1], train.classes[99]) == (
        "apple",
        "aquarium fish",
        "worm",
    )


def test_both_formats_give_the_same(tmp_path):
    binary(tmp_path / "one", ALL)
    pickled(tmp_path / "other", {part: content[::-1] for part, content in ALL.items()})
    one, other = (read(tmp_path / name, SMALL) for name in ("one", "other"))
    for part in PER_CLASS:
        assert all(torch.equal(a, b) for a, b in zip(one[part], other[part], strict=True))


@pytest.mark.parametrize("write", [binary, pickled])
@pytest.mark.parametrize(
    ("column", "value", "name"),
    [(1, 7, "fine_labels"), (1, 200, "fine_labels"), (0, 3, "coarse_labels"), (0, 20, "coarse")],
)
def test_uneven_labels_are_noticed(write, column, value, name, tmp_path):
    content = ALL["train"].copy()
    content[0, column] = value
    write(tmp_path, ALL | {"train": content})
    with pytest.raises(mwt.UsageError, match=f"train part of CIFAR-100 .*{name}.*remove"):
        read(tmp_path, SMALL)


def test_a_file_of_zeros_is_noticed(tmp_path):
    binary(tmp_path, ALL | {"test": np.zeros_like(ALL["test"])})
    with pytest.raises(mwt.UsageError, match=r"test part of CIFAR-100 .*not 0 to 19"):
        read(tmp_path, SMALL)


def test_a_pickle_without_the_finer_labels_is_refused(tmp_path):
    folder = pickled(tmp_path, ALL)
    (folder / "test").write_bytes(pickle.dumps({"coarse_labels": [1], "data": [[1]]}))
    with pytest.raises(mwt.UsageError, match="no coarse_labels, fine_labels and data"):
        read(tmp_path, SMALL)


def test_its_classes_are_a_hundred():
    assert len(set(CLASSES)) == 100
