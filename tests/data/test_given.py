"""A data set in memory: what is given is turned into what is meant, or refused in one sentence."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import mwt
from mwt.data import Dataset, dataset

IMAGES = torch.arange(4 * 3 * 8 * 8).remainder(256).to(torch.uint8).view(4, 3, 8, 8)
LABELS = torch.tensor([0, 1, 3, 2])
GIVEN = {
    "images": IMAGES,
    "labels": LABELS,
    "classes": ("ant", "bee", "cat", "dog"),
    "mean": (0.5, 0.4, 0.3),
    "std": (0.25, 0.2, 0.15),
}


def made(**changes):
    return Dataset(**GIVEN | changes)


def same(one, other):
    return one.dtype == other.dtype and torch.equal(one, other)


def nan_in(images):
    found = images.float() / 255
    found[1, 2, 3, 4] = float("nan")
    return found


def test_what_is_right_is_left_as_it_is():
    data = made()
    assert data.images is IMAGES
    assert data.labels is LABELS
    assert (data.classes, data.mean, data.std, data.flip) == (*list(GIVEN.values())[2:], False)


@pytest.mark.parametrize(
    "images",
    [
        IMAGES.float() / 255,
        IMAGES.double() / 255,
        IMAGES.float(),
        IMAGES.int(),
        IMAGES.long(),
        IMAGES.numpy(),
        IMAGES.numpy().astype(np.uint16),
        (IMAGES.numpy() / 255).astype(np.float32),
    ],
    ids=["[0, 1]", "double", "0 to 255", "int32", "int64", "bytes", "uint16", "NumPy"],
)
def test_images_of_256_levels_become_bytes(images):
    assert same(made(images=images).images, IMAGES)


def test_images_of_yes_and_no_are_black_and_white():
    assert same(made(images=IMAGES > 99).images, (IMAGES > 99).byte() * 255)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_finer_images_in_0_to_1_are_kept_and_normalized_as_bytes_are(dtype):
    torch.manual_seed(0)
    images = torch.rand(4, 3, 8, 8).to(dtype)
    data = made(images=images)
    assert data.images.dtype == torch.float32
    mean, std = (torch.tensor(GIVEN[name]).view(3, 1, 1) for name in ("mean", "std"))
    wanted = (images.float() - mean) / std
    assert torch.allclose(data.normalized(data.images), wanted, atol=1e-5)
    (batch, labels), *_ = data.batches(4)
    assert torch.allclose(batch, wanted, atol=1e-5)
    assert torch.equal(labels, LABELS)
    assert next(data.shuffled_batches(4))[0].dtype == torch.float32
    card = mwt.shipping.Card.of(data)
    assert torch.allclose(card.normalized(data.images), wanted, atol=1e-5)


def test_numbers_that_leave_0_to_1_by_rounding_are_kept():
    images = torch.rand(4, 3, 8, 8)
    images[0, 0, 0, :2] = torch.tensor([-1e-7, 1 + 1e-7])
    found = made(images=images).images
    assert (found.min(), found.max()) == (0, 1)


def test_finer_images_can_be_trained_on_and_taken_apart():
    torch.manual_seed(0)
    images = torch.rand(8, 3, 8, 8)
    images[:2] /= 300  # which may not be taken for other numbers when they are alone
    data = made(images=images, labels=LABELS.repeat(2))
    assert torch.equal(replace(data, images=data.images[:2], labels=LABELS[:2]).images, images[:2])
    assert torch.equal(data.subset([3]).images, images[2::4])
    net = mwt.to_modular(mwt.models.resnet18(num_classes=4, width=0.05))
    (row,) = mwt.fit(net, data, data, epochs=1, batch_size=4, label=None)
    assert row["validation_accuracy"] == mwt.accuracy(net, data)


@pytest.mark.parametrize(
    "labels",
    [LABELS.int(), LABELS.byte(), LABELS.short(), LABELS.tolist(), LABELS.numpy().astype("u2")],
    ids=["int32", "uint8", "int16", "list", "NumPy"],
)
def test_labels_of_any_whole_numbers_become_int64(labels):
    assert same(made(labels=labels).labels, LABELS)


def test_names_and_numbers_become_tuples():
    data = made(classes=range(4), mean=torch.full((3,), 0.25), std=np.full(3, 0.5))
    assert (data.classes, data.mean, data.std) == (tuple("0123"), (0.25,) * 3, (0.5,) * 3)


OF_VALUES = (
    "give whole numbers 0 to 255, or floating-point numbers 0 to 1, without NaN, and not "
    "normalized, since the data set does that by mean and std."
)
OF_MEAN = "give a number from 0 to 1 for each of the 3 channels of images scaled to [0, 1]."
OF_STD = (
    "give a number above 0 and at most 1 for each of the 3 channels of images scaled to [0, 1]."
)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": IMAGES.float() / 255 * 2 - 1}, f"images of float32 from -1 to 1: {OF_VALUES}"),
        ({"images": IMAGES / 200}, f"images of float32 from 0 to 1.275: {OF_VALUES}"),
        ({"images": IMAGES.int() - 1}, f"images of int32 from -1 to 254: {OF_VALUES}"),
        ({"images": IMAGES.int() * 257}, f"images of int32 from 0 to 65535: {OF_VALUES}"),
        ({"images": nan_in(IMAGES)}, f"images of float32 from nan to nan: {OF_VALUES}"),
        ({"images": IMAGES / 0}, f"images of float32 from nan to nan: {OF_VALUES}"),
        (
            {"images": IMAGES[:, 0]},
            "images of shape (4, 8, 8): give (N, C, H, W) (of grey images: images[:, None]).",
        ),
        ({"images": IMAGES[0, 0]}, "images of shape (8, 8): give (N, C, H, W)."),
        ({"images": IMAGES[:, :0]}, "images of shape (4, 0, 8, 8): give (N, C, H, W)."),
        (
            {"images": IMAGES.permute(0, 2, 3, 1)},
            "images of shape (4, 8, 8, 3): give (N, C, H, W) "
            "(channels first: images.permute(0, 3, 1, 2)).",
        ),
        ({"images": "pets"}, "images of str: give a tensor, or a NumPy array of numbers."),
        (
            {"images": IMAGES.to(torch.complex64)},
            "images of complex64: give a tensor, or a NumPy array of numbers.",
        ),
        (
            {"labels": LABELS + 1},
            "labels from 1 to 4: give 0 to 3, positions in the 4 classes (count from 0: "
            "labels - 1).",
        ),
        ({"labels": -LABELS}, "labels from -3 to 0: give 0 to 3, positions in the 4 classes."),
        (
            {"classes": ("ant", "bee", "cat")},
            "labels from 0 to 3: give 0 to 2, positions in the 3 classes.",
        ),
        (
            {"labels": LABELS[:3]},
            "labels of shape (3,): give (4,), a number for each of the 4 images.",
        ),
        (
            {"labels": torch.eye(4).long()},
            "labels of shape (4, 4): give (4,), a number for each of the 4 images.",
        ),
        (
            {"labels": LABELS.float()},
            "labels of float32: give whole numbers, as by labels.long().",
        ),
        (
            {"labels": ["ant", "bee", "dog", "cat"]},
            "labels of list: give a tensor, or a NumPy array of numbers.",
        ),
        ({"classes": "abcd"}, "classes 'abcd': give a tuple of the names of the classes."),
        ({"classes": ()}, "classes (): give a tuple of the names of the classes."),
        (
            {"classes": ("ant", "bee", "ant", "dog")},
            "class 'ant' is named twice: give each class a name of its own.",
        ),
        ({"mean": (125.3, 123.0, 113.9)}, f"mean (125.3, 123.0, 113.9): {OF_MEAN}"),
        ({"mean": (0.5,)}, f"mean (0.5,): {OF_MEAN}"),
        ({"mean": 0.5}, f"mean 0.5: {OF_MEAN}"),
        ({"std": (0.2, 0.0, 0.2)}, f"std (0.2, 0.0, 0.2): {OF_STD}"),
        ({"std": (63.0, 62.1, 66.7)}, f"std (63.0, 62.1, 66.7): {OF_STD}"),
        ({"std": (float("nan"),) * 3}, f"std (nan, nan, nan): {OF_STD}"),
        ({"flip": "no"}, "flip 'no': give True or False."),
    ],
)
def test_what_is_not_clear_is_refused(changes, message):
    with pytest.raises(mwt.UsageError) as error:
        made(**changes)
    assert str(error.value) == message
    with pytest.raises(mwt.UsageError):
        replace(made(), **changes)


def test_no_images_are_a_data_set_too():
    data = made(images=IMAGES[:0].float(), labels=LABELS[:0])
    assert len(data) == 0
    assert data.images.dtype == torch.uint8


def test_parts_and_copies_are_not_checked_again(monkeypatch):
    data = made(flip=True)
    data.normalized(data.images)
    monkeypatch.setattr(dataset, "checked_images", None)
    monkeypatch.setattr(dataset, "checked_labels", None)
    for part in (data.subset([3, 1]), data.first(1), data.to("cpu")):
        assert (part.mean, part.std, part.flip) == (data.mean, data.std, True)
        assert torch.equal(part.normalized(part.images), data.normalized(part.images))
        assert len(list(part.shuffled_batches(2))) == len(part) // 2


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_training_batches_never_wait_for_the_device():
    data = made(labels=LABELS.int()).to("cuda")
    data.normalized(data.images)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for images, labels in data.shuffled_batches(2):
            assert images.device == labels.device == data.images.device
    finally:
        torch.cuda.set_sync_debug_mode("default")
