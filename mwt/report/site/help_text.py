"""The directive ``{mwt-help}``: what ``--help`` of the command says, never typed."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ..own.command import help_text


class Help(SphinxDirective):
    """The options of ``python -m mwt modularize``."""

    def run(self) -> list[nodes.Node]:
        """Return a block of text, which no highlighter takes for commands."""
        text = help_text()
        return [nodes.literal_block(text, text, language="none")]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-help", Help)
