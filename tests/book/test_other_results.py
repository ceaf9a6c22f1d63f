"""Pages made of other results than the published: verdicts follow, and a PDF is offered.

Of the digits alone, whatever else is published.
"""

import re
import shutil

import pytest
import yaml
from browser import CHROMIUM, ROOT
from bs4 import BeautifulSoup
from pypdf import PdfReader

from mwt.report import pdf
from mwt.results.claims import claims


@pytest.fixture
def book(tmp_path):
    """A copy of the book with a few of its pages."""
    copy = shutil.copytree(ROOT / "book", tmp_path / "book")
    for folder in set((copy / "results").iterdir()) - {copy / "results/quick"}:
        shutil.rmtree(folder)
    pages = ["claims", "glossary", "results/quick/rq4-resnet18-mnist5k"]
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]}
    (copy / "_toc.yml").write_text(yaml.safe_dump(toc))
    (copy / "_static" / pdf.NAME).unlink(missing_ok=True)
    return copy


def verdicts(site):
    """Verdicts on the digits, by claim, as the table of claims and as their sections have them."""
    page = BeautifulSoup((site / "claims.html").read_text(), "lxml")
    table = page.select_one("table.mwt-words")
    heads = [head.text for head in table.select("thead th")]
    (column,) = [i for i, head in enumerate(heads) if head.endswith("(quick)")]
    found = {}
    for row in table.select("tbody tr"):
        anchor = row.a["href"]
        badges = [badge.parent.text for badge in page.select_one(anchor).select(".mwt-verdict")]
        of_digits = [text for text in badges if "5,000 MNIST digits" in text]
        cell = row.select("th, td")[column].select_one(".mwt-verdict").text
        found[anchor.removeprefix("#claim-")] = (cell, of_digits)
    return found


def test_another_value_in_the_results_changes_the_verdict(site, another_site):
    before, after = verdicts(site), verdicts(another_site)
    assert list(before) == list(after) == [claim.id for claim in claims()]
    for said, there in ((before, False), (after, True)):
        in_table, (in_section,) = said["accuracy-loss"]
        assert ("does not hold here" in in_table) == there
        assert ("does not hold here" in in_section) == there
    assert after["threshold-krr"] == before["threshold-krr"]


def test_where_no_pdf_was_made_none_is_offered(another_site):
    assert "mwt-pdf" not in (another_site / "index.html").read_text()


def bookmarks(outline):
    """Titles of a PDF's bookmarks, on all levels."""
    return [
        title
        for one in outline
        for title in (bookmarks(one) if isinstance(one, list) else [one.title])
    ]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: it prints the PDF")
def test_the_report_as_a_pdf_is_offered_by_the_site(book, tmp_path):
    pdf.make(book, tmp_path)
    html = tmp_path / "_build/html"
    link = BeautifulSoup((html / "index.html").read_text(), "lxml").select_one(".mwt-pdf a")
    offered = html / link["href"]
    assert offered.read_bytes() == (book / "_static" / pdf.NAME).read_bytes()
    report = PdfReader(offered)
    text = "\n".join(page.extract_text() for page in report.pages)
    assert all(claim.title.replace("'", "’") in text for claim in claims())
    assert "Research question 4" in text
    assert "papermill notebooks/rq4.ipynb" in text
    assert re.search(r"Printed on \d{4}-\d\d-\d\d .* at commit \w+", report.pages[0].extract_text())
    assert "Claim by claim" in bookmarks(report.outline)
    assert "Research question 4: the threshold (ResNet18)" in bookmarks(report.outline)
    assert "study = parameters.read(globals())" not in text  # no code of the notebooks
