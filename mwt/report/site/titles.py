"""The title of an executed notebook's page names the network, so that no two pages are alike."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from ...data import short_name
from ...profiles import load_profile
from ..style import written
from .execution import Execution, execution


def complete(app: Sphinx, doctree: nodes.document) -> None:
    """Append the network to the title, which search, links and the contents then show."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".ipynb":
        title = next(doctree.findall(nodes.title))
        title += nodes.Text(f" ({network(execution(path))})")


def network(made: Execution) -> str:
    """Return the network of a notebook; with its data set, if its profile has several."""
    given = made.record["parameters"]
    model = written(given["model"])
    several = len(load_profile(given["profile"])["datasets"]) > 1
    return f"{model} on {written(short_name(given['dataset']))}" if several else model


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, before it collects the titles of the pages."""
    app.connect("doctree-read", complete, priority=400)
