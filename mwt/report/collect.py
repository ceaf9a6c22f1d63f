"""``python -m mwt.report.collect FOLDER``: write its executed notebooks' ``results.csv``."""

import sys
from pathlib import Path

import pandas as pd

from ..files import appearing
from .record import collected


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
