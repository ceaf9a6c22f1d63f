"""Next and previous: from chapter to chapter, and from one experiment to another of a question."""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from ...support.files import read_yaml


def beside(contents: dict[str, Any], page: str) -> tuple[str | None, str | None]:
    """Return the pages before and behind a page.

    A chapter's are chapters, so that who reads on does not walk through dozens of experiments. An
    experiment's are those of the same question; before the first and behind the last is the
    chapter itself.
    """
    parts = contents.get("parts", [contents])
    chapters = [chapter for part in parts for chapter in part.get("chapters", [])]
    rows = [[contents["root"], *(chapter["file"] for chapter in chapters)]]
    for chapter in chapters:
        experiments = [one["file"] for one in chapter.get("sections", [])]
        rows.append([chapter["file"], *experiments, chapter["file"]])
    row = next((row for row in rows if page in row), None)
    if row is None:
        return None, None
    around = [None, *row, None]
    place = row.index(page) + 1
    return around[place - 1], around[place + 1]


def set_neighbours(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Replace a page's links to its neighbours."""
    if doctree is None:
        return
    contents = read_yaml(Path(app.srcdir) / "_toc.yml")
    for name, other in zip(("prev", "next"), beside(contents, page), strict=True):
        context[name] = None
        if other:
            link = app.builder.get_relative_uri(page, other)
            context[name] = {"link": link, "title": app.env.titles[other].astext()}


def setup(app: Sphinx) -> None:
    """Connect with Sphinx."""
    app.connect("html-page-context", set_neighbours)
