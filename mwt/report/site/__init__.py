"""A Sphinx extension: the site's parts that come from results, and what every page gets."""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from ...support.files import project_root
from ..stage import STAGED
from . import (
    artifact,
    benchmarks_page,
    claims_page,
    commands,
    costs_page,
    directives,
    excerpts,
    explorer,
    heads,
    help_text,
    kept_together,
    licences,
    live,
    mathml,
    neighbours,
    origin,
    paragraphs,
    policy,
    questions,
    repository,
    rerun,
    selfcontained,
    settings_page,
    shell,
    summary,
    terms,
    titles,
)

PARTS = (
    *(directives, summary, claims_page, questions, explorer, live, origin, rerun, commands),
    *(help_text, titles, terms, mathml, neighbours, selfcontained),
    *(
        artifact,
        benchmarks_page,
        costs_page,
        settings_page,
        paragraphs,
        excerpts,
        heads,
        repository,
        licences,
        shell,
    ),
    kept_together,
    policy,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts with Sphinx."""
    for part in PARTS:
        part.setup(app)
    app.connect("build-finished", forget_fresh)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def forget_fresh(app: Sphinx, _error: Exception | None) -> None:
    """Delete the mark of a fresh run's site, unless it is the fresh run's book that was built."""
    if Path(app.srcdir) != project_root() / STAGED:
        (Path(app.outdir) / ".fresh").unlink(missing_ok=True)
