"""Licences of the installed packages: ``{mwt-licences}``, from what each says of itself."""

import re
from collections import defaultdict
from importlib import metadata

import pandas as pd
from docutils import nodes
from IPython.display import HTML
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ...support.files import project_root
from ..tables.base import html_table
from .origin import figure_node

LOCK = "requirements.lock"
UNSAID = "not said in the package's metadata"
ELSEWHERE = "not installed where this page was made"
# One name for what packages write in several ways; by SPDX where it has one.
NAMES = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def locked_packages() -> list[str]:
    """Return the names of the packages of the lock, each once."""
    text = (project_root() / LOCK).read_text()
    return list(dict.fromkeys(re.findall(r"(?m)^([A-Za-z0-9._-]+)==", text)))


def licence(package: str) -> str:
    """Return a package's licence in its own words: an expression, a classifier, or a line."""
    try:
        said = metadata.metadata(package).json
    except metadata.PackageNotFoundError:
        return ELSEWHERE
    if expression := said.get("license_expression"):
        return str(expression)
    lines = [line.split(" :: ") for line in said.get("classifier", ())]
    named = [line[-1] for line in lines if line[0] == "License" and len(line) > 2]
    text = str(said.get("license") or "").strip().splitlines()
    found = named or text[:1] or [UNSAID]
    return " or ".join(NAMES.get(name, name) for name in found)


def by_licence() -> dict[str, list[str]]:
    """Return the packages of each licence, the most frequent licence first."""
    groups: dict[str, list[str]] = defaultdict(list)
    for package in locked_packages():
        groups[licence(package)].append(package)
    last = (UNSAID, ELSEWHERE)
    return dict(sorted(groups.items(), key=lambda one: (one[0] in last, -len(one[1]), one[0])))


def table(groups: dict[str, list[str]]) -> HTML:
    """Return a folded line for each licence: how many packages, and which."""
    lines = [
        {"licence": name, "packages": len(packages), "which": ", ".join(packages)}
        for name, packages in groups.items()
    ]
    frame = pd.DataFrame(lines).set_index("licence")
    shown = html_table(frame, "As each package says of itself.", kind="mwt-words")
    head = "<summary>Packages by licence</summary>"
    return HTML(f'<details class="mwt-licences">{head}{shown.data}</details>')


class Licences(SphinxDirective):
    """Shows which licences the packages have that are installed with the project."""

    def run(self) -> list[nodes.Node]:
        """Return a sentence and the folded table."""
        self.env.note_dependency(str(project_root() / LOCK))
        groups = by_licence()
        count = sum(map(len, groups.values()))
        said = f"`{LOCK}` names {count} packages, some for other systems only. Each says of itself:"
        return [*self.parse_text_to_nodes(said), figure_node(table(groups))]


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("mwt-licences", Licences)
