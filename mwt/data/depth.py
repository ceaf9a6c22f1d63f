"""Pictures of more than 8 bits a value: how bright white is, for all pictures of a folder alike."""

import numpy as np
from PIL import Image

BITS = (8, 10, 12, 14, 16, 24, 32)  # what sensors and files have


def is_deep(image: Image.Image) -> bool:
    """Tell whether Pillow gives whole numbers beyond 255."""
    return image.mode.startswith("I")


def greatest(image: Image.Image) -> int:
    """Return the greatest value of a deep picture.

    Raises
    ------
    ValueError
        If a value is below 0.
    """
    values = np.asarray(image)
    if values.min() < 0:
        raise ValueError(f"its values go down to {values.min()}, and black is 0")
    return int(values.max())


def white_of(brightest: int) -> int:
    """Return the greatest value that the smallest depth has which holds the brightest one."""
    return next(2**bits - 1 for bits in BITS if brightest < 2**bits)


def in_bytes(image: Image.Image, white: int) -> Image.Image:
    """Return a deep picture with its values 0 to ``white`` as 0 to 255, rounded."""
    values = np.asarray(image).astype(np.int64)
    return Image.fromarray(((values * 255 + white // 2) // white).astype(np.uint8))


def is_cut(image: Image.Image) -> bool:
    """Tell whether Pillow keeps the upper 8 bits of a file's 16, as it does of colours.

    To be asked before the picture's values are.
    """
    return not is_deep(image) and ";16" in str(getattr(image, "tile", ""))


def greatest_kept(image: Image.Image) -> int:
    """Return the greatest value of a picture's colours, 0 to 255."""
    histogram = np.reshape(image.histogram(), (-1, 256))
    colours = [row for band, row in zip(image.getbands(), histogram, strict=True) if band != "A"]
    return int(np.flatnonzero(np.sum(colours, axis=0))[-1])


def check_cut(brightest: int) -> None:
    """Refuse pictures cut to their upper 8 bits whose values are those of 14 bits or fewer.

    Raises
    ------
    ValueError
        If what is left of their values is no more than 63 in any of them.
    """
    if brightest < 64:
        raise ValueError(
            f"of its colours of 16 bits Pillow reads the upper 8, which are at most {brightest} "
            "in all such files: save them with 8 bits"
        )
