"""What an executed notebook says of itself."""

import shlex
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat

from ...results.record import records
from ..style import NUMBERS

RESULTS = "results"  # of a book: a folder for each profile


@dataclass(frozen=True)
class Execution:
    """How papermill ran a notebook, and what came out.

    Attributes
    ----------
    path
        Of the executed notebook.
    parameters
        Those that papermill was given.
    seconds
        How long it ran.
    failed
        Whether a cell raised an error.
    record
        The notebook's own: commit, machine, versions, date, all parameters.
    numbers
        What each figure draws, as CSV, in the order of the figures.
    explained
        The parameters cell; empty if there is none.
    """

    path: Path
    parameters: dict[str, Any]
    seconds: float
    failed: bool
    record: dict[str, Any]
    numbers: list[str]
    explained: str

    @property
    def of_results(self) -> bool:
        """Whether it is a page of a profile's results, not a walk."""
        return self.path.parent.parent.name == RESULTS

    @property
    def folder(self) -> str:
        """The page's folder in the book."""
        name = self.path.parent.name
        return f"{RESULTS}/{name}" if self.of_results else name

    @property
    def source(self) -> str:
        """Name of the notebook in ``notebooks/``."""
        name = self.path.stem
        return name.split("-")[0] if self.of_results else f"{self.folder}/{name}"

    @property
    def command(self) -> str:
        """The command that makes it again."""
        given = " ".join(f"-p {k} {shlex.quote(str(v))}" for k, v in self.parameters.items())
        return f"papermill notebooks/{self.source}.ipynb out.ipynb {given}".strip()


def execution(path: Path) -> Execution:
    """Read an executed notebook."""
    return _execution(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _execution(path: Path, _changed: int) -> Execution:
    notebook = nbformat.read(path, as_version=4)
    papermill = notebook.metadata.papermill
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    cells = [c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    return Execution(
        path,
        dict(papermill.parameters),
        papermill.duration,
        bool(papermill.exception),
        records(notebook)[-1],
        [o["metadata"][NUMBERS] for o in outputs if NUMBERS in o.get("metadata", {})],
        cells[0] if cells else "",
    )
