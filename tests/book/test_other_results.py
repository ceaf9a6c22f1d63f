"""Pages made of other results than the published: verdicts follow, and a PDF is offered.

Of the default profile alone, whatever else is published.
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
from mwt.results.collect import read_results, write_results


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


def verdicts(page):
    """Verdicts on the page of claims, by claim."""
    sections = BeautifulSoup(page.read_text(), "lxml").select("section section[id^=claim-]")
    return {
        section["id"].removeprefix("claim-"): section.select_one(".mwt-verdict").text
        for section in sections
    }


def bookmarks(outline):
    """Titles of a PDF's bookmarks, on all levels."""
    return [
        title
        for one in outline
        for title in (bookmarks(one) if isinstance(one, list) else [one.title])
    ]


def test_another_value_in_the_results_changes_the_verdict(book, tmp_path):
    pdf.build_book(book, "html", tmp_path)
    before = verdicts(tmp_path / "_build/html/claims.html")
    assert list(before) == [claim.id for claim in claims()]
    file = book / "results/quick/results.csv"
    results = read_results(file)
    worse = (results["method"] == "modular") & (results["quantity"] == "accuracy")
    write_results(results.assign(value=results["value"].where(~worse, 0.5)), file)
    pdf.build_book(book, "html", tmp_path)
    after = verdicts(tmp_path / "_build/html/claims.html")
    assert "does not hold here" in after["accuracy-loss"]
    assert "does not hold here" not in before["accuracy-loss"]
    assert after["threshold-krr"] == before["threshold-krr"]
    assert "mwt-pdf" not in (tmp_path / "_build/html/index.html").read_text()  # none was made


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
