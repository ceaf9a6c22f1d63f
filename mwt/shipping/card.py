"""What the receiver of a module must know about it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..data import Dataset, check_dataset
from ..data.dataset import pixel_values, shift_and_scale
from ..masking.selection import check_threshold
from ..support.errors import UsageError


@dataclass(frozen=True)
class Card:
    """What the receiver of a module must know about it.

    Attributes
    ----------
    classes
        Names of the classes, in the order of the module's outputs.
    input_shape
        ``(C, H, W)`` of one image.
    mean, std
        Per channel, of images scaled to [0, 1]: the module takes images from which the mean is
        subtracted and that are divided by the deviation (`normalized`).
    threshold
        In (0, 1], with which the kernels were chosen. None: not known.
    run
        Any name of the training that the module comes from, or None.

    Raises
    ------
    UsageError
        On construction, if a value is impossible.
    """

    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    threshold: float | None = None
    run: str | None = None

    def __post_init__(self) -> None:
        named = isinstance(self.classes, tuple | list) and len(self.classes) > 0
        if not named or not all(isinstance(name, str) for name in self.classes):
            raise UsageError(
                f"classes {self.classes!r}: give the name of each output's class, such as "
                "('cat', 'dog')."
            )
        shape = self.input_shape
        if (
            not isinstance(shape, tuple | list)
            or len(shape) != 3
            or not all(type(side) is int and side > 0 for side in shape)
        ):
            raise UsageError(f"input shape {shape!r}: give channels, height and width.")
        for name, values in (("mean", self.mean), ("std", self.std)):
            listed = isinstance(values, tuple | list) and len(values) == shape[0]
            numbers = listed and all(type(value) in (int, float) for value in values)
            if not numbers or (name == "std" and min(values) <= 0):
                above = " above 0" if name == "std" else ""
                raise UsageError(
                    f"{name} {values!r}: give a number{above} for each channel, {shape[0]} in all."
                )
        if self.threshold is not None:
            check_threshold(self.threshold)
        if not isinstance(self.run, str | None):
            raise UsageError(f"run {self.run!r}: give the name of the run, or None.")

    @classmethod
    def of(cls, data: Dataset, threshold: float | None = None, run: str | None = None) -> Card:
        """Return the card of a module made for the classes of ``data``.

        Parameters
        ----------
        data
            Any part of the data, with the module's classes in their order: ``test.subset([3, 7])``
            for a module of the classes 3 and 7.
        threshold, run
            Where the module comes from.

        Raises
        ------
        UsageError
            If ``data`` is no data set.
        """
        check_dataset("data", data)
        return cls(data.classes, data.shape, data.mean, data.std, threshold, run)

    def normalized(self, images: Tensor) -> Tensor:
        """Return images ``(N, C, H, W)``, uint8 or in [0, 1], as the module takes them, float32."""
        shift, scale = shift_and_scale(self.mean, self.std, images.device)
        return (pixel_values(images) - shift) * scale
