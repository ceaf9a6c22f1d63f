"""A Sphinx extension: pages take their figures and tables from the results, never typed.

Directives, each for every profile that the book holds under ``results/``:

``{mwt-summary}``
    The front page's figure and table.
``{mwt-executions}``
    How each notebook was run.
``{mwt-reported}``
    What others published, with its source.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .. import parameters
from . import figures, tables
from .collect import read
from .record import listed, records
from .results import select


class ResultsDirective(SphinxDirective):
    """Shows what ``content`` yields, and rebuilds the page when the results change."""

    def run(self) -> list[nodes.Node]:
        """Return the page's nodes."""
        shown = []
        for folder in sorted((Path(self.env.srcdir) / "results").glob("*")):
            for path in folder.glob("*"):
                self.env.note_dependency(str(path))
            shown += [nodes.raw("", part.data, format="html") for part in self.content_of(folder)]
        return shown

    def content_of(self, folder: Path) -> Iterator[HTML]:
        """Yield what to show of one profile's results."""
        raise NotImplementedError


class Summary(ResultsDirective):
    """The front page's figure and table."""

    def content_of(self, folder: Path) -> Iterator[HTML]:
        """Yield a line on what was run, the threshold study and one line a network."""
        results = read(folder / "results.csv")
        study = parameters.read({"profile": folder.name})
        yield HTML(f'<p class="mwt-banner">{html.escape(study.about)}</p>')
        yield tables.summary(results, study)
        yield figures.threshold_study(select(results, model=study.config.model), study)


class Executions(ResultsDirective):
    """How each notebook was run."""

    def content_of(self, folder: Path) -> Iterator[HTML]:
        """Yield a table of papermill's and the notebooks' own records."""
        rows = [execution(path, self.page()) for path in sorted(folder.glob("*.ipynb"))]
        frame = pd.DataFrame(rows).set_index("page")
        caption = f"Profile {folder.name}: every notebook as papermill ran it."
        yield HTML(tables.shown(frame, caption).data)

    def page(self) -> str:
        """Return the way from this page's folder to the book's root."""
        return "../" * self.env.docname.count("/")


def execution(path: Path, root: str) -> dict[str, Any]:
    """Return one line on an executed notebook."""
    notebook = nbformat.read(path, as_version=4)
    papermill = notebook.metadata.papermill
    record = records(notebook)[-1]
    return {
        "page": f"{path.stem} (results/{path.parent.name})",
        "state": "failed" if papermill.exception else "finished",
        "seconds": f"{papermill.duration:.1f}",
        "date": record["date"],
        "commit": record["commit"],
        "parameters": listed(papermill.parameters),
        "machine": record["machine"],
        "versions": listed(record["versions"]),
    }


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives with Sphinx."""
    app.add_directive("mwt-summary", Summary)
    app.add_directive("mwt-executions", Executions)
    app.connect("build-finished", forget_fresh)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def forget_fresh(app: Sphinx, _error: Exception | None) -> None:
    """Delete the mark of a fresh run's site; the workflow sets it after its own build."""
    (Path(app.outdir) / ".fresh").unlink(missing_ok=True)
