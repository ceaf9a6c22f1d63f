"""A page's head: what it is about, for search engines and for previews of links; its footer."""

import html
from pathlib import Path
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx

from . import about
from .paragraphs import description, of_pages

PREVIEW = "_static/preview.png"


def add_head(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Give a page's template what belongs into its head, and what its footer says."""
    known = of_pages(app.env)
    text = description(known.get(page) or known[app.config.root_doc])
    site = app.config.html_baseurl.rstrip("/")

    def head(title: str, name: str) -> Markup:
        told = {
            "og:type": "website" if name == app.config.root_doc else "article",
            "og:site_name": app.config.html_title or app.config.project,
            "og:title": Markup(title).striptags() or name.capitalize(),
            "og:description": text,
        }
        if site:  # a preview's addresses must be whole
            told |= {"og:url": context["pageurl"], "og:image": f"{site}/{PREVIEW}"}
        lines = [f'<meta name="description" content="{html.escape(text)}" />']
        lines += [
            f'<meta property="{name}" content="{html.escape(value)}" />'
            for name, value in told.items()
        ]
        if name == "search":
            script = context["pathto"]("_static/excerpts.js", True)
            lines.append(f'<script defer src="{script}"></script>')
        return Markup("\n".join(lines))

    context["mwt_head"] = head
    (bibliography,) = app.config.bibtex_bibfiles
    context["mwt_about"] = about.read(Path(app.srcdir) / bibliography)


def setup(app: Sphinx) -> None:
    """Connect with Sphinx."""
    app.connect("html-page-context", add_head)
