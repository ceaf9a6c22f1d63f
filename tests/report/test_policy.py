"""A built page names its own scripts, and nothing else runs in it."""

import base64
import hashlib
import re

import pytest

from mwt.report.site.policy import policed

PAGE = """<!DOCTYPE html>
<html><head>
<meta charset="utf-8">
<script src="own.js"></script>
<script data-theme="x">window.first = 1</script>
<script type="application/json">{"a": 1}</script>
</head><body><button onclick="toggleFullScreen()" title="x">F</button>
<script>window.second = 2</script></body></html>"""


def sha(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def policy(page):
    return re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]


def test_the_scripts_of_a_page_are_named_and_data_are_not():
    said = policy(policed(PAGE))
    assert sha("window.first = 1") in said
    assert sha("window.second = 2") in said
    assert sha('{"a": 1}') not in said
    assert "'unsafe-inline'" not in said.split("script-src")[1]
    assert said.startswith("default-src 'none'")


def test_it_stands_before_the_first_script():
    page = policed(PAGE)
    assert page.index("Content-Security-Policy") < page.index("<script")


def test_handlers_become_data():
    page = policed(PAGE)
    assert "onclick" not in page
    assert 'data-mwt-click="toggleFullScreen"' in page


@pytest.mark.parametrize("text", ["window.second = 3", "window.second = 2 "])
def test_a_script_that_was_put_in_later_is_not_named(text):
    assert sha(text) not in policy(policed(PAGE))
