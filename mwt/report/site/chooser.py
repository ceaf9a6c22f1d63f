"""A choice between explorers, one for each data set of each profile; the first is shown first."""

from __future__ import annotations

import html
from pathlib import Path

SCRIPT = Path(__file__).with_name("chooser.js")


def chooser(pages: list[tuple[str, str]]) -> str:
    """Return explorers with radio buttons to choose one, where there are several.

    Parameters
    ----------
    pages
        The name and the HTML of each.
    """
    if len(pages) == 1:
        return pages[0][1]
    names = "".join(
        f'<label><input type="radio" name="mwt-data" value="{number}"'
        f"{'' if number else ' checked'}> {html.escape(name)}</label>"
        for number, (name, _) in enumerate(pages)
    )
    return (
        '<div class="mwt-explorers"><form class="mwt-controls" onsubmit="return false">'
        f"<fieldset><legend>Data</legend>{names}</fieldset></form>"
        f"{''.join(page for _, page in pages)}<script>{SCRIPT.read_text()}</script></div>"
    )
