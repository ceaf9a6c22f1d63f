"""Directives that take figures and tables from the results, never typed.

Each is for every profile that the book holds under ``results/``:

``{mwt-forms}``
    Modules that need no training beside the uncut networks: accuracy, and what generators cost.
``{mwt-executions}``
    How each notebook was run.

And two that are not:

``{mwt-pdf}``
    A link to the PDF of the report, if it was made.

``{mwt-paper}``
    The paper's table with what was measured here on its data, run or not, and on other data.
"""

import html
from itertools import chain
from pathlib import Path

from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ...results.record import listed
from .. import tables
from ..order import profile_folders
from ..pdf import NAME
from .origin import figure_node
from .shown import Shown, read_profile

NO_BREAK = "\N{NON-BREAKING HYPHEN}"
IN_NAME = ("profile", "dataset", "model")  # parameters that the name of a page tells


class ResultsDirective(SphinxDirective):
    """Shows something of the profiles' results; the page is rebuilt when they change."""

    def profiles(self) -> list[Shown]:
        """Return what the book holds of each profile, those nearest to the paper first."""
        book = Path(self.env.srcdir)
        self.env.note_dependency(
            str(book / "_toc.yml")
        )  # changes when a profile is added or removed
        found = profile_folders(book / "results")
        for folder in found:
            for path in folder.glob("*.*"):  # not the published runs
                self.env.note_dependency(str(path))
        return [read_profile(folder) for folder in found]

    def run(self) -> list[nodes.Node]:
        """Return the page's nodes."""
        return [node for one in self.profiles() for node in self.nodes_of(one)]

    def nodes_of(self, one: Shown) -> list[nodes.Node]:
        """Return what to show of one profile's results."""
        raise NotImplementedError


class Forms(ResultsDirective):
    """How accurate the forms of a module are without training."""

    def nodes_of(self, one: Shown) -> list[nodes.Node]:
        """Return which profile it is, the table, and how far the best form falls short."""
        about = html.escape(f"Profile {one.name}. {one.study.about}")
        parts = [
            HTML(f'<p class="mwt-banner">{about}</p>'),
            tables.forms_table(one.results, one.study),
            tables.shortfalls(one.results, one.study),
        ]
        return [figure_node(part) for part in parts]


class Paper(ResultsDirective):
    """The paper's table; what was not measured says so."""

    def run(self) -> list[nodes.Node]:
        """Return the table, and beside it what was measured on other data."""
        measured = [
            tables.Here(
                one.name,
                one.results,
                one.study.threshold,
                {network: one.settings_of(network) for network in one.networks},
            )
            for one in self.profiles()
        ]
        return [figure_node(table) for table in tables.paper_tables(measured)]


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

    def nodes_of(self, one: Shown) -> list[nodes.Node]:
        """Return a table with a line for each notebook, and what they ran on."""
        lines = [
            "| page | other parameters | state | seconds | date (UTC) | commit |",
            "|---|---|---|--:|---|---|",
        ]
        environments: dict[str, None] = {}
        for made in chain(*one.networks.values()):
            record, page = made.record, made.path.stem
            cells = (
                f"[{page}](/results/{one.name}/{page})",
                listed({k: v for k, v in made.parameters.items() if k not in IN_NAME}),
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
    app.add_directive("mwt-forms", Forms)
    app.add_directive("mwt-executions", Executions)
    app.add_directive("mwt-paper", Paper)
    app.add_directive("mwt-pdf", Pdf)
