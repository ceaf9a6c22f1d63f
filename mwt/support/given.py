"""Networks, masks and files as callers give them: the right kind of thing, or one sentence."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from .errors import UsageError

T = TypeVar("T")


def described(value: object) -> str:
    """Return a value as a message has it: numbers and texts as they are, others by their type."""
    if isinstance(value, Tensor):
        return f"a {str(value.dtype).removeprefix('torch.')} tensor of shape {tuple(value.shape)}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    plain = isinstance(value, str | int | float | bool | None)
    return repr(value) if plain else f"a {type(value).__name__}"


def check_instance(name: str, value: object, kind: type[T], give: str) -> T:
    """Return what is of a kind, or raise a `UsageError` that says what to ``give``."""
    if not isinstance(value, kind):
        raise UsageError(f"{name} is {described(value)}: give {give}.")
    return value


def check_network(name: str, value: object) -> nn.Module:
    """Return a network, or raise a `UsageError`."""
    return check_instance(name, value, nn.Module, "a network, an instance of torch.nn.Module")


def check_masks(name: str, value: object, *dimensions: int) -> Tensor:
    """Return masks, a bool tensor with one of so many dimensions, or raise a `UsageError`."""
    right = isinstance(value, Tensor) and value.dtype == torch.bool and value.dim() in dimensions
    if not right:
        shapes = " or ".join({1: "(K,)", 2: "(N, K)"}[number] for number in dimensions)
        raise UsageError(
            f"{name}: {described(value)} is no masks: give a bool tensor of shape {shapes}, as "
            "mwt.module_masks returns."
        )
    return value  # type: ignore[return-value]


def check_file(name: str, value: object) -> Path | None:
    """Return the path of a file that may be written, None of None, or raise a `UsageError`."""
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name} is {described(value)}: give the path of a file, or None.")
    path = Path(value)
    if path.is_dir():
        raise UsageError(f"{name} {path} is a folder: give the path of a file.")
    return path


def check_folder(name: str, value: object) -> Path | None:
    """Return the path of a folder, None of None, or raise a `UsageError`."""
    if value is not None and not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name} is {described(value)}: give the path of a folder, or None.")
    path = None if value is None else Path(value)
    if path is not None and path.exists() and not path.is_dir():
        raise UsageError(f"{name} {path} is a file: give the path of a folder.")
    return path


def check_callable(name: str, value: Any) -> Callable[..., Any] | None:
    """Return a function, None of None, or raise a `UsageError`."""
    if value is not None and not callable(value):
        raise UsageError(f"{name} is {described(value)}: give a function, or None.")
    return value
