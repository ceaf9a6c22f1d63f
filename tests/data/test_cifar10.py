"""CIFAR-10: both formats give the same parts, and what is not the official data is refused."""

import hashlib
import io
import os
import pickle
import tarfile
from functools import partial
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import small_files
import torch
import torchvision.datasets.utils

import mwt
from mwt.data.cifar import read
from mwt.data.sources import read_cifar

ALL = small_files.cifar10_batches()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def fail(*_args, **_kwargs):
        raise URLError("no network")

    for name in ("_urlretrieve", "_get_redirect_url"):
        monkeypatch.setattr(torchvision.datasets.utils, name, fail)


def shuffled(batches):
    """Return the same images of each part in another order, across its files."""
    found = {}
    for names in small_files.BATCHES.values():
        records = np.concatenate([batches[name] for name in names])
        np.random.default_rng(1).shuffle(records)
        found |= dict(zip(names, np.split(records, len(names)), strict=True))
    return found


def bytes_for_keys(entries):
    return pickle.dumps({key.encode(): value for key, value in entries.items()}, protocol=2)


def test_the_archive_that_was_put_there_is_unpacked_and_read(tmp_path, monkeypatch):
    small_files.cifar10(tmp_path, monkeypatch)
    train, validation, test = mwt.data.load("cifar10", root=tmp_path)
    assert (len(train), len(validation), len(test)) == (90, 10, 20)
    assert torch.bincount(validation.labels).tolist() == [1] * 10
    assert train.shape == (3, 32, 32)
    assert train.classes[3] == "cat"
    files = {path.name for path in (tmp_path / "cifar-10-batches-bin").iterdir()}
    assert files == {f"{name}.bin" for name in ALL}


def test_an_image_keeps_its_label_and_its_place_of_every_pixel(tmp_path):
    small_files.cifar10_binary(tmp_path, ALL)
    images, labels = read(tmp_path, small_files.cifar10_release(ALL))["test"]
    found = {
        (label, image.tobytes())
        for label, image in zip(labels.tolist(), images.numpy(), strict=True)
    }
    expected = {
        (int(record[0]), record[1:].reshape(3, 32, 32).tobytes()) for record in ALL["test_batch"]
    }
    assert found == expected
    assert images.is_contiguous()


@pytest.mark.parametrize(
    "write",
    [
        small_files.cifar10_binary,
        small_files.cifar10_pickled,
        partial(small_files.cifar10_pickled, dumps=bytes_for_keys),
        partial(small_files.cifar10_pickled, dumps=pickle.dumps),
    ],
    ids=["binary", "Python 2", "bytes for keys", "Python 3"],
)
def test_both_formats_in_any_order_give_the_same_parts(write, tmp_path):
    release = small_files.cifar10_release(ALL)
    small_files.cifar10_binary(tmp_path / "one", ALL)
    write(tmp_path / "other", shuffled(ALL))
    one, other = (read_cifar(tmp_path / name, release) for name in ("one", "other"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("write", [small_files.cifar10_binary, small_files.cifar10_pickled])
@pytest.mark.parametrize(
    ("name", "part"), [("data_batch_3", "train"), ("test_batch", "test")], ids=["train", "test"]
)
@pytest.mark.parametrize("place", [(0, 0), (7, 1234)], ids=["label", "pixel"])
def test_one_wrong_byte_is_noticed(write, name, part, place, tmp_path):
    batches = ALL | {name: ALL[name].copy()}
    batches[name][place] ^= 1
    write(tmp_path, batches)
    with pytest.raises(mwt.UsageError, match=f"the {part} part .*content differs.*remove"):
        read(tmp_path, small_files.cifar10_release(ALL))


@pytest.mark.parametrize("write", [small_files.cifar10_binary, small_files.cifar10_pickled])
@pytest.mark.parametrize("rows", [slice(19), [*range(20), 0]], ids=["less", "more"])
def test_another_number_of_images_is_noticed(write, rows, tmp_path):
    write(tmp_path, ALL | {"data_batch_5": ALL["data_batch_5"][rows]})
    with pytest.raises(mwt.UsageError, match=r"train part .*data_batch_5.* not 61,460.*remove"):
        read(tmp_path, small_files.cifar10_release(ALL))


@pytest.mark.parametrize(
    ("write", "name", "message"),
    [
        (small_files.cifar10_binary, "test_batch.bin", "test part .*test_batch.bin has 61,459"),
        (
            small_files.cifar10_pickled,
            "test_batch",
            "test part .*test_batch cannot be read as a pickle.*remove",
        ),
    ],
    ids=["binary", "Python"],
)
def test_a_truncated_file_is_noticed(write, name, message, tmp_path):
    file = write(tmp_path, ALL) / name
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(mwt.UsageError, match=message):
        read(tmp_path, small_files.cifar10_release(ALL))


@pytest.mark.parametrize("kept", [0, 1, 100])
@pytest.mark.parametrize("write", [small_files.cifar10_binary, small_files.cifar10_pickled])
def test_a_file_that_ends_at_once_is_noticed(write, kept, tmp_path):
    file = next(f for f in write(tmp_path, ALL).iterdir() if f.name.startswith("data_batch_4"))
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(mwt.UsageError, match=r"train part .*data_batch_4.*remove this folder"):
        read(tmp_path, small_files.cifar10_release(ALL))


@pytest.mark.parametrize("write", [small_files.cifar10_binary, small_files.cifar10_pickled])
def test_a_file_that_is_far_too_large_is_not_read(write, tmp_path):
    file = next(f for f in write(tmp_path, ALL).iterdir() if f.name.startswith("data_batch_4"))
    os.truncate(file, 2**40)  # holes, which take no room on the disk
    with pytest.raises(mwt.UsageError, match=r"data_batch_4\S* has 1,099,511,627,776 bytes, not "):
        read(tmp_path, small_files.cifar10_release(ALL))


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (small_files.cifar10_binary, "data_batch_2.bin"),
        (small_files.cifar10_pickled, "data_batch_2"),
    ],
    ids=["binary", "Python"],
)
def test_a_missing_file_is_noticed(write, name, tmp_path):
    (write(tmp_path, ALL) / name).unlink()
    with pytest.raises(mwt.UsageError, match=f"train part .*{name} is missing.*remove"):
        read(tmp_path, small_files.cifar10_release(ALL))


