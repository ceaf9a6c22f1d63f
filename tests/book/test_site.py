"""Every page of the site in a real browser: quiet, self-contained, readable on any screen."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from browser import ROOT
from readable import check, check_fit

TOC = yaml.safe_load((ROOT / "book/_toc.yml").read_text())
CHAPTERS = [chapter for part in TOC["parts"] for chapter in part["chapters"]]
PAGES = [TOC["root"], *(c["file"] for top in CHAPTERS for c in (top, *top.get("sections", [])))]
GENERATED = ["search", "genindex"]


def kind(name):
    """What a page shares its layout with: of a notebook's pages, the same notebook's."""
    folder, _, stem = name.rpartition("/")
    return stem.split("-")[0] if folder.startswith("results/") else name


FIRST = {kind(name): name for name in reversed(PAGES)}
ALIKE = [name for name in PAGES if name not in FIRST.values()]


@pytest.mark.parametrize("name", [*FIRST.values(), *GENERATED])
def test_a_page_is_quiet_accessible_and_fits(site, page, name):
    check(page, site / f"{name}.html")


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_notebooks_page_of_another_network_is_quiet_and_fits(site, page, name):
    check_fit(page, site / f"{name}.html")


def test_pages_are_light(site, page):
    """The front page with all that it loads; every other page by itself."""
    loaded = set()
    page.on("request", lambda request: loaded.add(urlsplit(request.url)))
    page.goto((site / "index.html").as_uri())
    page.wait_for_load_state("load")
    files = {Path(unquote(url.path)) for url in loaded if url.scheme == "file"}
    assert {"index.html", "mwt.css", "searchindex.js"} <= {path.name for path in files}
    sizes = {str(path): path.stat().st_size for path in files}
    assert sum(sizes.values()) < 1e6, sorted(sizes.items(), key=lambda one: -one[1])[:8]
    assert max(path.stat().st_size for path in site.rglob("*.html")) < 4e6


def test_search_finds_a_term(site, page):
    page.goto((site / "search.html").as_uri() + "?q=cohesion")
    for name in ("glossary", "method"):
        page.wait_for_selector(f"#search-results ul.search li a[href^='{name}.html']")
    assert page.problems == []


def test_terms_are_explained_where_they_are_met(site, page):
    page.goto((site / "index.html").as_uri())
    term = page.locator("a.mwt-term", has_text=re.compile("kernel")).first
    assert "convolution" in term.get_attribute("title")
    term.click()
    assert "/glossary.html#term-kernel" in page.url.lower()


def test_code_is_folded(site, page):
    page.goto((site / "results/quick/rq4-resnet18-mnist5k.html").as_uri())
    code = page.locator("div.cell_input pre")
    assert code.count() > 3
    assert not any(code.nth(i).is_visible() for i in range(code.count()))
    page.locator("details.hide summary").first.click()
    assert code.first.is_visible()


def test_an_experiment_says_how_to_run_it(site, page):
    page.goto((site / "results/quick/hyperparameters-resnet18-mnist5k.html").as_uri())
    section = page.locator(
        "section", has=page.get_by_role("heading", name="Run this yourself")
    ).last
    assert "papermill notebooks/hyperparameters.ipynb out.ipynb" in section.inner_text()
    assert "betas" not in section.inner_text()
    section.get_by_text("All parameters").click()
    assert "betas = None: weights of the coupling loss" in section.inner_text()
    assert "seeds = [0, 1" in section.inner_text()


def test_commands_wrap_and_can_be_copied_by_keyboard(site, page):
    page.goto((site / "results/quick/rq4-resnet18-mnist5k.html").as_uri())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = page.locator(".highlight-bash .highlight").last
    assert block.locator("pre").evaluate("pre => pre.scrollWidth <= pre.clientWidth")
    block.locator("button").focus()
    assert block.locator("button").evaluate("button => getComputedStyle(button).opacity") == "1"
    page.keyboard.press("Enter")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[1].endswith(" -p threshold 0.7")


def test_every_page_has_a_title_of_its_own(site):
    titles = [
        re.search("<title>(.+?)</title>", (site / f"{name}.html").read_text(), re.DOTALL)[1]
        for name in PAGES
    ]
    assert len(set(titles)) == len(titles)
    assert any("Research question 4: the threshold (ResNet18" in title for title in titles)


def test_a_figure_leads_home(site, page):
    page.goto((site / "results/quick/rq4-resnet18-mnist5k.html").as_uri())
    home = page.locator("figure.mwt-figure .mwt-origin").first
    assert (
        "papermill notebooks/rq4.ipynb out.ipynb -p dataset mnist5k -p model resnet18"
        in home.inner_text()
    )
    with page.expect_download() as download:
        home.get_by_role("link", name="Data (CSV)").click()
    header = Path(download.value.path()).read_text().splitlines()[0]
    assert header.startswith("profile,dataset,model,method")
    notebook = home.get_by_role("link", name="Notebook").get_attribute("href")
    assert '"nbformat"' in (site / "results/quick" / notebook).read_text()


def test_pages_have_no_handlers_and_let_no_other_script_run(site, page):
    for built in site.rglob("*.html"):
        text = built.read_text()
        if "<head" not in text:  # a part that pages take in
            continue
        assert "Content-Security-Policy" in text
        assert not re.search(r"<[a-z][^<>]* on[a-z]+=", text), built
        assert "javascript:" not in text
    page.goto((site / "explorer.html").as_uri())
    page.evaluate("""() => {
      document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = 1'>");
      const script = document.createElement("script");
      script.textContent = "window.ran = 2";
      document.body.append(script);
    }""")
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in text for text in page.problems)
    page.problems.clear()


def test_the_themes_buttons_work_without_handlers(site, page):
    page.goto((site / "method.html").as_uri())
    page.evaluate("window.toggleFullScreen = () => (window.asked = 1)")
    page.locator("[data-mwt-click=toggleFullScreen]").first.dispatch_event("click")
    assert page.evaluate("window.asked") == 1
    assert page.problems == []
