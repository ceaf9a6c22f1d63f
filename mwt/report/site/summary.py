"""``{mwt-summary}``: what came out, on the front page.

The profile that is nearest to the paper in sentences, with its table and its figure; a line on
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
from ..style import display_name
from ..tables import outcome
from .directives import ResultsDirective
from .origin import figure_node
from .shown import Shown


class Summary(ResultsDirective):
    """The front page's findings, table and figure."""

    def run(self) -> list[nodes.Node]:
        """Return the first profile at length, the others in a line each."""
        profiles = self.profiles()
        if not profiles:
            return []
        first, *others = profiles
        lines = [second(one) for one in others]
        return [*self.at_length(first), *self.parse_text_to_nodes("\n\n".join(lines))]

    def at_length(self, one: Shown) -> list[nodes.Node]:
        """Return what came out in words, what was run, the numbers, and the threshold study."""
        model, dataset = one.first
        found = self.parse_text_to_nodes(in_short(one))
        about = html.escape(f"Profile {one.name}. {one.study.about}")
        found.append(figure_node(HTML(f'<p class="mwt-banner">{about}</p>')))
        found.append(figure_node(tables.summary(one.results, one.study)))
        found.append(figure_node(tables.findings(one.results, one.study)))
        rows = select(one.results, model=model, dataset=dataset)
        made = [made for made in one.networks.get(one.first, []) if made.source == "rq4"]
        if made:
            found.append(figure_node(figures.threshold_study(rows, one.study), made[0]))
        return found


def in_short(one: Shown) -> str:
    """Return a few sentences of Markdown on how the paper fares."""
    claims = (
        f"**{one.data}**, {one.settings}, {one.seeds}: of the paper's {len(one.findings)} "
        f"[claims](/claims) {outcome.fared(one.findings)}."
    )
    numbers = [
        outcome.accuracy_lost(one.results, one.study),
        outcome.at_operating_point(one.results, one.study),
    ]
    if any("(paper: " in sentence for sentence in numbers):
        paper = parameters.read({"profile": PAPER}).config
        numbers.append(
            f"In brackets [the paper's](/paper), of width {paper.width:g} and {paper.epochs} "
            "epochs."
        )
    return f"{claims}\n\n{' '.join(filter(None, numbers))}"


def second(one: Shown) -> str:
    """Return a line of Markdown on a profile that is not the first, and where its pages are."""
    model = display_name(one.first[0])
    made = one.networks.get(one.first, [])
    pages = "".join(
        f"; its pages begin with [{model}'s training](/results/{one.name}/{first.path.stem})"
        for first in made[:1]
    )
    return (
        f"Second, **{one.data}** (profile {one.name}: {one.settings}, {one.seeds}): of the same "
        f"{len(one.findings)} claims {outcome.fared(one.findings)}. Its verdicts stand [beside "
        f"these](/claims), its masks in [the explorer](/explorer){pages}."
    )


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-summary", Summary)
