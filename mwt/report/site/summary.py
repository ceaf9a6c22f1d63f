"""``{mwt-conclusion}`` and ``{mwt-summary}``: what came out, on the front page.

The profile that is nearest to the paper in sentences, then with its figure and its table; a line on
each other one.
"""

import html

from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx

from ...results.tidy import select
from ...study import parameters
from ...study.profiles import PAPER
from .. import figures, tables
from ..tables import outcome
from .directives import ResultsDirective
from .origin import figure_node
from .shown import Shown


class Conclusion(ResultsDirective):
    """How the paper fares, in a few sentences."""

    def run(self) -> list[nodes.Node]:
        """Return the first profile's sentences, and a line on each other one."""
        profiles = self.profiles()
        if not profiles:
            return []
        lines = [in_short(profiles[0]), *map(second, profiles[1:])]
        return self.parse_text_to_nodes("\n\n".join(lines))


class Summary(ResultsDirective):
    """The front page's figure and table, of the first profile."""

    def run(self) -> list[nodes.Node]:
        """Return the threshold study, what was run, and the numbers."""
        return [node for one in self.profiles()[:1] for node in self.nodes_of(one)]

    def nodes_of(self, one: Shown) -> list[nodes.Node]:
        """Return figure and tables."""
        model, dataset = one.first
        rows = select(one.results, model=model, dataset=dataset)
        made = [made for made in one.networks.get(one.first, []) if made.source == "rq4"]
        about = html.escape(f"Profile {one.name}. {one.study.about}")
        parts = [
            HTML(f'<p class="mwt-banner">{about}</p>'),
            tables.summary(one.results, one.study),
            tables.findings(one.results, one.study),
        ]
        found = [figure_node(part) for part in parts]
        if made:
            found.insert(0, figure_node(figures.threshold_study(rows, one.study), made[0]))
        return found


def in_short(one: Shown) -> str:
    """Return a few sentences of Markdown on how the paper fares."""
    claims = (
        f"**{one.data}**, {one.settings}, {one.seeds}: of the paper's {len(one.findings)} "
        f"[claims](/claims) {outcome.fared(one.findings)}. {outcome.exceptions(one.findings)}"
    )
    numbers = [
        outcome.accuracy_lost(one.results, one.study),
        outcome.at_operating_point(one.results, one.study),
    ]
    if any("(paper: " in sentence for sentence in numbers):
        paper = parameters.read({"profile": PAPER}).config
        numbers.append(
            f"The numbers after “paper:” are for full width and {paper.epochs} epochs, and come "
            "[from a third party's table](/paper)."
        )
    return "\n\n".join([claims, " ".join(filter(None, numbers))])


def second(one: Shown) -> str:
    """Return a line of Markdown on a profile that is not the first."""
    return (
        f"Second, **{one.data}** (profile {one.name}: {one.settings}, {one.seeds}): of the same "
        f"{len(one.findings)} claims {outcome.fared(one.findings)}. Every page shows these "
        "numbers, too."
    )


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("mwt-conclusion", Conclusion)
    app.add_directive("mwt-summary", Summary)
