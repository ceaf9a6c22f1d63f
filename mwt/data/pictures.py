"""Image files as tensors: channels and size, pixels, mean and standard deviation."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from ..support.errors import UsageError
from ..support.progress import progress

GREY = ("1", "L", "LA")  # Pillow's names; those of 16 bits a pixel begin with I


def survey(path: Path, files: Sequence[Path], size: int | None) -> tuple[int, int]:
    """Return how many channels the images shall have, and their side."""
    sizes: Counter[tuple[int, int]] = Counter()
    grey = True
    for file in progress(f"surveying {path.name}", files):
        with opened(file) as image:
            sizes[image.size] += 1
            grey &= image.mode in GREY or image.mode.startswith("I")
    width, height = next(iter(sizes))
    if size is None and (len(sizes) > 1 or width != height):
        common = ", ".join(f"{w} x {h}" for (w, h), _ in sizes.most_common(3))
        more = f" and {len(sizes) - 3} more" if len(sizes) > 3 else ""
        raise UsageError(
            f"{path} has images of {common}{more} pixels: pass size=..., the side of the square "
            "that all become, such as size=64."
        )
    return 1 if grey else 3, size or width


def image_tensor(path: Path, files: Sequence[Path], channels: int, side: int) -> Tensor:
    """Return images as a tensor ``(N, channels, side, side)`` uint8."""
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(pixels, file, channels, side) for file in files]
        try:
            return torch.stack([w.result() for w in progress(f"reading {path.name}", waiting)])
        except UsageError:
            pool.shutdown(cancel_futures=True)
            raise


def pixels(file: Path, channels: int, side: int) -> Tensor:
    """Return one image as a tensor ``(channels, side, side)`` uint8."""
    with opened(file) as image:
        if image.mode == "F":
            raise ValueError("its pixels are floating-point numbers")
        upright = ImageOps.exif_transpose(image)
        if image.mode.startswith("I"):  # 16 bits, which Pillow would cut off at 255
            upright = Image.fromarray((np.asarray(upright).clip(0, 65535) / 257).astype(np.uint8))
        square = ImageOps.fit(upright.convert("L" if channels == 1 else "RGB"), (side, side))
    return torch.from_numpy(np.array(square)).view(side, side, channels).permute(2, 0, 1)


@contextmanager
def opened(file: Path) -> Iterator[Image.Image]:
    """Open an image; whatever is wrong with it becomes one sentence with its name."""
    try:
        with Image.open(file) as image:
            yield image
    except Exception as error:  # Pillow fails in as many ways as files can be broken
        raise UsageError(
            f"{file} cannot be read as an image ({error}): repair it or take it out."
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
