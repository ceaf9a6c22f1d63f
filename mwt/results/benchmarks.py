"""Tables that the scripts of ``benchmarks/`` measured: CSV below lines that say how."""

from itertools import takewhile
from pathlib import Path

import pandas as pd
import torch

from ..study.provenance import commit, machine, now, versions
from ..support.files import atomic_write

MARK = "# "  # begins each line that says how the table was made


def made(device: torch.device | str = "cpu") -> dict[str, str]:
    """Return what a table of numbers depends on, in words, by name."""
    packages = ", ".join(f"{name} {version}" for name, version in versions().items())
    return {
        "date": now(),
        "commit": commit(),
        "machine": machine(torch.device(device)),
        "versions": packages,
    }


def write(path: Path, rows: pd.DataFrame, how: dict[str, str]) -> None:
    """Write a table, and how it was made in lines before it.

    Parameters
    ----------
    path
        A file; it is replaced.
    rows
        The table.
    how
        What `made` returns, and more by name.
    """
    heading = "".join(f"{MARK}{name}: {text}\n" for name, text in how.items())
    with atomic_write(path) as temporary:
        temporary.write_text(heading + rows.to_csv(index=False))


def read(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a table that `write` wrote, and how it was made."""
    lines = path.read_text().splitlines()
    heading = [one.removeprefix(MARK) for one in takewhile(lambda one: one.startswith(MARK), lines)]
    how = dict(line.split(": ", 1) for line in heading)
    return pd.read_csv(path, skiprows=len(heading)), how
