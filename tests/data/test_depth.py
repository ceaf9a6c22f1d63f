"""Values of more than 8 bits keep their levels, and mean the same in every picture of a folder."""

import numpy as np
import pytest
import torch
from PIL import Image
from small_pictures import picture, pictures, png

import mwt


def ramp(file, greatest, dtype=np.uint16):
    """Write 64 values from 0 to the greatest."""
    file.parent.mkdir(parents=True, exist_ok=True)
    values = np.linspace(0, greatest, 64).round().astype(dtype).reshape(8, 8)
    Image.fromarray(values).save(file)
    return torch.tensor(values.astype(np.int64))


def folder(root, greatest, dtype=np.uint16, suffix="tif"):
    for number in range(6):
        values = ramp(root / "ab"[number % 2] / f"{number}.{suffix}", greatest, dtype)
    return values


def images(path, **options):
    return torch.cat([part.images for part in mwt.data.load(path, **options)])


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("suffix", ["tif", "png"])
def test_all_levels_of_a_depth_are_spread_over_a_byte(bits, suffix, tmp_path):
    values = folder(tmp_path, 2**bits - 1, suffix=suffix)
    wanted = (values * 255 / (2**bits - 1)).round().to(torch.uint8)
    found = images(tmp_path)
    assert found.shape == (6, 1, 8, 8)
    assert all(torch.equal(image[0], wanted) for image in found)
    assert len(found.unique()) == 64


@pytest.mark.parametrize("dtype", [np.int32, np.uint16])
def test_values_of_a_byte_in_larger_numbers_stay_as_they_are(dtype, tmp_path):
    values = folder(tmp_path, 255, dtype)
    assert all(torch.equal(image[0].long(), values) for image in images(tmp_path))


def test_whole_numbers_of_32_bits(tmp_path):
    values = folder(tmp_path, 2**24 - 1, np.int32)
    wanted = (values * 255 / (2**24 - 1)).round().to(torch.uint8)
    assert torch.equal(images(tmp_path)[0, 0], wanted)


def test_pictures_of_16_bits_are_scaled_not_cut_off(tmp_path):
    for number in range(6):
        picture(tmp_path / "ab"[number % 2] / f"{number}.png", value=257 * 100, mode="I;16")
    found = images(tmp_path)
    assert found.shape[1] == 1
    assert (found == 100).all()


@pytest.mark.parametrize("bright", ["train", "test"])
def test_all_parts_of_a_folder_are_scaled_alike(bright, tmp_path):
    for part in ("train", "validation", "test"):
        for name in "ab":
            picture(tmp_path / part / name / "dark.png", value=100, mode="I;16")
    picture(tmp_path / bright / "b" / "bright.png", value=4095, mode="I;16")
    found = images(tmp_path)
    assert sorted(found[:, 0, 0, 0].tolist()) == [round(100 * 255 / 4095)] * 6 + [255]


def test_pictures_of_a_byte_beside_deeper_ones_stay_as_they_are(tmp_path):
    pictures(tmp_path, a=3, b=2)
    picture(tmp_path / "a" / "flat.png", value=77)
    picture(tmp_path / "b" / "deep.png", value=4095, mode="I;16")
    found = images(tmp_path)
    assert any((image == 77).all() for image in found)
    assert any((image == 255).all() for image in found)


def refusal(path):
    with pytest.raises(mwt.UsageError) as error:
        mwt.data.load(path)
    return str(error.value)


def test_values_below_zero_are_refused(tmp_path):
    folder(tmp_path, 255, np.int32)
    ramp(tmp_path / "a" / "0.tif", -1024, np.int32)
    assert refusal(tmp_path) == (
        f"{tmp_path / 'a' / '0.tif'} cannot be read as an image (its values go down to -1024, and "
        "black is 0): repair it or take it out."
    )


def test_floating_point_numbers_are_refused(tmp_path):
    folder(tmp_path, 255, np.float32)
    assert "its pixels are floating-point numbers" in refusal(tmp_path)


@pytest.mark.parametrize("channels", [3, 4])
def test_colours_of_16_bits_are_read_or_refused_if_few_levels_are_left(channels, tmp_path):
    values = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8, 1).repeat(channels, 2)
    for number in range(6):
        png(tmp_path / "ab"[number % 2] / f"{number}.png", values)
    found = images(tmp_path)
    assert found.shape == (6, 3, 8, 8)
    assert torch.equal(found[0, 0], torch.tensor(values[:, :, 0].astype(np.int64) >> 8).byte())
    few = values >> 4
    few[:, :, 3:] = 65535  # how opaque it is does not count
    for number in range(6):
        png(tmp_path / "ab"[number % 2] / f"{number}.png", few)
    assert "Pillow reads the upper 8, which are at most 15 in all such files" in refusal(tmp_path)
    png(tmp_path / "a" / "0.png", values)  # so all have 16 bits, and some are dark
    assert images(tmp_path).max() == 255
