"""Files and links that are damaged, hostile or oddly named: used, or refused in one sentence."""

import io
import os
import re
import struct

import numpy as np
import pytest
import torch
from PIL import Image
from small_pictures import picture, pictures, png

import mwt
from mwt.study.config import Config


@pytest.fixture
def pets(tmp_path):
    return pictures(tmp_path / "pets", cat=4, dog=4)


def refusal(path, **options):
    with pytest.raises(mwt.UsageError) as error:
        mwt.data.load(path, **options)
    text = str(error.value)
    text.encode()  # printable anywhere
    assert "\n" not in text
    return text


def count(path):
    return sum(len(part) for part in mwt.data.load(path))


def odd_name(folder, name=b"caf\xe9.png"):
    """Return a file's path whose name is not UTF-8."""
    return folder / os.fsdecode(name)


def test_a_picture_whose_name_is_not_utf8_is_used(pets):
    before = mwt.data.folder.folder_digest(pets)
    picture(odd_name(pets / "cat"))
    assert count(pets) == 9
    assert mwt.data.folder.folder_digest(pets) != before


def test_a_damaged_picture_whose_name_is_not_utf8_is_named(pets):
    odd_name(pets / "cat").write_bytes(b"no picture")
    assert rf"{pets}/cat/caf\xe9.png cannot be read as an image" in refusal(pets)


def test_a_class_whose_name_is_not_utf8_is_refused(pets):
    (pets / "cat").rename(odd_name(pets, b"caf\xe9"))
    assert refusal(pets) == (
        rf"the name of the class folder {pets}/caf\xe9 cannot be printed: rename it."
    )


@pytest.mark.parametrize("name", ["größe", "猫", "می‌خواهم", "a class", "🐈"])
def test_a_class_may_have_any_name_that_can_be_printed(name, pets):
    (pets / "cat").rename(pets / name)
    assert name in mwt.data.load(pets)[0].classes


def test_a_folder_whose_name_is_not_utf8_is_read_and_named_in_print(pets, tmp_path):
    moved = pets.rename(odd_name(tmp_path, b"p\xe9ts"))
    assert count(moved) == 8
    assert mwt.data.short_name(moved) == r"p\xe9ts"
    (moved / "dog").rename(moved / "val")
    (moved / "cat").rename(moved / "test")
    assert rf"{tmp_path}/p\xe9ts has the folders" in refusal(moved)


@pytest.mark.parametrize("name", ["cat/gone.png", "cat/more", "bird"])
def test_a_dead_link_is_refused_in_notebooks_too(name, pets):
    (pets / name).symlink_to(pets / "nowhere")
    said = f"{pets / name} is a link to something that is not there: repair it or take it out."
    assert refusal(pets) == said
    with pytest.raises(mwt.UsageError, match=re.escape(said)):
        Config(dataset=str(pets))
    (pets / name).unlink()
    (pets / name).symlink_to(pets / name)  # to itself
    assert refusal(pets) == said


@pytest.mark.parametrize("to", ["pets", "pets/cat", "pets/cat/old"])
def test_a_loop_of_links_is_refused(to, pets, tmp_path):
    (pets / "cat" / "old").mkdir()
    (pets / "cat" / "old" / "all").symlink_to(tmp_path / to)
    assert re.search(r"is the same folder as .*, by a link: take the link out", refusal(pets))


def test_folders_that_link_to_each_other_are_refused(pets):
    for folder, other in (("cat", "dog"), ("dog", "cat")):
        for number in range(30):  # 30 ** 30 ways to go
            (pets / folder / f"{number}").symlink_to(pets / other)
    assert "is the same folder as" in refusal(pets)


def test_a_test_part_that_is_the_training_part_is_refused(tmp_path):
    pictures(tmp_path / "train", a=3, b=3)
    (tmp_path / "test").symlink_to(tmp_path / "train")
    assert refusal(tmp_path) == (
        f"{tmp_path}/train/a is the same folder as {tmp_path}/test/a, by a link: take the link "
        "out, so that each picture is there once."
    )


def test_links_to_pictures_and_to_folders_elsewhere_are_followed(pets, tmp_path):
    pictures(tmp_path / "more", ox=3)
    (pets / "ox").symlink_to(tmp_path / "more" / "ox")
    (pets / "cat" / "one.png").symlink_to(tmp_path / "more" / "ox" / "ox000.png")
    assert count(pets) == 4 + 4 + 3 + 1


