"""The pages of questions: they follow the results, and every page leads to them."""

import pytest
import yaml
from browser import ROOT
from bs4 import BeautifulSoup
from parsed import names_linked, pages

from mwt.report.questions.listed import QUESTIONS

PAGES = [question.page for question in QUESTIONS]
DIGITS = "5,000 MNIST digits"


def soup(site, page):
    return BeautifulSoup((site / f"{page}.html").read_text(), "lxml")


@pytest.fixture(scope="module")
def before_and_after(site, another_site):
    """The pages of questions, made from the published digits and from worse results of them."""
    return [
        {page: soup(some, page).select_one("article") for page in PAGES}
        for some in (site, another_site)
    ]


def sentences(page):
    """Findings on the digits."""
    (head,) = [rubric for rubric in page.select(".rubric") if rubric.text.startswith(DIGITS)]
    return [item.text for item in head.find_next_sibling("ul").select("li")]


def rows(page):
    """The rows below the name of the digits, which are the last data set."""
    texts = [row.text.strip() for row in page.select("table.mwt-cases tbody tr")]
    return texts[texts.index(DIGITS) + 1 :]


def panels(page):
    texts = [svg["aria-label"] for svg in page.select("svg[aria-label]")]
    return [text for text in texts if DIGITS in text]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("part", [sentences, rows, panels])
def test_other_results_change_a_questions_findings(before_and_after, page, part):
    before, after = (part(some[page]) for some in before_and_after)
    assert before
    assert after
    assert before != after


def verdicts(page):
    """Verdicts on the digits, by the link to their claim."""
    lists = [item for item in page.select("li") if item.select(".mwt-verdict")]
    return {
        item.a["href"].partition("#claim-")[2]: text.text
        for item in lists
        for text in item.select("p")
        if text.text.startswith(f"{DIGITS}: ")
    }


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.claims], ids=lambda q: q.page)
def test_other_results_change_its_verdicts(before_and_after, question):
    before, after = (verdicts(some[question.page]) for some in before_and_after)
    assert set(before) == set(after) == set(question.claims)
    assert before != after
    if "threshold-krr" in question.claims:
        assert before["threshold-krr"] == after["threshold-krr"]


def test_every_page_leads_to_every_question_and_the_overview_to_run_it(site):
    wanted = {f"{page}.html" for page in PAGES}
    for path in pages(site):
        assert wanted - {path.name} <= names_linked(path), path
    assert "reproduce.html" in names_linked(site / "index.html")


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
    linked = {link["href"].partition("#")[0] for link in page.select("a[href]")}
    assert linked >= {f"{page}.html" for page in PAGES}
    assert "SVHN, a part of the paper’s data: nothing was trained on it." in page.text
