"""What `Dataset` is given: turned into what it holds where it is clear how, else refused."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ..support.errors import UsageError

ROUNDING = 1e-6  # by which numbers that were computed may leave [0, 1]


def checked_images(given: object) -> Tensor:
    """Return images ``(N, C, H, W)`` as uint8 0 to 255, or float32 in [0, 1].

    Whole numbers 0 to 255 of any type become uint8, and so do floating-point numbers in [0, 1] that
    are multiples of 1/255, which takes a quarter of the memory; others in [0, 1] stay there.

    Raises
    ------
    UsageError
        For another number of dimensions, an empty image, values in another range, or NaN.
    """
    images = as_tensor("images", given)
    last = images.dim() == 4 and images.shape[3] in (1, 3) and images.shape[1] not in (1, 3)
    if images.dim() != 4 or 0 in images.shape[1:] or last:
        hint = " (of grey images: images[:, None])" if images.dim() == 3 else ""
        hint = " (channels first: images.permute(0, 3, 1, 2))" if last else hint
        raise UsageError(f"images of shape {shape(images)}: give (N, C, H, W){hint}.")
    if images.dtype == torch.uint8:
        return images
    if images.dtype == torch.bool:
        return images.to(torch.uint8) * 255
    if not images.numel():
        return images.to(torch.uint8)
    if not images.is_floating_point():
        images = images.long()
    low, high = (float(end) for end in images.aminmax())
    if images.is_floating_point() and low >= -ROUNDING and high <= 1 + ROUNDING:
        return in_255ths(images.float().clamp(0, 1))
    if low >= 0 and high <= 255 and bool((images == images.round()).all()):
        return images.to(torch.uint8)
    raise UsageError(
        f"images of {name_of(given)} from {low:g} to {high:g}: give whole numbers 0 to 255, or "
        "floating-point numbers 0 to 1, without NaN, and not normalized, since the data set does "
        "that by mean and std."
    )


def in_255ths(images: Tensor) -> Tensor:
    """Return float32 images in [0, 1] as uint8, if they are multiples of 1/255 but for rounding."""
    levels = images * 255
    whole = levels.round()
    return whole.to(torch.uint8) if bool(((levels - whole).abs() < 1e-3).all()) else images


def checked_labels(given: object, images: Tensor, classes: Sequence[str]) -> Tensor:
    """Return labels ``(N,)`` as int64, on the device of the images.

    Raises
    ------
    UsageError
        For another shape, numbers that are not whole, or labels that are no positions in
        ``classes``.
    """
    labels = as_tensor("labels", given)
    if labels.is_floating_point():
        raise UsageError(f"labels of {name_of(labels)}: give whole numbers, as by labels.long().")
    if labels.shape != (len(images),):
        raise UsageError(
            f"labels of shape {shape(labels)}: give ({len(images)},), a number for each of "
            f"the {len(images)} images."
        )
    labels = labels.to(images.device, torch.int64)
    if len(labels):
        low, high = (int(end) for end in labels.aminmax())
        if low < 0 or high >= len(classes):
            raise UsageError(
                f"labels from {low} to {high}: give 0 to {len(classes) - 1}, positions in the "
                f"{len(classes)} classes{' (count from 0: labels - 1)' if low == 1 else ''}."
            )
    return labels


def checked_classes(given: object) -> tuple[str, ...]:
    """Return the names of the classes; of numbers, their digits.

    Raises
    ------
    UsageError
        For no list, no class, or a name that is given twice.
    """
    if isinstance(given, str) or not isinstance(given, Sequence) or not len(given):
        raise UsageError(f"classes {given!r}: give a tuple of the names of the classes.")
    names = tuple(map(str, given))
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"class {twice!r} is named twice: give each class a name of its own.")
    return names


def checked_statistics(name: str, given: object, channels: int) -> tuple[float, ...]:
    """Return the mean or the standard deviation of each channel.

    Raises
    ------
    UsageError
        For another number of values than channels, or values that images scaled to [0, 1] cannot
        have: a mean outside of [0, 1], a deviation outside of (0, 1].
    """
    try:
        values = tuple(float(value) for value in given)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        values = ()
    if len(values) != channels or not all(
        0 <= value <= 1 and (name == "mean" or value > 0) for value in values
    ):
        range_of = "from 0 to 1" if name == "mean" else "above 0 and at most 1"
        raise UsageError(
            f"{name} {given!r}: give a number {range_of} for each of the {channels} channels of "
            "images scaled to [0, 1]."
        )
    return values


def as_tensor(name: str, given: object) -> Tensor:
    """Return what torch makes a tensor of real numbers of."""
    try:
        tensor = torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError):
        tensor = None
    if tensor is None or tensor.is_complex():
        raise UsageError(f"{name} of {name_of(given)}: give a tensor, or a NumPy array of numbers.")
    return tensor


def shape(tensor: Tensor) -> str:
    """Return a tensor's shape as text."""
    return str(tuple(tensor.shape))


def name_of(given: object) -> str:
    """Return the type of an array's numbers, or of what is no array."""
    return str(getattr(given, "dtype", type(given).__name__)).removeprefix("torch.")
