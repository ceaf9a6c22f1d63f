"""Pages of a built site, and what they link to; quick enough for all of them."""

from functools import cache
from urllib.parse import urlsplit

import lxml.html


def pages(site):
    """Paths of all pages, those of other sources than the book's left out."""
    return [path for path in site.rglob("*.html") if "_static" not in path.parts]


@cache
def page(path):
    return lxml.html.parse(str(path)).getroot()


@cache
def ids(path):
    return set(page(path).xpath("//@id"))


def addresses(path):
    """Where a page leads to, and what it loads."""
    found = page(path).xpath("//a/@href | //link/@href | //script/@src | //img/@src")
    return [urlsplit(address) for address in found]


def names_linked(path):
    """Names of the files that a reader can go to."""
    return {urlsplit(address).path.split("/")[-1] for address in page(path).xpath("//a/@href")}
