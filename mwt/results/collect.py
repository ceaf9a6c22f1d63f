"""``python -m mwt.results.collect FOLDER``: write its executed notebooks' ``results.csv``."""

from pathlib import Path

import nbformat
import pandas as pd

from ..support.command import run
from ..support.errors import UsageError
from ..support.files import atomic_write
from .executed import notebooks
from .record import records, rows_of
from .tidy import KEYS


def collected(folder: Path) -> pd.DataFrame:
    """Return the rows of all executed notebooks of a folder, each once, sorted.

    Raises
    ------
    UsageError
        If there are none, or two of them have different values for the same thing.
    """
    found = [
        rows_of(record).assign(file=str(path))
        for path in notebooks(folder)
        for record in records(nbformat.read(path, as_version=4))
    ]
    if not found:
        raise UsageError(f"{folder} holds no executed notebooks: run `make book` first.")
    rows = pd.concat(found, ignore_index=True)
    rows = rows.astype(dict.fromkeys(("threshold", "value", "alpha", "beta"), float))
    check_agreement(rows)
    rows = rows.drop(columns="file").drop_duplicates(KEYS)
    return rows.sort_values(KEYS, ignore_index=True)


def check_agreement(rows: pd.DataFrame) -> None:
    """Refuse two values for the same thing: they come from different networks."""
    first = rows.groupby(KEYS, dropna=False, sort=False)[["value", "file"]].transform("first")
    others = rows[rows["value"] != first["value"]]
    if len(others):
        one = others.iloc[0]
        key = ", ".join(f"{k} {one[k]}" for k in KEYS if not pd.isna(one[k]))
        raise UsageError(
            f"{first.loc[others.index[0], 'file']} has {first.loc[others.index[0], 'value']:g} and "
            f"{one['file']} has {one['value']:g} for the same thing ({key}): execute both again."
        )


def write_results(results: pd.DataFrame, path: Path) -> None:
    """Write results as CSV, values in full."""
    with atomic_write(path) as temporary:
        results.to_csv(temporary, index=False)


def main(folder: Path) -> None:
    """Write results.csv of the executed notebooks of a folder."""
    write_results(collected(folder), folder / "results.csv")


if __name__ == "__main__":
    run(main)
