"""Every link within the site leads somewhere: to a file, and to an id in it."""

from urllib.parse import unquote

from parsed import addresses, ids, pages


def test_internal_links_and_anchors_resolve(site):
    missing, checked = [], 0
    for page in pages(site):
        for link in addresses(page):
            if link.scheme or link.netloc or not (link.path or link.fragment):
                continue
            checked += 1
            target = (page.parent / unquote(link.path)).resolve() if link.path else page.resolve()
            anchor = link.fragment if target.suffix == ".html" else ""
            if not target.is_file() or (anchor and anchor not in ids(target)):
                missing.append((page.name, link.geturl()))
    assert checked > 1000
    assert missing == []
