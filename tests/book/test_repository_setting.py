"""One setting brings links to the repository and to commits on every page; without it, none."""

from another_book import ADDRESS, SITE
from browser import ROOT
from bs4 import BeautifulSoup
from parsed import pages

from mwt.report.site.execution import execution

NOTEBOOK = "results/quick/rq4-resnet18-mnist5k"
PAGES = ["index", "artifact", "executions", "glossary", NOTEBOOK]


def links(page):
    return [link["href"] for link in BeautifulSoup(page.read_text(), "lxml").select("a[href]")]


def test_every_page_links_to_the_repository(another_site):
    for name in PAGES:
        assert ADDRESS in links(another_site / f"{name}.html"), name


def test_commits_are_links(another_site):
    made = execution(ROOT / f"book/{NOTEBOOK}.ipynb").record["commit"].partition("+")[0]
    for name in ("executions", NOTEBOOK):
        assert f"{ADDRESS}/commit/{made}" in links(another_site / f"{name}.html"), name
    page = BeautifulSoup((another_site / f"{NOTEBOOK}.html").read_text(), "lxml")
    for place in (".mwt-origin", ".mwt-record"):
        assert page.select_one(f"{place} a[href^='{ADDRESS}/commit/']"), place


def test_the_citation_has_the_address(another_site):
    text = BeautifulSoup((another_site / "artifact.html").read_text(), "lxml").select_one("article")
    assert f"url     = {{{ADDRESS}}}" in text.text
    assert "no address is set" not in text.text


def test_a_site_with_an_address_has_a_picture_for_previews(another_site):
    page = BeautifulSoup((another_site / "artifact.html").read_text(), "lxml")
    image = page.find("meta", property="og:image")["content"]
    assert (another_site / image.removeprefix(f"{SITE}/")).read_bytes().startswith(b"\x89PNG")
    assert page.find("meta", property="og:url")["content"] == f"{SITE}/artifact.html"


def test_without_the_setting_there_are_no_such_links(site):
    assert len(pages(site)) > 20
    for page in pages(site):
        text = page.read_text()
        assert "/commit/" not in text, page.name
        assert ">repository</a>" not in text, page.name
        assert "og:image" not in text, page.name
