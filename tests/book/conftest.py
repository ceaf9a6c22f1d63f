"""The published site, built once, and a real browser without a network."""

import subprocess
import sys
from pathlib import Path

import pytest
from browser import CHROMIUM, ROOT
from playwright.sync_api import sync_playwright


def built(book, target):
    """Build the site of a book; return its folder and the seconds that it took."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", book, "-W", "-n", "-q"]
    command += ["--keep-going", "--path-output", target, "--config", ROOT / "_config.yml"]
    subprocess.run(command, check=True)
    return target / "_build/html"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    return built(ROOT / "book", tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: `apt-get install chromium` for this test")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def page(chromium):
    """A page that may read files and nothing else, and keeps what goes wrong in ``problems``."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
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
    yield page
    context.close()
