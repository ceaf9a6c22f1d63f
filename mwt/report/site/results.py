"""Directives that take figures and tables from the results, never typed.

Each is for every profile that the book holds under ``results/``:

``{mwt-summary}``
    The front page's table and figure.
``{mwt-forms}``
    Modules that need no training beside the uncut networks: accuracy, and what generators cost.
``{mwt-executions}``
    How each notebook was run.

And two that are not:

``{mwt-pdf}``
    A link to the PDF of the report, if it was made.

``{mwt-paper}``
    The paper's table with what was measured here by the profile ``paper``, run or not.
"""

from __future__ import annotations

import html
from pathlib import Path

import pandas as pd
from docutils import nodes
from IPython.display import HTML
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ... import parameters
from ...data import short_name
from .. import figures, tables
from ..claims import Finding, judged
from ..collect import read
from ..pdf import NAME
from ..record import listed
from ..results import COLUMNS, select
from ..stage import notebooks
from ..tables.claims import verdict_counts
from .execution import execution
from .homeward import drawn

NO_BREAK = "\N{NON-BREAKING HYPHEN}"


class ResultsDirective(SphinxDirective):
    """Shows something of each profile's results; the page is rebuilt when they change."""

    def run(self) -> list[nodes.Node]:
        """Return the page's nodes."""
        shown = []
        for folder in sorted((Path(self.env.srcdir) / "results").glob("*")):
            for path in folder.glob("*.*"):  # not the published runs
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
            tables.summary(results, study),
            tables.findings(results, study),
        ]
        rq4 = folder / f"rq4-{study.config.model}-{short_name(study.config.dataset)}.ipynb"
        figure = drawn(figures.threshold_study(first, study), execution(rq4))
        banner, *words = (drawn(part) for part in parts)
        return [banner, verdicts(judged(results, study)), *words, figure]


class Forms(ResultsDirective):
    """How accurate the forms of a module are without training."""

    def nodes_of(self, folder: Path) -> list[nodes.Node]:
        """Return which profile it is, the table, and how far the best form falls short."""
        results = read(folder / "results.csv")
        study = parameters.read({"profile": folder.name})
        about = html.escape(f"Profile {study.profile}. {study.about}")
        parts = [
            HTML(f'<p class="mwt-banner">{about}</p>'),
            tables.forms(results, study),
            tables.shortfalls(results, study),
        ]
        return [drawn(part) for part in parts]


def verdicts(findings: list[Finding]) -> nodes.paragraph:
    """Return how the claims fared, with a link to their page."""
    page = pending_xref(
        "",
        nodes.inline("", "claims of the paper"),
        refdomain="std",
        reftype="doc",
        reftarget="/claims",
        refexplicit=True,
        refwarn=True,
    )
    counts = nodes.raw("", verdict_counts(findings).data, format="html")
    return nodes.paragraph(
        "",
        "",
        nodes.Text(f"{len(findings)} "),
        page,
        nodes.Text(", judged by this run: "),
        counts,
        classes=["mwt-verdicts"],
    )


class Paper(SphinxDirective):
    """The paper's table; what was not measured says so."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        file = Path(self.env.srcdir) / "results" / "paper" / "results.csv"
        self.env.note_dependency(str(file))
        results = read(file) if file.exists() else pd.DataFrame(columns=COLUMNS)
        threshold = parameters.read({"profile": "paper"}).threshold
        return [nodes.raw("", tables.paper(results, threshold).data, format="html")]


class Pdf(SphinxDirective):
    """The link to the PDF; nothing where there is none."""

    def run(self) -> list[nodes.Node]:
        """Return a paragraph with the link."""
        self.env.note_reread()  # the file may come and go without this page changing
        if not (Path(self.env.srcdir) / "_static" / NAME).exists():
            return []
        link = f'<a href="_static/{NAME}" download>The whole report as one PDF</a>'
        return [nodes.raw("", f'<p class="mwt-pdf">{link}</p>', format="html")]


class Executions(ResultsDirective):
    """How each notebook was run, from papermill's and the notebooks' own records."""

    def nodes_of(self, folder: Path) -> list[nodes.Node]:
        """Return a table with a line for each notebook, and what they ran on."""
        lines = [
            "| page | parameters | state | seconds | date (UTC) | commit |",
            "|---|---|---|--:|---|---|",
        ]
        environments: dict[str, None] = {}
        for path in notebooks(folder):
            made = execution(path)
            record = made.record
            cells = (
                f"[{path.stem}](/results/{folder.name}/{path.stem})",
                listed(made.parameters),
                "failed" if made.failed else "finished",
                f"{made.seconds:.1f}",
                record["date"].removesuffix(" UTC").replace("-", NO_BREAK),
                f"`{record['commit']}`",
            )
            lines.append(f"| {' | '.join(cells)} |")
            environments[f"On {record['machine']}, with {listed(record['versions'])}."] = None
        return self.parse_text_to_nodes("\n".join([*lines, "", *environments]))


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("mwt-summary", Summary)
    app.add_directive("mwt-forms", Forms)
    app.add_directive("mwt-executions", Executions)
    app.add_directive("mwt-paper", Paper)
    app.add_directive("mwt-pdf", Pdf)
