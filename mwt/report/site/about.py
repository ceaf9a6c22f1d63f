"""Whose companion this is and of which paper: from ``CITATION.cff`` and the bibliography."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...support.files import project_root, read_yaml

PAPER = "mwt"  # its key in the bibliography


@dataclass(frozen=True)
class Paper:
    """The paper that is re-run.

    Attributes
    ----------
    short
        Whose and of which year: ``Qi et al. (2024)``.
    link
        Where to read it.
    bibtex
        Its entry, as the bibliography has it.
    """

    short: str
    link: str
    bibtex: str


@dataclass(frozen=True)
class About:
    """What ``CITATION.cff`` says of the companion, and the paper.

    Attributes
    ----------
    authors
        Their names.
    title, version, licence
        Of the companion.
    doi
        Of its archive; empty where none is set.
    paper
        The paper.
    """

    authors: str
    title: str
    version: str
    licence: str
    doi: str
    paper: Paper

    def bibtex(self, repository: str) -> str:
        """Return an entry for the companion, with its address where one is known."""
        fields = {
            "author": f"{{{self.authors}}}",  # a group's name, not a person's
            "title": self.title,
            "version": self.version,
            **({"doi": self.doi} if self.doi else {}),
            **({"url": repository} if repository else {}),
        }
        lines = "".join(f"  {name:7} = {{{text}}},\n" for name, text in fields.items())
        return f"@software{{mwt-companion,\n{lines}}}"


def read(bibliography: Path) -> About:
    """Return what is known of the companion and of the paper."""
    found = read_yaml(project_root() / "CITATION.cff")
    return About(
        authors=", ".join(map(name_of, found["authors"])),
        title=found["title"],
        version=str(found["version"]),
        licence=found["license"],
        doi=found.get("doi", ""),
        paper=of_paper(found["references"][0], bibliography),
    )


def name_of(author: dict[str, Any]) -> str:
    """Return the name of a person or of a group."""
    return author.get("name") or f"{author['given-names']} {author['family-names']}"


def of_paper(found: dict[str, Any], bibliography: Path) -> Paper:
    """Return the paper, as ``CITATION.cff`` refers to it, with its entry in the bibliography."""
    first, *others = found["authors"]
    names = first["family-names"] + (" et al." if others else "")
    link = f"https://doi.org/{found['doi']}" if "doi" in found else found["url"]
    entry = re.search(rf"(?ms)^@\w+\{{{PAPER},.*?^\}}", bibliography.read_text())
    return Paper(f"{names} ({found['year']})", link, entry[0] if entry else "")
