"""A folder of class folders becomes a data set: what is read, how it is split, what is refused."""

import re

import numpy as np
import pytest
import torch
from PIL import Image
from small_pictures import picture, pictures

import mwt


@pytest.fixture
def pets(tmp_path):
    return pictures(tmp_path / "pets", cat=20, dog=10, ant=3)


def test_each_class_is_split_70_10_20_with_at_least_one_image_in_each_part(pets):
    parts = mwt.data.load(str(pets))
    counts = [torch.bincount(part.labels, minlength=3).tolist() for part in parts]
    assert counts == [[1, 14, 7], [1, 2, 1], [1, 4, 2]]
    assert parts[0].classes == ("ant", "cat", "dog")


def test_every_image_is_in_one_part(pets):
    images = torch.cat([part.images for part in mwt.data.load(pets)]).flatten(1)
    assert len(images) == len(images.unique(dim=0)) == 33


def test_the_split_is_always_the_same_and_does_not_depend_on_other_classes(pets):
    first, again = mwt.data.load(pets), mwt.data.load(pets)
    pictures(pets, bee=5)
    more = mwt.data.load(pets)
    for a, b, c in zip(first, again, more, strict=True):
        assert torch.equal(a.images, b.images)
        assert torch.equal(a.labels, b.labels)
        assert torch.equal(a.images[a.labels == 1], c.images[c.labels == 2])
        assert a.mean == b.mean


def test_grey_if_every_image_is_grey_else_rgb(pets):
    assert mwt.data.load(pets)[0].shape == (1, 8, 8)
    picture(pets / "cat" / "colour.png", mode="RGB")
    train = mwt.data.load(pets)[0]
    assert train.shape == (3, 8, 8)
    assert len(train.mean) == len(train.std) == 3


def test_mean_and_deviation_are_those_of_the_training_part(tmp_path):
    train, _, test = mwt.data.load(pictures(tmp_path, mode="RGB", a=10, b=10))
    scaled = train.images.double() / 255
    assert torch.allclose(torch.tensor(train.mean).double(), scaled.mean(dim=(0, 2, 3)))
    std = scaled.std(dim=(0, 2, 3), correction=0)
    assert torch.allclose(torch.tensor(train.std).double(), std)
    assert test.mean == train.mean


def test_images_of_one_value_can_be_normalized(tmp_path):
    for number in range(6):
        picture(tmp_path / "ab"[number % 2] / f"{number}.png", value=7)
    train = mwt.data.load(tmp_path)[0]
    assert train.normalized(train.images).abs().max() < 1e-3


def test_a_folder_that_is_split_already_keeps_its_split(tmp_path):
    pictures(tmp_path / "train", a=16, b=8)
    pictures(tmp_path / "test", a=2, b=1)
    parts = mwt.data.load(tmp_path)
    assert [torch.bincount(p.labels).tolist() for p in parts] == [[14, 7], [2, 1], [2, 1]]
    pictures(tmp_path / "val", a=3, b=1)
    parts = mwt.data.load(tmp_path)
    assert [torch.bincount(p.labels).tolist() for p in parts] == [[16, 8], [3, 1], [2, 1]]


def test_a_class_may_be_called_train(tmp_path):
    assert mwt.data.load(pictures(tmp_path, bus=3, train=3))[0].classes == ("bus", "train")


def test_the_middle_square_is_resized(tmp_path):
    pictures(tmp_path, a=3, b=2)
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 7:23] = 200  # a little more than the middle square, since pixels are averaged
    Image.fromarray(wide).save(tmp_path / "b" / "wide.png")
    parts = mwt.data.load(tmp_path, size=5)
    images = torch.cat([part.images for part in parts])
    assert images.shape == (6, 1, 5, 5)
    assert any((image == 200).all() for image in images)


def test_images_of_that_size_are_left_as_they_are(pets):
    images = torch.cat([part.images for part in mwt.data.load(pets, size=8)])
    with Image.open(pets / "cat" / "cat007.png") as file:
        wanted = torch.as_tensor(np.array(file))
    assert any(torch.equal(image[0], wanted) for image in images)


def test_a_photograph_is_turned_as_its_camera_says(tmp_path):
    for number in range(6):
        file = tmp_path / "ab"[number % 2] / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        array = np.zeros((8, 8), np.uint8)
        array[:, 4:] = 255  # white on the right: when turned, below
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(array).save(file, exif=exif)
    images = mwt.data.load(tmp_path)[0].images
    assert (images[:, :, 4:] == 255).all()
    assert (images[:, :, :4] == 0).all()


