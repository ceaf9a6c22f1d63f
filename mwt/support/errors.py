"""Errors that tell the user what was given, what is allowed and what to do."""

import difflib
import os
import unicodedata
from collections.abc import Iterable


class UsageError(ValueError):
    """A mistake in what was asked for; it says what was given, what is allowed, what to do."""


class Missing(UsageError):
    """Data or weights are not where they are needed.

    Parameters
    ----------
    needed
        What is missing and what to do, without the full stop.
    asked
        What cannot be made without them, once that is known.
    """

    def __init__(self, needed: str, asked: str = "") -> None:
        super().__init__(f"{asked}: {needed}." if asked else f"{needed}.")
        self.needed = needed


class UnsupportedLayer(UsageError):
    """A `UsageError`: a network has something that cannot be made modular or cut exactly."""


def printable(name: str | os.PathLike[str]) -> str:
    r"""Return the name of a file as text that can be printed and written, whatever its bytes.

    Bytes that are not UTF-8, line breaks and the like appear as escapes: ``caf\xe9.png``.
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    breaking = ("Cc", "Zl", "Zp")  # control characters, and what ends lines and paragraphs
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in breaking else c
        for c in text
    )


def choose(kind: str, given: object, allowed: Iterable[str]) -> str:
    """Return ``given`` if it is one of ``allowed``.

    Parameters
    ----------
    kind
        What the value is, for the message: ``"model"``.
    given
        The user's value.
    allowed
        The valid values.

    Raises
    ------
    UsageError
        With the nearest valid value and the whole list.
    """
    names = sorted(allowed)
    if given in names:
        return str(given)
    near = difflib.get_close_matches(str(given).lower(), names, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UsageError(f"unknown {kind} {given!r}: {hint}Choose one of: {', '.join(names)}.")
