"""A Sphinx extension: pages take their figures and tables from the results, never typed.

Directives, each for every profile that the book holds under ``results/``:

``{mwt-summary}``
    The front page's table and figure.
``{mwt-executions}``
    How each notebook was run.

And one of the paper's profile alone, run or not:

``{mwt-paper}``
    The paper's table with what was measured here.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .. import parameters
from ..data import short_name
from . import figures, tables
from .collect import read
from .record import listed, records
from .results import COLUMNS, select


class ResultsDirective(SphinxDirective):
    """Shows something of each profile's results; the page is rebuilt when they change."""

    def run(self) -> list[nodes.Node]:
        """Return the page's nodes."""
        shown = []
        for folder in sorted((Path(self.env.srcdir) / "results").glob("*")):
            for path in folder.glob("*"):
                self.env.note_dependency(str(path))
            shown += self.nodes_of(folder)
        return shown

    def nodes_of(self, folder: Path) -> list[nodes.Node]:
        """Return what to show of one profile's results."""
        raise NotImplementedError


class Summary(ResultsDirective):
    """The front page's findings, table and figure."""

    def nodes_of(self, folder: Path) -> list[nodes.Node]:
        """Return what was run, what came out in words and numbers, and the threshold study."""
        results = read(folder / "results.csv")
        study = parameters.read({"profile": folder.name})
        first = select(results, model=study.config.model, dataset=short_name(study.config.dataset))
        parts = [
            HTML(f'<p class="mwt-banner">{html.escape(study.about)}</p>'),
            tables.findings(results, study),
            tables.summary(results, study),
            figures.threshold_study(first, study),
        ]
        return [nodes.raw("", part.data, format="html") for part in parts]


class Paper(SphinxDirective):
    """The paper's table; what was not measured says so."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        file = Path(self.env.srcdir) / "results" / "paper" / "results.csv"
        self.env.note_dependency(str(file))
        results = read(file) if file.exists() else pd.DataFrame(columns=COLUMNS)
        threshold = parameters.read({"profile": "paper"}).threshold
        return [nodes.raw("", tables.paper(results, threshold).data, format="html")]


class Executions(ResultsDirective):
    """How each notebook was run, from papermill's and the notebooks' own records."""

    def nodes_of(self, folder: Path) -> list[nodes.Node]:
        """Return a table with a line for each notebook, and what they ran on."""
        lines = [
            "| page | parameters | state | seconds | date | commit |",
            "|---|---|---|--:|---|---|",
        ]
        environments: dict[str, None] = {}
        for path in sorted(folder.glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            papermill, record = notebook.metadata.papermill, records(notebook)[-1]
            cells = (
                f"[{path.stem}](/results/{folder.name}/{path.stem})",
                listed(papermill.parameters),
                "failed" if papermill.exception else "finished",
                f"{papermill.duration:.1f}",
                record["date"],
                f"`{record['commit']}`",
            )
            lines.append(f"| {' | '.join(cells)} |")
            environments[f"On {record['machine']}, with {listed(record['versions'])}."] = None
        return self.parse_text_to_nodes("\n".join([*lines, "", *environments]))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives with Sphinx."""
    app.add_directive("mwt-summary", Summary)
    app.add_directive("mwt-executions", Executions)
    app.add_directive("mwt-paper", Paper)
    app.connect("build-finished", forget_fresh)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def forget_fresh(app: Sphinx, _error: Exception | None) -> None:
    """Delete the mark of a fresh run's site; the workflow sets it after its own build."""
    (Path(app.outdir) / ".fresh").unlink(missing_ok=True)
