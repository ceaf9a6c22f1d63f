"""The report page of ``python -m mwt modularize`` in a browser: readable, and safe to open."""

import own
import pytest
from readable import check

from mwt.report.own.command import main


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    net, pictures = own.network(folder), own.pictures(folder)
    words = ["--epochs", "1", "--batch-size", "16", "--no-onnx", "--output", str(folder / "out")]
    sets = ["--classes", f"cat,{own.CLASSES[2]}", "--classes", "dog"]
    main(["modularize", f"{net}:Tiny", str(pictures), *words, *sets])
    return folder / "out/report.html"


def test_the_page_is_readable_by_everybody_without_a_network(page, report):
    check(page, report)


def test_a_class_that_looks_like_html_is_text(page, report):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(report.as_uri())
    assert dialogs == []
    assert page.locator("img").count() == 0
    assert own.CLASSES[2] in page.locator("caption").first.inner_text()
    pictures = page.locator("svg[aria-label^='Module masks']")
    assert pictures.count() == 2
    assert own.CLASSES[2] in pictures.first.text_content()
