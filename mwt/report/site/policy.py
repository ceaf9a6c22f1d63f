"""Built pages run their own scripts only: a content-security policy, and no handlers in the HTML.

The policy names each script in a page by its hash, so that a class or a folder that is called like
a script would not run, even if it got into a page. It holds for pages that are opened as files.
"""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)
# The theme's buttons, which its HTML tells what to do; `policy.js` listens in its place.
HANDLER = re.compile(r'onclick="(toggleFullScreen|window\.print)\(\)"')
HEAD = re.compile(r"<head[^>]*>")
SCRIPT = (Path(__file__).parent / "policy.js").read_text()
OWN = "'self' file:"  # of a page on a server, and of one that is a file
RULES = {
    "default-src": "'none'",
    "style-src": f"{OWN} 'unsafe-inline'",
    "img-src": f"{OWN} data:",
    "font-src": f"{OWN} data:",
    "connect-src": OWN,
    "form-action": OWN,  # the search
    "base-uri": "'none'",
}


def is_run(attributes: str) -> bool:
    """Tell whether a browser runs the text of a script with these attributes."""
    return "src=" not in attributes and not re.search(
        r'type="(?!text/javascript|module)', attributes
    )


def hashed(text: str) -> str:
    """Return a script as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policed(page: str) -> str:
    """Return a page with the policy that lets its own scripts run, and without handlers."""
    page = HANDLER.sub(r'data-mwt-click="\1"', page)
    page = page.replace("</head>", f"<script>{SCRIPT}</script>\n</head>", 1)
    # As a browser reads it: it turns every end of a line into a line feed.
    texts = {one["text"] for one in INLINE.finditer(page) if is_run(one["attributes"])}
    scripts = " ".join([OWN, *sorted(map(hashed, texts))])
    rules = "; ".join(f"{name} {value}" for name, value in {**RULES, "script-src": scripts}.items())
    meta = f'<meta http-equiv="Content-Security-Policy" content="{rules}">'
    return HEAD.sub(lambda head: f"{head[0]}\n{meta}", page, count=1)


def police(app: Sphinx, error: Exception | None) -> None:
    """Give each page that was built its policy."""
    if error or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if HEAD.search(page) and "Content-Security-Policy" not in page:
            path.write_text(policed(page), encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect with Sphinx, once all is built."""
    app.connect("build-finished", police)
    return {}
