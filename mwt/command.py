"""What the programs of the command line have in common: usage, and mistakes in one sentence."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable

from .errors import UsageError


def run(main: Callable[..., int | None], usage: str) -> None:
    """Call a program with the words of the command line, and exit with what it returns.

    Parameters
    ----------
    main
        Takes the words as its arguments; returns the exit status, None for 0.
    usage
        What is printed where their number is wrong.
    """
    words = sys.argv[1:]
    try:
        inspect.signature(main).bind(*words)
    except TypeError:
        sys.exit(f"usage: {usage}")
    try:
        sys.exit(main(*words))
    except (UsageError, FileNotFoundError) as error:
        sys.exit(str(error))
