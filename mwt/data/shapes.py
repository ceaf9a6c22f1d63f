"""A hundred classes that are drawn, not downloaded: ten shapes in ten colours, 600 images each.

As many images, classes and pixels as CIFAR-100 has, to try what many classes ask of a study where
no such data are at hand. Classes have much in common, a shape or a colour, as real ones do.
"""

from collections.abc import Callable

import torch
from torch import Tensor

SEED = 2024
SIDE = 32
PER_CLASS = {"train": 450, "validation": 50, "test": 100}
Field = Callable[[Tensor, Tensor], Tensor]

# Below 0 inside of the shape, whose middle is at (0, 0) and which reaches out to about 0.9.
SHAPES: dict[str, Field] = {
    "disc": lambda x, y: x.hypot(y) - 0.8,
    "ring": lambda x, y: (x.hypot(y) - 0.65).abs() - 0.2,
    "square": lambda x, y: x.abs().maximum(y.abs()) - 0.7,
    "frame": lambda x, y: (x.abs().maximum(y.abs()) - 0.6).abs() - 0.17,
    "diamond": lambda x, y: x.abs() + y.abs() - 0.9,
    "triangle": lambda x, y: (1.7 * x.abs() + 0.9 * y - 0.7).maximum(-y - 0.7),
    "plus": lambda x, y: (x.abs().minimum(y.abs()) - 0.22).maximum(x.hypot(y) - 0.9),
    "saltire": lambda x, y: ((x.abs() - y.abs()).abs() - 0.28).maximum(x.hypot(y) - 0.9),
    "hourglass": lambda x, y: (x.abs() - y.abs()).maximum(y.abs() - 0.8),
    "crescent": lambda x, y: (x.hypot(y) - 0.85).maximum(0.75 - (x - 0.45).hypot(y)),
}
COLOURS = {
    "red": (215, 50, 50),
    "orange": (240, 140, 40),
    "yellow": (235, 225, 70),
    "green": (60, 165, 70),
    "cyan": (80, 205, 215),
    "blue": (50, 80, 205),
    "purple": (140, 60, 180),
    "pink": (240, 135, 185),
    "brown": (130, 85, 50),
    "white": (235, 235, 235),
}
CLASSES = tuple(f"{colour} {shape}" for shape in SHAPES for colour in COLOURS)


def draw() -> dict[str, Tensor]:
    """Draw all images: for each part, ``(N, 3, 32, 32)`` uint8 and their labels, class by class."""
    chance = torch.Generator().manual_seed(SEED)
    arrays: dict[str, Tensor] = {}
    for part, count in PER_CLASS.items():
        of_shapes = [pictures(field, count, chance) for field in SHAPES.values()]
        arrays[f"{part}_images"] = torch.cat(of_shapes)
        arrays[f"{part}_labels"] = torch.arange(len(CLASSES)).repeat_interleave(count)
    return arrays


def pictures(field: Field, count: int, chance: torch.Generator) -> Tensor:
    """Draw a shape ``count`` times in each colour, on noise: ``(10 * count, 3, 32, 32)`` uint8.

    Place, size, turn, colour and background are random, but a turn is small, so that a square is
    no diamond.
    """
    number = len(COLOURS) * count

    def between(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(number, *shape, generator=chance)

    turn, size = between(-0.3, 0.3, 1, 1), between(0.45, 0.8, 1, 1)
    ticks = torch.linspace(-1, 1, SIDE)
    x = (ticks[None, :] - between(-0.25, 0.25, 1, 1)) / size
    y = (ticks[:, None] - between(-0.25, 0.25, 1, 1)) / size
    outside = field(x * turn.cos() + y * turn.sin(), y * turn.cos() - x * turn.sin())
    inside = torch.sigmoid(-outside * size * SIDE)[:, None]  # edges as wide as a pixel or two
    hues = torch.tensor(list(COLOURS.values())).repeat_interleave(count, dim=0)
    colour = hues[:, :, None, None] + between(-20, 20, 3, 1, 1)
    noise = 15 * torch.randn(number, 3, SIDE, SIDE, generator=chance)
    image = torch.lerp(between(20, 120, 3, 1, 1).expand(-1, -1, SIDE, SIDE), colour, inside) + noise
    return image.clamp(0, 255).round().to(torch.uint8)
