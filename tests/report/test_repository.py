"""Where a commit's page is, and what is no address of a repository."""

import pytest
from sphinx.config import Config

from mwt.report.site.repository import address, linked, of_commit
from mwt.support.errors import UsageError

ADDRESS = "https://github.com/someone/mwt"


def of(url):
    config = Config({}, {"mwt_repository": url})
    config.add("mwt_repository", "", "env", (str,))
    return address(config)


@pytest.mark.parametrize(
    ("given", "found"),
    [(f"{ADDRESS}.git", ADDRESS), (f"{ADDRESS}/", ADDRESS), ("", ""), (None, "")],
)
def test_an_address_is_that_of_a_page(given, found):
    assert of(given) == found


@pytest.mark.parametrize("given", ["git@github.com:someone/mwt.git", "github.com/someone/mwt"])
def test_anything_else_is_refused(given):
    with pytest.raises(UsageError, match="give the address of a page"):
        of(given)


def test_hosts_have_their_own_pages_of_commits():
    assert of_commit(ADDRESS, "0123abcdef") == f"{ADDRESS}/commit/0123abcdef"
    assert of_commit("https://gitlab.com/a/b", "0123abcdef").endswith("/a/b/-/commit/0123abcdef")


def test_only_commits_become_links():
    digest = "<dd>run trained-modular-vgg16-0123abcdef</dd>"
    record = (
        "<dt>commit</dt><dd>0123abcdef+changes</dd><dt>runs made at</dt><dd>fedcba3210 (2 runs), "
    )
    record += "0123abcdef (1 runs)</dd>"
    body = linked(f"{digest}{record} commit <code>fedcba3210</code>", ADDRESS)
    assert body.count("<a ") == 4
    assert digest in body
    assert f'<a href="{ADDRESS}/commit/0123abcdef">0123abcdef</a>+changes' in body
