"""Pickles from strangers: numbers, strings, lists and NumPy arrays are read, nothing else is."""

import io
import pickle
import pickletools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .errors import UsageError

# What the pickles of arrays and numbers name, by NumPy's present and its former modules.
ADMITTED = {"numpy.ndarray", "numpy.dtype", "_codecs.encode"} | {
    f"numpy.{core}.{name}"
    for core in ("core", "_core")
    for name in ("multiarray.scalar", "multiarray._reconstruct", "numeric._frombuffer")
}
SHARED = 16  # times the size of its file, at most, that what a pickle holds takes
NUMBERS = re.compile(r"b1|[iu][1248]|f[248]|U\d{1,6}")  # NumPy's codes of types


class Refused(Exception):
    """A pickle holds something that is not admitted."""


@dataclass(eq=False)  # by identity, so that it can be the key of a dict
class Call:
    """What a pickle would call, and with what: only noted, so that nothing of it can run.

    NumPy's own types are not handed to the unpickler: a pickle may give a type a state in which
    arrays of it read and write memory that is not theirs.
    """

    name: str
    arguments: tuple[Any, ...]
    state: Any = None

    def __setstate__(self, state: Any) -> None:
        """Note the state."""
        self.state = state


@dataclass(frozen=True)
class Named:
    """Stands for one of the admitted names."""

    name: str

    def __call__(self, *arguments: Any) -> Call:
        """Note the call."""
        return Call(self.name, arguments)


class DataUnpickler(pickle.Unpickler):
    """An unpickler that finds nothing but names that stand for arrays."""

    def find_class(self, module: str, name: str) -> Named:
        """Return what stands for an admitted name; refuse others."""
        if f"{module}.{name}" not in ADMITTED:
            raise Refused(f"{module}.{name}")
        return Named(name)

    def persistent_load(self, pid: object) -> Any:
        """Refuse what lies outside of the file."""
        raise Refused(f"an object outside of the file ({pid!r})")


def check_places(content: bytes) -> None:
    """Refuse a pickle that numbers what it keeps beyond its own length.

    The unpickler would make room for all numbers up to that one: gigabytes, for a few bytes.
    """
    for code, argument, _ in pickletools.genops(content):
        if code.name.endswith("PUT") and int(str(argument)) > len(content):
            raise pickle.UnpicklingError(f"a place numbered {argument}")


def read_pickle(path: Path) -> Any:
    """Return what a pickle holds, if it is plain data.

    Parameters
    ----------
    path
        A file that holds one pickle, of any protocol, by Python 3 or 2.

    Returns
    -------
    int, float, str, bytes, list, tuple, dict or numpy.ndarray
        As it was pickled; arrays are of numbers or text. Strings of Python 2, which did not tell
        text from bytes, are text: each byte a character.

    Raises
    ------
    UsageError
        If there is no such file, it is damaged, or it holds anything else: by name, and before
        any of it could run.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}: give the folder that holds it.")
    try:
        content = path.read_bytes()
        check_places(content)
        loaded = DataUnpickler(io.BytesIO(content), encoding="latin1").load()
        return Rebuilder(SHARED * len(content)).with_arrays(loaded)
    except Refused as error:
        raise UsageError(
            f"{path} holds {error}, which is never loaded: only numbers, strings, lists and "
            "NumPy arrays of numbers are."
        ) from None
    except Exception as error:  # damaged bytes fail in as many ways as there are bytes
        raise UsageError(
            f"{path} cannot be read as a pickle ({type(error).__name__}): download it again."
        ) from None


class Rebuilder:
    """Puts arrays in the place of the calls that stand for them, up to so many values and bytes.

    A pickle may name a part again and again, and that part another: a few bytes stand for billions.
    """

    def __init__(self, most: int) -> None:
        self.left = most

    def take(self, count: int) -> None:
        """Count values or bytes, or refuse them."""
        self.left -= count
        if self.left < 0:
            raise Refused("a few parts over and over")

    def with_arrays(self, value: Any) -> Any:
        """Return a value with arrays in it."""
        self.take(1)
        if isinstance(value, Call):
            return self.rebuilt(value)
        if isinstance(value, dict):
            again = self.with_arrays
            return {again(key): again(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(self.with_arrays, value))
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str | bytes):
            self.take(len(value))
            return value
        raise Refused(f"a {type(value).__name__}")

    def rebuilt(self, call: Call) -> Any:
        """Return the array, number or bytes that a call stands for."""
        if call.name == "encode":
            content = as_bytes(call)
            self.take(len(content))
            return content
        if call.name == "_reconstruct":
            *_, shape, dtype, by_columns, content = call.state
            return self.array(content, dtype, shape, "F" if by_columns else "C")
        if call.name == "_frombuffer":
            content, dtype, shape, order = call.arguments
            return self.array(content, dtype, shape, order)
        if call.name == "scalar":
            dtype, content = call.arguments
            return self.array(content, dtype, (), "C")[()]
        raise Refused(f"numpy.{call.name}")

    def array(self, content: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
        """Return an array of bytes, after a look at its type."""
        if not isinstance(dtype, Call) or dtype.name != "dtype":
            raise Refused("an array of an unknown type")
        code, *_ = dtype.arguments
        if not isinstance(code, str) or not NUMBERS.fullmatch(code):
            raise Refused(f"an array of {code}")
        byte_order = dtype.state[1] if dtype.state else "="
        buffer = as_bytes(content)
        self.take(len(buffer))
        values = np.frombuffer(buffer, np.dtype(byte_order + code))
        return values.reshape(shape, order=order).copy()  # a copy can be written to


def as_bytes(content: Any) -> bytes:
    """Return bytes, which Python 2 and the oldest protocols write as text."""
    if isinstance(content, Call) and content.name == "encode":
        content, encoding = content.arguments
        if encoding != "latin1":
            raise Refused(f"text in {encoding}")
    if isinstance(content, str):
        return content.encode("latin1")
    if not isinstance(content, bytes | bytearray):
        raise Refused("an array of objects")
    return bytes(content)
