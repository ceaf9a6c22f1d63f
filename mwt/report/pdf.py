"""``python -m mwt.report.pdf [BOOK]``: the whole report as one PDF, printed by Chromium.

The book becomes one page, the browser prints it, and the site of the same book is built anew, so
that it offers the PDF for download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ..study.provenance import commit, now
from ..support.command import run
from ..support.errors import UsageError
from ..support.files import project_root

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NAME = "mwt-report.pdf"
SECONDS = 300  # after which a browser that prints is given up


def installed() -> str | None:
    """Return the command of the first browser that this machine has."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def browser() -> str:
    """Return the browser's command.

    Raises
    ------
    UsageError
        If there is none.
    """
    if found := installed():
        return found
    raise UsageError(
        f"no browser to print with (looked for {', '.join(BROWSERS)}): install one, such as by "
        "`apt-get install chromium`."
    )


def build_book(book: Path, builder: str, target: Path) -> None:
    """Build a book, as one page or as the site."""
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    command = [str(jupyter_book), "build", str(book), "--builder", builder, "-q"]
    command += ["--path-output", str(target), "--config", str(project_root() / "_config.yml")]
    subprocess.run(command, check=True)


def dated(page: Path) -> None:
    """Say below the title of a page of HTML when it was printed, and of which commit."""
    line = f'<p class="mwt-printed">Printed on {now()} at commit {commit()}.</p>'
    page.write_text(page.read_text().replace("</h1>", f"</h1>\n{line}", 1))


def without_sandbox() -> list[str]:
    """Return what a browser needs to start for root, for whom it has no sandbox; else nothing."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def printed(page: Path, file: Path) -> None:
    """Print a page of HTML to a PDF with bookmarks."""
    with TemporaryDirectory() as profile:
        command = [browser(), "--headless", "--disable-gpu", *without_sandbox()]
        command += [f"--user-data-dir={profile}", "--no-pdf-header-footer"]
        command += ["--generate-pdf-document-outline"]  # of the headings
        command += [f"--print-to-pdf={file}", page.resolve().as_uri()]
        subprocess.run(command, check=True, timeout=SECONDS, capture_output=True)


def make(book: Path, target: Path) -> None:
    """Make the PDF of a book, and under ``target`` the site that offers it."""
    browser()
    if not (book / "_toc.yml").is_file():
        raise UsageError(f"{book} is no book (it has no _toc.yml): give book or _build/book.")
    with TemporaryDirectory() as folder:
        build_book(book, "singlehtml", Path(folder))
        page = Path(folder) / "_build" / "singlehtml" / "index.html"
        dated(page)
        printed(page, Path(folder) / NAME)
        shutil.copy2(Path(folder) / NAME, book / "_static" / NAME)
    build_book(book, "html", target)


def main(book: Annotated[Path, typer.Argument()] = Path("book")) -> None:
    """Make the PDF of a book, and the site that offers it."""
    make(book, project_root())


if __name__ == "__main__":
    run(main)
