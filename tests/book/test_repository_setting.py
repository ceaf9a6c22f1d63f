"""One setting brings links to the repository and to commits on every page; without it, none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from browser import ROOT
from bs4 import BeautifulSoup

from mwt.report.site.execution import execution

ADDRESS, SITE = "https://example.org/someone/mwt", "https://example.org/book"
NOTEBOOK = "results/quick/rq4-resnet18-mnist5k"
PAGES = ["artifact", "executions", "glossary", NOTEBOOK]


@pytest.fixture(scope="module")
def with_address(tmp_path_factory):
    """A few pages of the book, built with the addresses of the repository and of the site."""
    folder = tmp_path_factory.mktemp("repository")
    book = shutil.copytree(ROOT / "book", folder / "book")
    for path in (book / "results").glob("*/*"):
        if path.name not in ("results.csv", Path(NOTEBOOK).name + ".ipynb"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(book / "results/cifar10", ignore_errors=True)
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in PAGES]}
    (book / "_toc.yml").write_text(yaml.safe_dump(toc))
    config = (ROOT / "_config.yml").read_text()
    config = config.replace('mwt_repository: ""', f'mwt_repository: "{ADDRESS}.git"')
    config = config.replace('  baseurl: ""', f'  baseurl: "{SITE}/"')
    (folder / "_config.yml").write_text(config)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "-q"]
    command += ["--path-output", folder, "--config", folder / "_config.yml"]
    subprocess.run(command, check=True)
    return folder / "_build/html"


def links(page):
    return [link["href"] for link in BeautifulSoup(page.read_text(), "lxml").select("a[href]")]


def test_every_page_links_to_the_repository(with_address):
    for name in ["index", *PAGES]:
        assert ADDRESS in links(with_address / f"{name}.html"), name


def test_commits_are_links(with_address):
    made = execution(ROOT / f"book/{NOTEBOOK}.ipynb").record["commit"].partition("+")[0]
    for name in ("executions", NOTEBOOK):
        assert f"{ADDRESS}/commit/{made}" in links(with_address / f"{name}.html"), name
    page = BeautifulSoup((with_address / f"{NOTEBOOK}.html").read_text(), "lxml")
    for place in (".mwt-origin", ".mwt-record"):
        assert page.select_one(f"{place} a[href^='{ADDRESS}/commit/']"), place


def test_the_citation_has_the_address(with_address):
    text = BeautifulSoup((with_address / "artifact.html").read_text(), "lxml").select_one("article")
    assert f"url     = {{{ADDRESS}}}" in text.text
    assert "no address is set" not in text.text


def test_a_site_with_an_address_has_a_picture_for_previews(with_address):
    page = BeautifulSoup((with_address / "artifact.html").read_text(), "lxml")
    image = page.find("meta", property="og:image")["content"]
    assert (with_address / image.removeprefix(f"{SITE}/")).read_bytes().startswith(b"\x89PNG")
    assert page.find("meta", property="og:url")["content"] == f"{SITE}/artifact.html"


def test_without_the_setting_there_are_no_such_links(site):
    pages = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) > 20
    for page in pages:
        text = page.read_text()
        assert "/commit/" not in text, page.name
        assert ">repository</a>" not in text, page.name
        assert "og:image" not in text, page.name
