"""What a page says of itself: one title, a description, an icon; what a search shows of it."""

import re

import parsed
import pytest
from browser import ROOT
from bs4 import BeautifulSoup

from mwt.report.site.execution import execution

NOTEBOOK = "results/quick/rq4-resnet18-mnist5k"


@pytest.fixture(scope="module")
def pages(site):
    """Every page's HTML by name."""
    return {path.relative_to(site).as_posix(): path.read_text() for path in parsed.pages(site)}


@pytest.fixture(scope="module")
def heads(pages):
    """Every page's head."""
    return {
        name: BeautifulSoup(text.partition("</head>")[0], "lxml") for name, text in pages.items()
    }


def content(page, **wanted):
    (tag,) = page.find_all("meta", attrs=wanted)
    return tag["content"]


def test_a_page_has_its_title_once(heads, pages):
    for name, page in heads.items():
        assert pages[name].count("<h1") == 1, name
        parts = page.title.text.split(" — ")
        assert len(set(parts)) == len(parts), name


def test_a_page_says_what_it_is_about(heads):
    texts = {name: content(page, name="description") for name, page in heads.items()}
    for name, text in texts.items():
        assert 40 <= len(text) <= 165, (name, text)
        assert not re.search(r"[<>{}]|\[\w+\+?\d\d\]", text.replace(">>>", "")), (name, text)
        assert content(heads[name], property="og:description") == text
    assert texts["artifact.html"].startswith("For those who evaluate this artifact")
    assert len(set(texts.values())) > 15
    assert content(heads["index.html"], property="og:type") == "website"
    title = content(heads[f"{NOTEBOOK}.html"], property="og:title")
    assert title == "Research question 4: the threshold (ResNet18 on 5,000 MNIST digits)"


def test_a_page_has_an_icon_of_the_site(heads, site):
    for name, page in heads.items():
        icon = page.find("link", rel="icon")["href"]
        assert ((site / name).parent / icon).read_text().startswith("<svg"), name


def test_no_page_shows_a_progress_bar(pages):
    assert [name for name, text in pages.items() if re.search(r"\d% \|█", text)] == []


def test_a_hit_shows_where_its_words_stand(site, page):
    page.goto((site / "search.html").as_uri() + "?q=cohesive modules")
    page.wait_for_selector("#search-results li .context strong")
    page.goto((site / "search.html").as_uri() + "?q=cohesion")
    term = page.locator("#search-results li", has=page.locator("a[href*='#term-Cohesion']")).first
    assert term.locator(".context").inner_text().startswith("How alike the masks of the images")
    claims = page.locator("#search-results li", has=page.locator("a[href='claims.html']")).first
    assert claims.locator(".context strong").first.inner_text() == "cohesion"
    assert page.problems == []
    assert (site / "_static/excerpts.js").stat().st_size < 250_000
    assert "excerpts.js" not in (site / "index.html").read_text()


def test_a_command_breaks_between_options_on_a_phone_and_is_copied_as_it_is(site, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((site / f"{NOTEBOOK}.html").as_uri())
    pre = page.locator(".highlight-bash pre").last
    lines = pre.evaluate(
        "pre => [...pre.querySelectorAll('.mwt-unit')].map(unit => [unit.textContent, "
        "unit.offsetHeight, parseFloat(getComputedStyle(unit).lineHeight)])"
    )
    options = [one for one in lines if one[0].startswith("-p ")]
    assert len(options) > 4
    for text, height, line in options:
        assert text.count(" ") == 2
        assert height < 1.5 * line, text
    command = execution(ROOT / f"book/{NOTEBOOK}.ipynb").command
    copied = pre.evaluate(
        "pre => { getSelection().selectAllChildren(pre); return `${getSelection()}` }"
    )
    assert copied.splitlines() == [command, f"{command} -p threshold 0.7"]
    page.locator(".highlight-bash button").last.click()
    assert page.evaluate("navigator.clipboard.readText()").splitlines()[0] == command
