"""The artifact page: whose it is and under which licence, how to cite it, what it does not cover.

``{mwt-licence}``, ``{mwt-cite}``, ``{mwt-archive}``
    From ``LICENSE``, ``CITATION.cff``, the bibliography and the repository's address.
``{mwt-not-covered}``
    What the paper's profile asks for and no results of the book have.
"""

import html
from collections.abc import Iterator, Sequence
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ...results.executed import titles
from ...results.names import display_name, display_names
from ...results.rules import NOT_RUN
from ...study import parameters
from ...study.profiles import PAPER, load_profile
from ...support.files import project_root
from ..banners import search_budget
from . import about
from .about import About
from .directives import ResultsDirective
from .repository import address
from .shown import GRID, Shown


class Fact(SphinxDirective):
    """Something of the project's own files."""

    @property
    def about(self) -> About:
        """What ``CITATION.cff`` and the bibliography say; the page follows them."""
        (bibliography,) = self.config.bibtex_bibfiles
        path = Path(self.env.srcdir) / bibliography
        for file in (path, project_root() / "CITATION.cff", project_root() / "LICENSE"):
            self.env.note_dependency(str(file))
        return about.read(path)


class Licence(Fact):
    """The licence: its name, and its text folded."""

    def run(self) -> list[nodes.Node]:
        """Return a sentence and the text."""
        said = (
            f"{self.about.licence}, by {self.about.authors}: code, results and published weights."
        )
        text = html.escape((project_root() / "LICENSE").read_text())
        folded = f"<details><summary>The licence's text</summary><pre>{text}</pre></details><br>"
        return [nodes.paragraph("", said), nodes.raw("", folded, format="html")]


class Cite(Fact):
    """How to cite the paper and this companion."""

    def run(self) -> list[nodes.Node]:
        """Return two entries for a bibliography."""
        known = self.about
        found = []
        for name, entry in (
            ("The paper", known.paper.bibtex),
            ("This companion", known.bibtex(address(self.config))),
        ):
            found.append(nodes.paragraph("", f"{name}:"))
            found.append(nodes.literal_block("", entry, language="bibtex"))
        return found


class Archive(Fact):
    """Where the artifact is kept."""

    def run(self) -> list[nodes.Node]:
        """Return a list: repository and archive, or where to set them."""
        repository, doi = address(self.config), self.about.doi
        lines = [
            f"- Repository: <{repository}>"
            if repository
            else "- Repository: not met, because no address is set. Once there is one, write it "
            "into `mwt_repository:` of `_config.yml`: all pages then link to the source and to "
            "commits.",
            f"- Archive: <https://doi.org/{doi}>"
            if doi
            else "- Archive: not met, because there is no DOI. Once there is one, write it into "
            "`doi:` of `CITATION.cff`.",
        ]
        return self.parse_text_to_nodes("\n".join(lines))


class NotCovered(ResultsDirective):
    """What is missing, by the results that the book holds."""

    def run(self) -> list[nodes.Node]:
        """Return a list."""
        profiles = self.profiles()
        lines = [f"- {line}" for line in in_general(profiles)]
        for one in profiles:
            lines.append(f"- **{one.data}** (profile {one.name}):")
            lines += [f"  - {line}" for line in of_profile(one)]
        return self.parse_text_to_nodes("\n".join(lines))


def in_general(profiles: Sequence[Shown]) -> Iterator[str]:
    """Yield in Markdown what no profile of the book has."""
    paper = load_profile(PAPER)
    if PAPER not in [one.name for one in profiles]:
        config = parameters.read({"profile": PAPER}).config
        yield (
            f"The profile `{PAPER}`, the paper's own settings (width {config.width:g}, "
            f"{config.epochs} epochs), has not been run."
        )
    held = {dataset for one in profiles for dataset in one.results["dataset"]}
    for dataset in paper["datasets"]:
        if dataset not in held:
            yield f"{display_name(dataset)}, a part of the paper's data: nothing was trained on it."
    reached = {f.claim.id for one in profiles for f in one.findings if f.verdict != NOT_RUN}
    for finding in profiles[0].findings if profiles else []:
        if finding.claim.id not in reached:
            yield f"“{finding.claim.title}” is judged by no profile."


def of_profile(one: Shown) -> Iterator[str]:
    """Yield in Markdown what a profile has less of than the paper's."""
    paper, here = load_profile(PAPER), load_profile(one.name)
    wanted, seeds = len(paper["seeds"]), one.results["seed"].nunique()
    if seeds < wanted:
        yield f"{seeds} seed{'' if seeds == 1 else 's'}; the profile `{PAPER}` has {wanted}."
    for finding in one.findings:
        if finding.verdict == NOT_RUN:
            yield f"“{finding.claim.title}” was not judged: {finding.decides.lacks}."
    for notebook, title in titles().items():
        if "models" not in paper.get(notebook, ()):
            continue
        missing = [m for m in paper[notebook]["models"] if m not in here[notebook]["models"]]
        if missing:
            yield f"{title}: not run for {display_names(missing)}."
    sizes = here["worth"]["small"]
    if sizes is not True:
        yield (
            f"{titles()['worth']}: small networks were trained for sub-tasks of "
            f"{', '.join(map(str, sizes))} classes only."
        )
    if GRID in {made.source for some in one.networks.values() for made in some}:
        small = parameters.read({"profile": one.name}, grid=True).config
        yield (
            f"{titles()[GRID]}: varied on a {display_name(small.model)} of width {small.width:g} "
            f"for {small.epochs} epochs, which is not the network of the other pages."
        )
    if one.study.search:
        yield search_budget(one.study)


def setup(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("mwt-licence", Licence)
    app.add_directive("mwt-cite", Cite)
    app.add_directive("mwt-archive", Archive)
    app.add_directive("mwt-not-covered", NotCovered)