def test_hidden_files_and_other_files_are_passed_over(pets):
    pictures(pets, **{".ipynb_checkpoints": 3})
    (pets / "cat" / "._cat000.png").write_bytes(b"not an image")
    (pets / "cat" / "notes.txt").write_text("not an image")
    (pets / "README").write_text("about pets")
    assert sum(len(part) for part in mwt.data.load(pets)) == 33


def test_mirroring_is_asked_for(pets):
    assert not mwt.data.load(pets)[0].flip
    assert mwt.data.load(pets, flip=True)[0].flip
    with pytest.raises(mwt.UsageError, match="digits has its own setting"):
        mwt.data.load("digits", flip=True)


def test_a_folder_can_be_trained_on(pets):
    train, validation, _ = mwt.data.load(pets, size=16)
    net = mwt.to_modular(mwt.models.resnet18(num_classes=3, in_channels=1, width=0.05))
    history = mwt.fit(net, train, validation, epochs=1, batch_size=8, label=None)
    assert history[0]["validation_accuracy"] == mwt.accuracy(net, validation)
    assert mwt.sample_masks(net, train).labels.tolist() == train.labels.tolist()


def refusal(path, **options):
    with pytest.raises(mwt.UsageError) as error:
        mwt.data.load(path, **options)
    return str(error.value)


def test_a_name_that_is_neither_a_data_set_nor_a_folder():
    text = refusal("nowhere/pets")
    assert "mnist5k" in text
    assert "or give the path of a folder" in text
    assert "did you mean 'cifar10'" in refusal("cifra10")


def test_an_empty_folder_and_one_of_images_only(tmp_path):
    assert re.search(rf"{tmp_path} has 0 class folders: put a folder", refusal(tmp_path))
    picture(tmp_path / "cat.png")
    assert "0 class folders" in refusal(tmp_path)


def test_one_class_is_not_enough(tmp_path):
    assert "1 class folders" in refusal(pictures(tmp_path, cat=5))


def test_a_class_with_too_few_images_is_named(pets):
    pictures(pets, yak=2)
    assert re.search(r"class 'yak' has 2 images in .*pets: give it 3 or more", refusal(pets))


def test_a_split_folder_with_too_few_images_or_other_classes(tmp_path):
    pictures(tmp_path / "train", a=1, b=2)
    assert "split into train: give it train and test" in refusal(tmp_path)
    pictures(tmp_path / "test", a=1, c=1)
    assert re.search(r"test has the class folders a, c, but .*train has a, b", refusal(tmp_path))
    (tmp_path / "test" / "c").rename(tmp_path / "test" / "b")
    assert re.search(r"class 'a' has 1 images in .*train: give it 2", refusal(tmp_path))


def test_images_of_several_sizes_need_a_size(pets):
    picture(pets / "cat" / "large.png", size=(30, 20))
    text = refusal(pets)
    assert "8 x 8, 30 x 20 pixels" in text
    assert "pass size=" in text
    assert mwt.data.load(pets, size=12)[0].shape == (1, 12, 12)


def test_images_that_are_not_square_need_a_size(tmp_path):
    for number in range(6):
        picture(tmp_path / "ab"[number % 2] / f"{number}.png", size=(8, 6))
    assert "8 x 6 pixels" in refusal(tmp_path)


@pytest.mark.parametrize("keep", [0, 30, 75])
def test_a_broken_image_is_named(pets, keep):
    file = pets / "dog" / "dog004.png"
    file.write_bytes(file.read_bytes()[:keep])
    assert re.search(r"dog004\.png cannot be read as an image .*: repair it", refusal(pets))


def test_the_fingerprint_is_of_names_and_contents_not_of_the_place(pets, tmp_path):
    first = mwt.data.folder.folder_digest(pets)
    assert re.fullmatch(r"[0-9a-f]{12}", first)
    moved = pets.rename(tmp_path / "animals")
    (moved / "notes.txt").write_text("of no account")
    assert mwt.data.folder.folder_digest(moved) == first
    (moved / "cat" / "cat000.png").rename(moved / "cat" / "cat999.png")
    renamed = mwt.data.folder.folder_digest(moved)
    picture(moved / "cat" / "cat001.png", value=3)
    assert len({first, renamed, mwt.data.folder.folder_digest(moved)}) == 3
