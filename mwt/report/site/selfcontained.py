"""What pages do without, and what the theme forgets: a network, icons, roles and names."""

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

UNUSED = re.compile(
    r"thebe|toggle(button|Hint|OpenOnPrint)|sphinx-design|design-tabs", re.IGNORECASE
)
NAMED = '<summary aria-label="More pages of this network">'
ICONS = "_static/scripts/fontawesome.js"


def without_unused(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Leave out what Jupyter Book always adds and no page here uses.

    One of them, Thebe, would run code on somebody's server.
    """
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context[kind] if not UNUSED.search(name_or_text(file))]


def name_or_text(file: Any) -> str:
    """Return the name of a script or style sheet, or the text of one without a file."""
    return f"{getattr(file, 'filename', file)} {getattr(file, 'attributes', {}).get('body', '')}"


def without_empty_list(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Remove ``role="list"`` from docutils' citations: a list must have list items."""
    if "body" in context:
        opening = '<div role="list" class="citation'
        context["body"] = context["body"].replace(opening, '<div class="citation')


def with_named_toggles(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    """Name the theme's buttons that unfold an entry of the contents, for screen readers."""
    contents = context.get("generate_toctree_html")
    if contents:

        def named(*args: Any, **options: Any) -> str:
            return str(contents(*args, **options)).replace("<summary>", NAMED)

        context["generate_toctree_html"] = named


def without_icons(app: Sphinx, error: Exception | None) -> None:
    """Empty the theme's script of icons, larger than all else together; `icons.css` has ours."""
    script = Path(app.outdir) / ICONS
    if not error and script.exists():
        script.write_text("// The icons of this site are in icons.css.\n")


def setup(app: Sphinx) -> None:
    """Connect with Sphinx, after all extensions have added their scripts to a page."""
    app.connect("html-page-context", without_unused, priority=900)
    app.connect("html-page-context", without_empty_list)
    app.connect("html-page-context", with_named_toggles, priority=900)
    app.connect("build-finished", without_icons)
