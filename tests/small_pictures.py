"""Folders of small pictures, and PNG files that Pillow would not write."""

import struct
import zlib

import numpy as np
from PIL import Image


def picture(file, value=None, size=(8, 8), mode="L"):
    """Write a picture of one value, or of noise that its name determines."""
    channels = {"L": (), "RGB": (3,)}.get(mode, ())
    rng = np.random.default_rng(list(str(file.name).encode(errors="surrogateescape")))
    shape = (size[1], size[0], *channels)
    array = rng.integers(0, 256, shape) if value is None else np.full(shape, value)
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array.astype(np.uint16 if mode == "I;16" else np.uint8)).save(file)


def pictures(root, mode="L", **counts):
    """Write so many pictures of each class, of which each has another content."""
    for name, count in counts.items():
        for number in range(count):
            picture(root / name / f"{name}{number:03}.png", mode=mode)
    return root


def chunk(kind, content):
    """Return a part of a PNG file: length, kind, content, checksum."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(file, array, claimed=None):
    """Write values ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)`` as PNG, of 8 or 16 bits as they are.

    ``claimed`` is the width and height that its header gives in the place of its own.
    """
    height, width = array.shape[:2]
    colour = {2: 0, 3: {3: 2, 4: 6}.get(array.shape[-1])}[array.ndim]
    size = claimed or (width, height)
    header = struct.pack(">IIBBBBB", *size, 8 * array.itemsize, colour, 0, 0, 0)
    rows = array.astype(array.dtype.newbyteorder(">")).reshape(height, -1)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
