"""What the programs of the command line have in common: `--help`, and mistakes in one sentence."""

import sys
from collections.abc import Callable
from typing import Any

import typer

from .errors import UsageError


def run(main: Callable[..., Any]) -> None:
    """Call a function with the words of the command line, as its signature and docstring say."""
    program = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    program.command()(main)
    try:
        program()
    except (UsageError, FileNotFoundError) as error:
        sys.exit(str(error))
