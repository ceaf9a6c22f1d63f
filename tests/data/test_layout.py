"""Which folders are parts and which are classes; nothing is left out without a word."""

import re
import warnings

import pytest
import torch
from small_pictures import picture, pictures

import mwt


def counts(path):
    return [torch.bincount(part.labels).tolist() for part in mwt.data.load(path)]


def split(root, *names, **classes):
    for name in names:
        pictures(root / name, **classes or {"a": 8, "b": 16})
    return root


def refusal(path, **options):
    with pytest.raises(mwt.UsageError) as error:
        mwt.data.load(path, **options)
    text = str(error.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    "names",
    [
        ("train", "validation", "test"),
        ("training", "testing", "valid"),
        ("Train", "Test", "Valid"),
        ("TRAIN", "TEST", "val"),
        ("Training", "Testing", "dev"),
        ("tRaIn", "tEsT", "vAlIdAtIoN"),
    ],
)
def test_parts_are_recognised_by_any_of_their_names(names, tmp_path):
    split(tmp_path, *names, a=4, b=5)
    pictures(tmp_path / names[0], a=7)
    assert counts(tmp_path) == [[7, 5], [4, 5], [4, 5]]
    assert mwt.data.class_names(tmp_path) == ("a", "b")


@pytest.mark.parametrize("names", [("training", "testing"), ("Train", "Test")])
def test_without_a_validation_part_some_training_images_become_one(names, tmp_path):
    assert counts(split(tmp_path, *names)) == [[7, 14], [1, 2], [8, 16]]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("train", "test", "val", "valid"), "test and train and val and valid"),
        (("train", "test", "Train"), "Train and test and train"),
        (("train", "training", "test"), "test and train and training"),
        (("train", "val"), "train and val"),
        (("Training", "dev"), "Training and dev"),
        (("valid",), "valid"),
    ],
)
def test_parts_that_are_there_twice_or_not_at_all_are_refused(names, said, tmp_path):
    assert refusal(split(tmp_path, *names)) == (
        f"{tmp_path} is split into {said}: give it train and test, with or without one of "
        "validation, valid, val and dev, each with the class folders in it, or put the class "
        "folders straight into it."
    )


def test_a_folder_of_pictures_beside_the_parts_is_refused(tmp_path):
    split(tmp_path, "train", "test")
    picture(tmp_path / "valid" / "1.png")  # a part without class folders
    assert "split into test and train, beside pictures in valid:" in refusal(tmp_path)
    (tmp_path / "valid").rename(tmp_path / "extra")
    assert "beside pictures in extra:" in refusal(tmp_path)
    (tmp_path / "extra" / "1.png").rename(tmp_path / "extra" / "labels.csv")
    assert counts(tmp_path) == [[7, 14], [1, 2], [8, 16]]


@pytest.mark.parametrize(
    "names", [("train", "test"), ("Training", "Testing"), ("train_images", "test_images")]
)
def test_parts_without_class_folders_are_no_classes(names, tmp_path):
    pictures(tmp_path, **dict.fromkeys(names, 5))
    said = " and ".join(sorted(names))
    assert f"has the folders {said}, which are called like parts of a split" in refusal(tmp_path)


def test_parts_of_other_names_are_no_classes(tmp_path):
    split(tmp_path, "seg_train", "seg_test")
    assert "seg_test and seg_train, which are called like parts" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["train", "Test", "dev", "testset"])
def test_a_single_class_may_be_called_like_a_part(name, tmp_path):
    assert mwt.data.load(pictures(tmp_path, bus=3, **{name: 3}))[0].classes == tuple(
        sorted(("bus", name))
    )


def test_of_many_classes_some_may_be_called_like_parts(tmp_path):
    pictures(tmp_path, bullet_train=3, test_tube=3, bus=3, flask=3)
    assert len(mwt.data.class_names(tmp_path)) == 4


def test_pictures_beside_the_class_folders_are_told_of(tmp_path):
    split(tmp_path, "train", "test")
    picture(tmp_path / "train" / "overview.png")
    with pytest.warns(UserWarning, match=r"1 pictures in .*train are left out.*: overview\.png\.$"):
        assert counts(tmp_path) == [[7, 14], [1, 2], [8, 16]]


@pytest.mark.parametrize("name", ["new.gif", "new.JFIF", "new.heic", "new.avif"])
def test_pictures_of_formats_that_are_not_read_are_told_of(name, tmp_path):
    pictures(tmp_path, a=3, b=3)
    (tmp_path / "b" / name).write_bytes(b"a picture")
    message = rf"1 pictures in .*b are left out, since their format is not read \({name}\)"
    with pytest.warns(UserWarning, match=message):
        assert counts(tmp_path) == [[1, 1]] * 3


def test_what_is_no_picture_is_passed_over_without_a_word(tmp_path):
    pictures(tmp_path, a=3, b=3)
    (tmp_path / "b" / "notes.txt").write_text("about b")
    (tmp_path / "labels.csv").write_text("a,b")
    pictures(tmp_path / "__MACOSX", a=1, b=1)
    pictures(tmp_path / ".thumbnails", a=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert counts(tmp_path) == [[1, 1]] * 3


@pytest.mark.parametrize("name", ["digits", "cifar10"])
def test_a_name_goes_before_a_folder_of_that_name(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures(tmp_path / name, cat=3, dog=3)
    for own in (f"./{name}", tmp_path / name):
        assert mwt.data.load(own)[0].classes == ("cat", "dog")
        assert mwt.data.short_name(own) == f"own-{name}"
    said = (
        f"{name!r} is the data set of that name, not the folder {name!r} in the working directory: "
        f"for the folder, give './{name}'."
    )
    with pytest.warns(UserWarning, match=re.escape(said)):
        assert mwt.data.identity.__wrapped__(name) == name


def test_the_digits_of_scikit_learn_are_loaded_with_a_word_on_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures(tmp_path / "digits", cat=3, dog=3)
    with pytest.warns(UserWarning, match=r"for the folder, give '\./digits'"):
        assert len(mwt.data.load("digits")[0].classes) == 10
