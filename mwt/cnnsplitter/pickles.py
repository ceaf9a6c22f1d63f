"""Pickles from strangers: numbers, strings, lists and NumPy arrays are read, nothing else is."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError

# What NumPy's own pickles name, by its present and its former modules. None of it takes a function.
ADMITTED = {
    (module, name)
    for module in ("numpy.core.multiarray", "numpy._core.multiarray")
    for name in ("_reconstruct", "scalar")
} | {("numpy", "ndarray"), ("numpy", "dtype")}
ADMITTED |= {(module, "_frombuffer") for module in ("numpy.core.numeric", "numpy._core.numeric")}


class Refused(Exception):
    """A pickle named something that is not admitted."""


def latin1(text: Any, encoding: Any = "latin1") -> bytes:
    """Return text as the bytes that it stands for."""
    if not isinstance(text, str) or encoding != "latin1":
        raise Refused("_codecs.encode of something else than bytes")
    return text.encode("latin1")


class DataUnpickler(pickle.Unpickler):
    """An unpickler that finds nothing but what makes arrays."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the admitted things, or refuse it before it can run."""
        if (module, name) == ("_codecs", "encode"):
            return latin1  # how the oldest protocols write bytes
        if (module, name) not in ADMITTED:
            raise Refused(f"{module}.{name}")
        return super().find_class(module, name)

    def persistent_load(self, pid: object) -> Any:
        """Refuse what lies outside of the file."""
        raise Refused(f"an object outside of the file ({pid!r})")


def read(path: Path) -> Any:
    """Return what a pickle holds, if it is plain data.

    Parameters
    ----------
    path
        A ``.pkl`` file.

    Returns
    -------
    int, float, str, list, tuple, dict or numpy.ndarray
        As it was pickled; arrays are of numbers.

    Raises
    ------
    UsageError
        If there is no such file, it is damaged, or it holds anything else: by name, and before
        any of it could run.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}: give the folder of CNNSplitter's download.")
    refused = None
    try:
        with path.open("rb") as file:
            content = DataUnpickler(file).load()
        refused = foreign(content)
    except Refused as error:
        refused = str(error)
    except Exception as error:  # damaged bytes fail in as many ways as there are bytes
        raise UsageError(
            f"{path} cannot be read as a pickle ({type(error).__name__}): download it again."
        ) from None
    if refused:
        raise UsageError(
            f"{path} holds {refused}, which is never loaded: only numbers, strings, lists and "
            "NumPy arrays of numbers are."
        )
    return content


def foreign(value: Any) -> str | None:
    """Return the name of the first thing that is no plain data, or None."""
    if isinstance(value, np.ndarray):
        return None if value.dtype.kind in "biufU" else f"an array of {value.dtype}"
    if isinstance(value, dict):
        return next(filter(None, (foreign(v) for pair in value.items() for v in pair)), None)
    if isinstance(value, list | tuple):
        return next(filter(None, map(foreign, value)), None)
    if value is None or isinstance(value, bool | int | float | str | np.number | np.bool_):
        return None
    return f"a {type(value).__name__}"
