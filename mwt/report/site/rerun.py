"""At the end of every executed notebook: how to run it with parameters of one's own."""

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from .execution import Execution, execution

PARAMETER = re.compile(r"^(?P<name>\w+) = (?P<usual>.+?)(?:  # (?P<words>.+))?$", re.MULTILINE)

UNFOLD = '<details class="mwt-parameters"><summary>All parameters, with their values here</summary>'


def append(app: Sphinx, doctree: nodes.document) -> None:
    """Add the section to the page of an executed notebook that has parameters."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".ipynb" and execution(path).explained:
        top = next(doctree.findall(nodes.section))
        top += section(execution(path))


def section(made: Execution) -> nodes.section:
    """Return the command that made a page, and what its notebook can be told."""
    found = nodes.section(ids=[f"run-{made.path.parent.name}-{made.path.stem}"])
    found += nodes.title("", "Run this yourself")
    said = nodes.Text("The first line made this page. Add or change any parameter")
    list_below = nodes.inline(
        "", " from the list below, as in the second line", classes=["mwt-screen"]
    )  # not on paper
    found += nodes.paragraph("", "", said, list_below, nodes.Text("."))
    example = "-p " + example_of(made)
    block = nodes.literal_block("", f"{made.command}\n{made.command} {example}", language="bash")
    found += block
    listed = nodes.bullet_list()
    for match in PARAMETER.finditer(made.explained):
        item = nodes.paragraph()
        item += nodes.literal("", match["name"])
        given = made.record["parameters"].get(match["name"])
        given = match["usual"] if given in (None, [], ()) else given
        item += nodes.Text(f" = {given}" if match["words"] is None else f" = {given}: ")
        item += nodes.Text(match["words"] or "")
        listed += nodes.list_item("", item)
    found += nodes.raw("", UNFOLD, format="html")
    found += listed
    found += nodes.raw("", "</details>", format="html")
    return found


def example_of(made: Execution) -> str:
    """Return a parameter to play with that the notebook has."""
    names = {match["name"] for match in PARAMETER.finditer(made.explained)}
    return "threshold 0.7" if "threshold" in names else "epochs 10"


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, before it collects the contents of a page."""
    app.connect("doctree-read", append, priority=410)
