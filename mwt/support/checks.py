"""Values as notebooks are given them: text that holds numbers, names of devices."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from .errors import UsageError, choose


def check_number(name: str, value: Any, kind: Any, least: float, greatest: float = math.inf) -> Any:
    """Return a number between two bounds, both allowed, or raise a `UsageError`.

    Parameters
    ----------
    name
        What it is, for the message.
    value
        The number.
    kind
        ``int``, or ``(int, float)``.
    least, greatest
        The bounds.
    """
    right = isinstance(value, kind) and not isinstance(value, bool)
    if not right or not least <= value <= greatest or math.isinf(value):
        number = "a whole number" if kind is int else "a number"
        limits = f"of at least {least}" if math.isinf(greatest) else f"from {least} to {greatest}"
        raise UsageError(f"{name} {value!r}: give {number} {limits}.")
    return value


def as_list(values: object) -> list[Any]:
    """Return a list, which the command line may give as text: ``"[0, 1]"``, ``"0,1"``, ``"0 1"``.

    Of text, the parts as text; of a single value, a list of it.
    """
    if isinstance(values, str):
        return values.strip("[]() ").replace(",", " ").split()
    return list(values) if isinstance(values, Sequence) else [values]


def numbers(values: object) -> list[Any]:
    """Return a list of numbers, which the command line may give as text: ``"0.1,0.5"``.

    Raises
    ------
    UsageError
        For text that is no number.
    """
    if not isinstance(values, str):
        return as_list(values)
    try:
        return [int(part) if part.isdecimal() else float(part) for part in as_list(values)]
    except ValueError:
        raise UsageError(f"{values!r} is no list of numbers, such as '0.1,0.5'.") from None


def check_subtask_sizes(sizes: object, num_classes: int) -> list[int]:
    """Return sizes of sub-tasks as whole numbers between 1 and the number of classes."""
    chosen = numbers(sizes)
    if not chosen:
        raise UsageError(f"no sub-task sizes: give some of 1 to {num_classes}, such as '2,3'.")
    return [check_number("sub-task size", size, int, 1, num_classes) for size in chosen]


def check_classes(classes: object, num_classes: int) -> list[int]:
    """Return the classes of a sub-task as a list of distinct integers in range.

    Accepts a list or tuple, one integer, or text such as ``"0,1,2"`` or ``"0 1 2"``.

    Raises
    ------
    UsageError
        For an empty sub-task, a class that is no number, out of range, or given twice.
    """
    parts = as_list(classes)
    allowed = f"classes are 0 to {num_classes - 1}"
    if not parts:
        raise UsageError(f"the sub-task is empty: give at least one class; {allowed}.")
    chosen: list[int] = []
    for part in parts:
        text = str(part)
        if not text.isdecimal() or int(text) >= num_classes:
            raise UsageError(f"class {text!r} does not exist: {allowed}, such as '0,1,2'.")
        if int(text) in chosen:
            raise UsageError(f"class {text} is given twice: name each class of a sub-task once.")
        chosen.append(int(text))
    return chosen


def check_loss_weights(name: str, values: object) -> list[float]:
    """Return weights of a loss, ascending, each once."""
    chosen = {float(check_number(name, value, (int, float), 0)) for value in numbers(values)}
    if not chosen:
        raise UsageError(f"no {name}: give some numbers of at least 0, such as '0.5,1.5'.")
    return sorted(chosen)


def check_bool(name: str, value: object) -> bool:
    """Return True or False, or raise a `UsageError`."""
    if not isinstance(value, bool):
        raise UsageError(f"{name} {value!r}: give True or False.")
    return value


def resolve_device(name: object) -> torch.device:
    """Return the device of a name: ``auto`` takes CUDA where it is there, else the CPU.

    Raises
    ------
    UsageError
        If the device is unknown or not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, colon, index = str(name).partition(":")
    choose("device", kind, ("auto", "cpu", "cuda"))
    if colon and (kind == "auto" or not (index.isascii() and index.isdecimal())):
        raise UsageError(f"device {str(name)!r}: give 'auto', 'cpu', 'cuda' or 'cuda:0'.")
    present = torch.cuda.device_count() if kind == "cuda" else 1
    if int(index or 0) >= present:
        raise UsageError(
            f"device {str(name)!r} is not there ({present} of that kind): use 'auto' or 'cpu'."
        )
    return torch.device(kind, int(index)) if colon else torch.device(kind)
