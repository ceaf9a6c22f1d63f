"""Under each hit of a search: where the words stand. Without a server pages cannot be fetched."""

import json
from pathlib import Path

from sphinx.application import Sphinx

from .paragraphs import of_pages

SCRIPT = Path(__file__).with_name("excerpts.js")


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the script of the search page, with the running text of all pages."""
    if error or app.builder.name != "html":
        return
    texts = json.dumps(of_pages(app.env), ensure_ascii=False, separators=(",", ":"))
    target = Path(app.outdir) / "_static" / SCRIPT.name
    target.write_text(SCRIPT.read_text().replace("{/* pages */}", texts), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect with Sphinx."""
    app.connect("build-finished", write)
