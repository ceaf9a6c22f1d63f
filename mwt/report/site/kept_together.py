"""A number stays in one line with its unit, an interval in itself, and CIFAR with its 10."""

import re
from typing import Any

from sphinx.application import Sphinx

NUMBER = r"[+−-]?\d[\d.,]*"
KEPT = re.compile(rf"CIFAR-10(?!\w)|{NUMBER} %|{NUMBER}–{NUMBER}|\[{NUMBER}, {NUMBER}\]")
# Tags, and what is not running text.
OTHER = re.compile(r"(<(script|style|pre|code|svg|math)\b.*?</\2>|<[^>]*>)", re.DOTALL)


def kept(page: str) -> str:
    """Return the HTML of a page with marks around what must not break; its text stays the same."""
    found, end = [], 0
    for other in OTHER.finditer(page):
        found += [marked(page[end : other.start()]), other[0]]
        end = other.end()
    return "".join([*found, marked(page[end:])])


def marked(text: str) -> str:
    """Return text with marks."""
    return KEPT.sub(r'<span class="mwt-kept">\g<0></span>', text)


def keep(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Mark what a page must not break."""
    if "body" in context:
        context["body"] = kept(context["body"])


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, once a page is written."""
    app.connect("html-page-context", keep)
