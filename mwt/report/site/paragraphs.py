"""The running text of every page, for what is told of a page elsewhere: previews, search."""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

LEAST = 40  # characters of a paragraph that says something
MOST = 160  # characters that search engines and previews show
ASIDE = (nodes.table, nodes.field_list, nodes.docinfo, nodes.citation)
Paragraph = tuple[str, str]  # the id at which it stands, its text


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the paragraphs of a page."""
    found = [
        (anchor(node), text)
        for node in doctree.findall(nodes.paragraph)
        if not within(node, ASIDE) and len(text := plain(node)) >= LEAST
    ]
    of_pages(app.env)[app.env.docname] = found


def within(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    """Whether a node is inside one of some kind."""
    return any(isinstance(around, kinds) for around in parents(node))


def plain(node: nodes.paragraph) -> str:
    """Return a paragraph's text in one line, without the marks of citations and without HTML."""
    texts = [text for text in node.findall(nodes.Text) if not within(text, (nodes.raw,))]
    texts = [text for text in texts if not any(map(is_citation, parents(text)))]
    return re.sub(r"\s+([.,;:)]|$)", r"\1", " ".join("".join(texts).split()))


def is_citation(node: nodes.Node) -> bool:
    """Whether a node is the mark of a citation."""
    return isinstance(node, addnodes.pending_xref) and node["refdomain"] == "cite"


def parents(node: nodes.Node) -> list[nodes.Node]:
    """Return the nodes around a node, the nearest first."""
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found


def anchor(node: nodes.Node) -> str:
    """Return the id that leads to a paragraph: of its term, its function or its section."""
    for around in parents(node):
        named: nodes.Node | None = around
        if isinstance(around, nodes.definition_list_item | addnodes.desc):
            named = next(around.findall(nodes.term), None) or next(
                around.findall(addnodes.desc_signature), None
            )
        if isinstance(named, nodes.Element) and named["ids"]:
            return str(named["ids"][0])
    return ""


def description(paragraphs: list[Paragraph]) -> str:
    """Return what a page is about: the first sentences of its first paragraph that fit."""
    if not paragraphs:
        return ""
    text = paragraphs[0][1]
    sentences = [match.end() for match in re.finditer(r"[.?!:](?=\s|$)", text[: MOST + 1])]
    fitting = [end for end in sentences if LEAST <= end <= MOST]
    if len(text) <= MOST:
        return text
    if fitting:
        return text[: fitting[-1]].rstrip(":")
    return text[: text.rindex(" ", 0, MOST)].rstrip(",;") + " …"


def of_pages(env: BuildEnvironment) -> dict[str, list[Paragraph]]:
    """Return the paragraphs by page; Sphinx keeps them between builds."""
    return vars(env).setdefault("mwt_paragraphs", {})


def purge(_app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is read again or gone."""
    of_pages(env).pop(docname, None)


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, before notebooks get their lists of parameters."""
    app.connect("doctree-read", collect, priority=405)
    app.connect("env-purge-doc", purge)
