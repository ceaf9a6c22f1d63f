"""Every link within the site leads somewhere: to a file, and to an id in it."""

from functools import cache
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup


def test_internal_links_and_anchors_resolve(site):
    @cache
    def ids(path):
        return {tag["id"] for tag in soup(path).find_all(id=True)}

    @cache
    def soup(path):
        return BeautifulSoup(path.read_text(), "lxml")

    missing, checked = [], 0
    for page in site.rglob("*.html"):
        if "_static" in page.parts:
            continue
        for tag in soup(page).find_all(["a", "link", "script", "img"]):
            link = urlsplit(tag.get("href") or tag.get("src") or "")
            if link.scheme or link.netloc or not (link.path or link.fragment):
                continue
            checked += 1
            target = (page.parent / unquote(link.path)).resolve() if link.path else page.resolve()
            anchor = link.fragment if target.suffix == ".html" else ""
            if not target.is_file() or (anchor and anchor not in ids(target)):
                missing.append((page.name, link.geturl()))
    assert checked > 1000
    assert missing == []
