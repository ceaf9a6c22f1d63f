"""One setting, ``mwt_repository:`` in ``_config.yml``, leads from pages to source and commits."""

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

from ...support.errors import UsageError

HASH = r"[0-9a-f]{10,40}"
# What a notebook's record, the line under a figure and a cell of a table have around a commit.
RECORDED = re.compile(r"(<dt>(?:commit|runs [^<]*made at)</dt><dd>)(.*?)(?=</dd>)")
SHOWN = re.compile(rf'((?:commit <code>|<code [^>]*><span class="pre">))({HASH})(?=[+<])')
WITHIN = re.compile(rf"(?<![\w-]){HASH}(?![\w-])")
# Where hosts keep the page of a commit; all others as GitHub does.
PATHS = {"gitlab": "/-/commit/", "bitbucket": "/commits/", "": "/commit/"}


def address(config: Config) -> str:
    """Return the repository's address without a slash at its end; empty if none is set.

    Raises
    ------
    UsageError
        If it is not the address of a web page.
    """
    given = config.mwt_repository or ""
    if given and not re.fullmatch(r"https?://[^\s/]+/\S+", given):
        raise UsageError(
            f"mwt_repository {given!r} in _config.yml: give the address of a page, such as "
            "https://github.com/OWNER/NAME, or nothing."
        )
    return given.rstrip("/").removesuffix(".git")


def of_commit(repository: str, commit: str) -> str:
    """Return the address of a commit's page."""
    host = repository.split("/")[2]
    path = next(path for name, path in PATHS.items() if name in host)
    return f"{repository}{path}{commit}"


def linked(body: str, repository: str) -> str:
    """Return a page's HTML in which each commit leads to its page."""

    def link(match: re.Match[str]) -> str:
        return f'<a href="{of_commit(repository, match[0])}">{match[0]}</a>'

    body = RECORDED.sub(lambda found: found[1] + WITHIN.sub(link, found[2]), body)
    return SHOWN.sub(lambda found: found[1] + WITHIN.sub(link, found[2]), body)


def add_links(
    app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Link the commits of a page, and tell its template the address."""
    repository = context["mwt_repository"] = address(app.config)
    if repository and "body" in context:
        context["body"] = linked(context["body"], repository)


def setup(app: Sphinx) -> None:
    """Register the setting, and connect with Sphinx once a page is written."""
    app.add_config_value("mwt_repository", "", "env", types=(str,))
    app.connect("config-inited", lambda _app, config: address(config))
    app.connect("html-page-context", add_links)
