"""The first mention of a term of the glossary on a page leads to it, its meaning in a tooltip."""

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = "glossary"  # the page
SKIPPED = (nodes.reference, nodes.literal, nodes.title, nodes.literal_block, nodes.math)


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make the first mention of each term in a page's running text a link."""
    if docname == GLOSSARY or GLOSSARY not in app.env.found_docs:
        return
    left = dict(terms(app.env.get_doctree(GLOSSARY)))
    uri = app.builder.get_relative_uri(docname, GLOSSARY)
    for node in list(doctree.findall(nodes.Text)):
        rest: nodes.Text | None = node if running(node) else None
        while rest is not None and left:
            rest = linked(rest, left, uri)


def linked(text: nodes.Text, left: dict[str, tuple[str, str]], uri: str) -> nodes.Text | None:
    """Link the first term in a text and take it from those left; return the text behind it."""
    longest = sorted(left, key=len, reverse=True)
    words = "|".join(re.escape(term).replace(r"\ ", r"\s+") for term in longest)
    match = re.search(rf"(?<![\w-])({words})s?(?![\w-])", text, re.I)
    if not match:
        return None
    anchor, meaning = left.pop(" ".join(match[1].lower().split()))
    where = {"refuri": f"{uri}#{anchor}", "reftitle": meaning, "internal": True}
    found = nodes.reference("", "", nodes.inline("", match[0]), classes=["mwt-term"], **where)
    rest = nodes.Text(text[match.end() :])
    text.parent.replace(text, [nodes.Text(text[: match.start()]), found, rest])
    return rest


def running(text: nodes.Text) -> bool:
    """Whether a text is part of a paragraph, and neither code nor a link."""
    inside = False
    node = text.parent
    while node is not None:
        if isinstance(node, SKIPPED):
            return False
        inside = inside or isinstance(node, nodes.paragraph)
        node = node.parent
    return inside


def terms(glossary: nodes.document) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the glossary's terms with the id and the first sentence of each."""
    for item in glossary.findall(nodes.definition_list_item):
        meaning = next(item.findall(nodes.definition)).astext().replace("\n", " ")
        for term in item.findall(nodes.term):
            sentence = re.split(r"(?<=\.)\s", meaning)[0]
            yield term.astext().lower(), (term["ids"][0], sentence)


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, once all pages are read."""
    app.connect("doctree-resolved", link_terms)
