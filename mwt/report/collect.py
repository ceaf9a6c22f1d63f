"""``python -m mwt.report.collect FOLDER``: write its executed notebooks' ``results.csv``."""

import sys
from pathlib import Path

import nbformat
import pandas as pd

from ..files import appearing
from .record import records
from .results import COLUMNS, KEYS
from .stage import notebooks


def collected(folder: Path) -> pd.DataFrame:
    """Return the rows of all executed notebooks of a folder, each once, sorted."""
    found = [
        pd.DataFrame(record["rows"], columns=COLUMNS)
        for path in notebooks(folder)
        for record in records(nbformat.read(path, as_version=4))
    ]
    rows = pd.concat(found, ignore_index=True)
    rows = rows.astype(dict.fromkeys(("threshold", "value", "alpha", "beta"), float))
    return rows.drop_duplicates(KEYS).sort_values(KEYS, ignore_index=True)


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
