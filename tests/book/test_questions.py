"""The pages of questions: they follow the results, and every page leads to them."""

import shutil
from urllib.parse import urlsplit

import pytest
import yaml
from browser import ROOT
from bs4 import BeautifulSoup

from mwt.report import pdf
from mwt.report.questions.listed import QUESTIONS
from mwt.results.collect import read_results, write_results

PAGES = [question.page for question in QUESTIONS]


def soup(site, page):
    return BeautifulSoup((site / f"{page}.html").read_text(), "lxml")


def links(page):
    return {urlsplit(link["href"]).path.split("/")[-1] for link in page.select("a[href]")}


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory):
    """The pages of questions, built from the published digits and from worse results."""
    folder = tmp_path_factory.mktemp("questions")
    book = shutil.copytree(ROOT / "book", folder / "book")
    for other in set((book / "results").iterdir()) - {book / "results/quick"}:
        shutil.rmtree(other)
    for path in (book / "results/quick").glob("*.ipynb"):
        path.unlink()
    chapters = [{"file": page} for page in ("claims", "glossary", "method", "artifact", *PAGES)]
    toc = {"format": "jb-book", "root": "index", "chapters": chapters}
    (book / "_toc.yml").write_text(yaml.safe_dump(toc))
    pdf.build_book(book, "html", folder)
    site = folder / "_build/html"
    before = {page: soup(site, page).select_one("article") for page in PAGES}
    file = book / "results/quick/results.csv"
    results = read_results(file)
    grid = results["method"] == "modular-grid"
    splitter = results["method"] == "cnnsplitter"
    worse = results["value"].where(splitter, results["value"] * 0.4)
    worse = worse.where(~grid, results["value"].iloc[::-1].to_numpy())
    write_results(results.assign(value=worse), file)
    pdf.build_book(book, "html", folder)
    return before, {page: soup(site, page).select_one("article") for page in PAGES}


def sentences(page):
    return [item.text for item in page.select(".mwt-said > li")]


@pytest.mark.parametrize("page", PAGES)
def test_other_results_change_a_questions_findings(before_and_after, page):
    before, after = (some[page] for some in before_and_after)
    assert sentences(before)
    assert sentences(before) != sentences(after)
    assert before.select_one("table").text != after.select_one("table").text
    assert before.select_one("svg")["aria-label"] != after.select_one("svg")["aria-label"]


@pytest.mark.parametrize("page", [one.page for one in QUESTIONS if one.claims])
def test_other_results_change_its_verdicts(before_and_after, page):
    verdicts = [
        [badge.parent.text for badge in some[page].select(".mwt-verdict")]
        for some in before_and_after
    ]
    assert len(verdicts[0]) == len(verdicts[1]) > 0
    assert verdicts[0] != verdicts[1]


def test_every_page_leads_to_every_question_and_the_overview_to_run_it(site):
    wanted = {f"{page}.html" for page in PAGES}
    for path in site.rglob("*.html"):
        if "_static" not in path.parts:
            assert wanted - {path.name, "#"} <= links(BeautifulSoup(path.read_text(), "lxml")), path
    assert "reproduce.html" in links(soup(site, "index"))


def test_reading_on_goes_from_question_to_question(site):
    """Not through the dozens of experiments that lie below them."""
    following = {page: soup(site, page).select_one("a.right-next")["href"] for page in PAGES}
    assert [following[page] for page in PAGES[:-1]] == [f"{page}.html" for page in PAGES[1:]]
    last = soup(site, "results/quick/cnnsplitter-simcnn-mnist5k")
    assert last.select_one("a.right-next")["href"].endswith("against-cnnsplitter.html")


def test_contents_have_about_twenty_links_on_top():
    toc = yaml.safe_load((ROOT / "book/_toc.yml").read_text())
    assert 15 <= sum(len(part["chapters"]) for part in toc["parts"]) <= 25


def test_a_map_says_which_page_answers_which_claim_and_what_is_not_covered(site):
    page = soup(site, "claims").select_one("#which-page-answers-what")
    assert links(page) >= {f"{page}.html" for page in PAGES}
    assert "SVHN, a part of the paper’s data: nothing was trained on it." in page.text
