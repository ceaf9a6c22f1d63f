"""``python -m mwt.report.collect FOLDER``: write its executed notebooks' ``results.csv``."""

import sys
from itertools import chain
from pathlib import Path

import nbformat
import pandas as pd

from ..files import appearing
from .record import records
from .results import COLUMNS
from .stage import pages


def collected(folder: Path) -> pd.DataFrame:
    """Return the rows of all executed notebooks of a folder, each once, sorted."""
    found = [
        pd.DataFrame(record["rows"], columns=COLUMNS)
        for path in chain(*pages(folder).values())
        for record in records(nbformat.read(path, as_version=4))
    ]
    rows = pd.concat(found, ignore_index=True)
    keys = [column for column in COLUMNS if column not in ("value", "run")]
    return rows.drop_duplicates(keys).sort_values(keys, ignore_index=True)


def write(results: pd.DataFrame, path: Path) -> None:
    """Write results as CSV, values in full."""
    with appearing(path) as temporary:
        results.to_csv(temporary, index=False)


def read(path: Path) -> pd.DataFrame:
    """Read a ``results.csv``; sub-tasks and run names stay text."""
    return pd.read_csv(path, dtype={"classes": str, "run": str})


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(collected(folder), folder / "results.csv")
