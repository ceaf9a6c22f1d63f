"""The title of an executed notebook's page names the network, so that no two pages are alike."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from ...results.executed import pages
from ...results.names import display_name
from ..order import profile_folders
from .execution import RESULTS


def name_network(app: Sphinx, doctree: nodes.document) -> None:
    """Append the network to the title, which search, links and the contents then show."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix == ".ipynb" and path.parent.parent.name == RESULTS:
        book = Path(app.srcdir)
        app.env.note_dependency(
            str(book / "_toc.yml")
        )  # changes when a profile is added or removed
        title = next(doctree.findall(nodes.title))
        title += nodes.Text(f" ({title_suffix(path, book)})")


def title_suffix(path: Path, book: Path) -> str:
    """Return whose page it is: as much of network, data set and profile as tells it from others."""
    _, model, dataset = path.stem.split("-", 2)
    every = {folder.name: set(pages(folder)) for folder in profile_folders(book / "results")}
    text = display_name(model)
    if len({data for networks in every.values() for _, data in networks}) > 1:
        text += f" on {display_name(dataset)}"
    if sum((model, dataset) in networks for networks in every.values()) > 1:
        text += f", profile {path.parent.name}"
    return text


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, before it collects the titles of the pages."""
    app.connect("doctree-read", name_network, priority=400)