@pytest.mark.parametrize("value", [[1, 2], {"labels": [1]}, {"labels": ["x"], "data": [[1]]}])
def test_a_pickle_of_something_else_is_refused(value, tmp_path):
    folder = small_files.cifar10_pickled(tmp_path, ALL)
    (folder / "test_batch").write_bytes(pickle.dumps(value))
    with pytest.raises(mwt.UsageError, match=r"test part .*no labels and data"):
        read(tmp_path, small_files.cifar10_release(ALL))


class Hostile:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (open, (str(self.trace), "w"))


def test_a_pickle_that_would_run_code_is_refused_and_never_runs(tmp_path):
    folder, trace = small_files.cifar10_pickled(tmp_path, ALL), tmp_path / "trace"
    content = {"labels": [0], "data": np.zeros((1, 3072), np.uint8), "more": Hostile(trace)}
    (folder / "data_batch_1").write_bytes(pickle.dumps(content))
    with pytest.raises(mwt.UsageError, match=r"train part .*io\.open, which is never loaded"):
        read(tmp_path, small_files.cifar10_release(ALL))
    assert not trace.exists()


def member(name, size=0, kind=tarfile.REGTYPE, target=""):
    found = tarfile.TarInfo(name)
    found.size, found.type, found.linkname = size, kind, target
    return found


@pytest.mark.parametrize(
    "odd",
    [
        member("../outside.bin", 4),
        member("cifar-10-batches-bin/../../outside.bin", 4),
        member("/tmp/outside.bin", 4),
        member("cifar-10-batches-bin/test_batch.bin", kind=tarfile.SYMTYPE, target="/etc/passwd"),
        member("cifar-10-batches-bin/test_batch.bin", kind=tarfile.LNKTYPE, target="../outside"),
        member("cifar-10-batches-bin/more", kind=tarfile.DIRTYPE),
        member("cifar-10-batches-bin/test_batch.bin", 4),
        None,
    ],
    ids=["..", "inner ..", "absolute", "symlink", "hard link", "folder", "size", "missing"],
)
def test_an_archive_with_anything_odd_is_refused_and_nothing_is_written(odd, tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    archive = root / "cifar-10-binary.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(member("cifar-10-batches-bin", kind=tarfile.DIRTYPE))
        for name in ("data_batch_1", "readme"):
            tar.addfile(
                member(f"cifar-10-batches-bin/{name}.bin", ALL["test_batch"].size),
                io.BytesIO(ALL["test_batch"].tobytes()),
            )
        if odd is not None:
            tar.addfile(odd, io.BytesIO(bytes(odd.size)))
    digest = hashlib.md5(archive.read_bytes()).hexdigest()
    name = "no data_batch_2.bin, " if odd is None else odd.name
    with pytest.raises(mwt.UsageError, match=f"holds {name}.*remove it"):
        read(root, small_files.cifar10_release(ALL, digest))
    assert {path.name for path in root.iterdir()} <= {archive.name, ".lock"}
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert odd is None or not Path(odd.name).is_absolute() or not Path(odd.name).exists()


def test_without_network_the_message_says_which_file_to_put_where(tmp_path):
    with pytest.raises(mwt.UsageError, match=r"no network.*put cifar-10-binary.tar.gz .*there"):
        mwt.data.load("cifar10", root=tmp_path)


def test_a_damaged_archive_is_not_unpacked(tmp_path):
    release = small_files.cifar10_archive(tmp_path, ALL)
    archive = tmp_path / "cifar-10-binary.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-100])
    with pytest.raises(mwt.UsageError, match=f"put cifar-10-binary.tar.gz .*{release.archive_md5}"):
        read(tmp_path, release)
    assert not (tmp_path / "cifar-10-batches-bin").exists()


def test_nothing_is_written_beside_data_that_are_there(tmp_path):
    small_files.cifar10_binary(tmp_path, ALL)
    before = sorted(tmp_path.rglob("*"))
    read(tmp_path, small_files.cifar10_release(ALL))
    assert sorted(tmp_path.rglob("*")) == before
