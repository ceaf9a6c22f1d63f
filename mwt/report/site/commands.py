"""Every block of commands can be copied: also those that a directive makes."""

from docutils import nodes
from sphinx.application import Sphinx


def as_source(_app: Sphinx, doctree: nodes.document) -> None:
    """Make each block of text one that Sphinx highlights, which is where the copy button goes.

    Sphinx passes over a block whose source is not its text, as of one that no author wrote.
    """
    for block in doctree.findall(nodes.literal_block):
        if not block.rawsource:
            block.rawsource = block.astext()


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, once the directives and the other parts have made their blocks."""
    app.connect("doctree-read", as_source, priority=420)
