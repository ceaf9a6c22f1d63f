"""The published site and another, each built once, and a real browser without a network."""

import subprocess
import sys
from pathlib import Path

import another_book
import pytest
from browser import CHROMIUM, ROOT
from playwright.sync_api import sync_playwright

VIEWPORT = {"width": 1280, "height": 900}


def built(book, target, *options):
    """Build the site of a book; return its folder."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "-q", *options]
    subprocess.run([*command, "--path-output", target], check=True, cwd=ROOT)
    return target / "_build/html"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The published site, without a warning and with the configuration that is found for it."""
    return built("book/", tmp_path_factory.mktemp("site"), "-W", "-n", "--keep-going")


@pytest.fixture(scope="session")
def another_site(tmp_path_factory):
    """The site of a book that has other results, other profiles and an address."""
    folder = tmp_path_factory.mktemp("another")
    book, config = another_book.made(folder)
    return built(book, folder, "--config", config)


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: `apt-get install chromium` for this test")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="session")
def new_page(chromium):
    """Open a page that may read files and nothing else, and keeps what goes wrong in a list."""

    def opened(**options):
        page = chromium.new_context(viewport=VIEWPORT, offline=True, **options).new_page()
        page.problems = []
        page.on("console", lambda m: page.problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on(
            "requestfailed",
            lambda request: (
                None  # the browser left the page before its icon had come
                if request.failure == "net::ERR_ABORTED"
                else page.problems.append(f"failed: {request.url}")
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:", "blob:"))
                else page.problems.append(f"asked for {request.url}")
            ),
        )
        return page

    return opened


@pytest.fixture(scope="session")
def _page(new_page):
    return new_page()


@pytest.fixture
def page(_page):
    """The page that the tests share, as if it were new: opening one takes a second."""
    _page.goto("about:blank")
    _page.set_viewport_size(VIEWPORT)
    _page.emulate_media(reduced_motion="null")
    _page.context.clear_permissions()
    _page.problems.clear()
    return _page