def test_what_is_no_file_is_passed_over(pets):
    os.mkfifo(pets / "cat" / "pipe.png")  # reading it would wait for ever
    (pets / "cat" / "endless.png").symlink_to("/dev/zero")
    assert count(pets) == 8
    assert mwt.data.folder.folder_digest(pets)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_what_may_not_be_read_is_named(pets):
    (pets / "cat").chmod(0)
    assert f"{pets / 'cat'} cannot be read (Permission denied)" in refusal(pets)
    (pets / "cat").chmod(0o700)


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0nonsense",
        b"Exif\0\0MM\0*\xff\xff\xff\xff",
        exif_of(6)[:20],
        exif_of(6)[:-8] + b"\xff" * 8,
        exif_of(77),
        exif_of(6).replace(b"\x01\x12\0\x03", b"\x01\x12\0\x02"),  # of text, not of a number
    ],
    ids=["no header", "far away", "truncated", "wrong end", "unknown turn", "text"],
)
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's own word on it
def test_damaged_exif_data_are_passed_over(exif, suffix, pets):
    wide = np.zeros((8, 8), np.uint8)
    wide[:, 4:] = 255
    for name in ("cat", "dog"):
        Image.fromarray(wide).save(pets / name / f"photograph.{suffix}", exif=exif, quality=100)
    images = torch.cat([part.images for part in mwt.data.load(pets)])
    found = [im for im in images if (im[:, :, 5:] > 200).all() and (im[:, :, :3] < 50).all()]
    assert len(found) == 2


def test_a_turn_is_taken_from_exif_data_that_are_wrong_elsewhere(pets):
    array = np.zeros((8, 8), np.uint8)
    array[:, 4:] = 255
    turned = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    nowhere = struct.pack(">HHII", 0x8769, 4, 1, 10**6)  # a table that is not there
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 2) + turned + nowhere + bytes(4)
    for name in ("cat", "dog"):
        Image.fromarray(array).save(pets / name / "turned.png", exif=exif)
    images = torch.cat([part.images for part in mwt.data.load(pets)])
    assert sum(bool((im[:, 4:] == 255).all() and (im[:, :4] == 0).all()) for im in images) == 2


@pytest.mark.parametrize("side", [10_000, 40_000], ids=["beyond the limit", "beyond its double"])
@pytest.mark.filterwarnings("error")
def test_a_decompression_bomb_is_refused_by_its_header(side, pets):
    png(pets / "cat" / "bomb.png", np.zeros((8, 8), np.uint8), claimed=(side, side))
    text = refusal(pets)
    assert text.startswith(f"{pets}/cat/bomb.png cannot be read as an image (")
    assert "pixels" in text
    assert "89,478,485" in text or "178956970" in text


def test_a_limit_of_ones_own_is_kept(pets, monkeypatch):
    png(pets / "cat" / "large.png", np.zeros((90, 90), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 8000)
    assert "90 x 90 pixels, and at most PIL.Image.MAX_IMAGE_PIXELS = 8,000" in refusal(pets)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert mwt.data.load(pets, size=8)[0].shape == (1, 8, 8)


def header_only(kind):
    """Return a picture of 4,500 x 4,500 pixels that ends soon after its header."""
    file = io.BytesIO()
    Image.new("RGB", (4500, 4500), "red").save(file, kind)
    return file.getvalue()[:700]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "PPM"])
def test_a_picture_that_lies_about_its_size_is_refused(kind, pets):
    (pets / "cat" / "liar.png").write_bytes(header_only(kind))
    assert f"{pets}/cat/liar.png cannot be read as an image (" in refusal(pets, size=8)


def test_a_size_for_which_there_is_no_memory_is_refused(pets):
    text = refusal(pets, size=4_000_000)
    assert re.fullmatch(
        r"8 images of 4,000,000 x 4,000,000 pixels take 128,000 GB, and this machine has \d+: give "
        "a smaller size, or fewer images.",
        text,
    )
    assert "1,797 images of 900,000 x 900,000 pixels take" in refusal("digits", size=900_000)


@pytest.mark.parametrize("name", ["x" * 5000, "~no-such-user/pets", "a\0b", "\udce9", None, 3])
def test_names_that_can_be_no_folder(name):
    assert "give the path of a folder" in refusal(name)
