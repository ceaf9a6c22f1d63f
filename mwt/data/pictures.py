"""Image files as tensors: channels and size, pixels, mean and standard deviation."""

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from ..support.errors import UsageError, printable
from ..support.progress import progress
from .depth import check_cut, greatest, greatest_kept, in_bytes, is_cut, is_deep, white_of

GREY = ("1", "L", "LA")  # Pillow's names
LARGE = 2**24  # pixels; of larger pictures one is decoded at a time, to bound the memory
ONE_LARGE = Lock()
ORIENTATION = 0x0112  # the EXIF tag that says how the camera was held
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Form:
    """What all pictures of a folder become.

    Attributes
    ----------
    channels, side
        The shape ``(channels, side, side)`` of each.
    white
        The value that becomes 255, in files of more than 8 bits.
    """

    channels: int
    side: int
    white: int


def survey(path: Path, files: Sequence[Path], size: int | None) -> Form:
    """Return what the pictures shall become; those of more than 8 bits are read for it."""
    sizes: Counter[tuple[int, int]] = Counter()
    grey, deep = True, 0
    cut: dict[Path, int] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # they are refused
        for file in progress(f"surveying {printable(path.name)}", files):
            with opened(file) as image:
                sizes[image.size] += 1
                grey &= image.mode in GREY or is_deep(image)
                if is_deep(image):
                    deep = max(deep, greatest(image))
                elif is_cut(image):
                    cut[file] = greatest_kept(image)
    for file in cut:
        with naming(file):
            check_cut(max(cut.values()))
    width, height = next(iter(sizes))
    if size is None and (len(sizes) > 1 or width != height):
        common = ", ".join(f"{w} x {h}" for (w, h), _ in sizes.most_common(3))
        more = f" and {len(sizes) - 3} more" if len(sizes) > 3 else ""
        raise UsageError(
            f"{printable(path)} has images of {common}{more} pixels: pass size=..., the side of "
            "the square that all become, such as size=64."
        )
    return Form(1 if grey else 3, size or width, white_of(deep))


def image_tensor(path: Path, files: Sequence[Path], form: Form) -> Tensor:
    """Return images as a tensor ``(N, channels, side, side)`` uint8."""
    images = torch.empty(len(files), form.channels, form.side, form.side, dtype=torch.uint8)

    def read(number: int) -> None:
        images[number] = pixels(files[number], form)

    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(read, number) for number in range(len(files))]
        try:
            for one in progress(f"reading {printable(path.name)}", waiting):
                one.result()
        except UsageError:
            pool.shutdown(cancel_futures=True)
            raise
    return images


def pixels(file: Path, form: Form) -> Tensor:
    """Return one image as a tensor ``(channels, side, side)`` uint8."""
    with opened(file) as image:
        if image.mode == "F":
            raise ValueError("its pixels are floating-point numbers")
        with ONE_LARGE if image.width * image.height > LARGE else nullcontext():
            turned = upright(image)
            if is_deep(image):
                turned = in_bytes(turned, form.white)
            turned = turned.convert("L" if form.channels == 1 else "RGB")
            square = ImageOps.fit(turned, (form.side, form.side))
    shape = (form.side, form.side, form.channels)
    return torch.from_numpy(np.array(square)).view(shape).permute(2, 0, 1)


def upright(image: Image.Image) -> Image.Image:
    """Return the image as the camera was held; EXIF data that cannot be read are passed over.

    Pillow's `exif_transpose` also writes the EXIF data again, which fails for one wrong entry.
    """
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # Pillow fails in as many ways as EXIF data can be wrong
        turn = None
    return image if turn is None else image.transpose(turn)


@contextmanager
def opened(file: Path) -> Iterator[Image.Image]:
    """Open an image that is not too large; whatever is wrong with it becomes one sentence."""
    with naming(file), Image.open(file) as image:
        most = Image.MAX_IMAGE_PIXELS
        if most and image.width * image.height > most:
            raise ValueError(
                f"it says that it has {image.width:,} x {image.height:,} pixels, and at most "
                f"PIL.Image.MAX_IMAGE_PIXELS = {most:,} are read"
            )
        yield image


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Make one sentence, with the file's name, of whatever goes wrong in the block."""
    try:
        yield
    except Exception as error:  # Pillow fails in as many ways as files can be broken
        reason = printable(str(error).removesuffix("."))
        raise UsageError(
            f"{printable(file)} cannot be read as an image ({reason}): repair it or take it out."
        ) from error


def mean_and_std(images: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return mean and standard deviation per channel of uint8 images scaled to [0, 1].

    From counts of the 256 values: exact, and without a copy of the images as floats.
    """
    values = torch.arange(256, dtype=torch.float64) / 255
    mean, std = [], []
    for channel in images.unbind(1):
        share = channel.flatten().bincount(minlength=256).double() / channel.numel()
        mean.append(float(share @ values))
        std.append(float(share @ (values - mean[-1]).square()) ** 0.5)
    # A channel of one value would have a deviation of zero, by which images are divided.
    return tuple(mean), tuple(max(s, 1 / 255) for s in std)
