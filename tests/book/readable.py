"""Whether a page is readable: for everybody, on light and dark, on a phone."""

from axe_playwright_python.sync_playwright import Axe

GRAVE = ("serious", "critical")
SCRIPT = Axe().axe_script
FOUND = """options => axe.run(options).then(({ violations }) => violations.map(
  ({ id, impact, nodes }) => [id, impact, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))]
))"""


def violations(page, **options):
    """Serious and critical violations that axe-core finds: rule and the elements' HTML."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    usual = {"resultTypes": ["violations"], "preload": False}  # which asks for the style sheets
    found = page.evaluate(FOUND, usual | options)
    return [(rule, elements) for rule, impact, elements in found if impact in GRAVE]


def check(page, file):
    """Open a page and assert that it is quiet, accessible in both themes, and fits a phone."""
    page.goto(file.as_uri())
    page.wait_for_load_state("load")
    assert violations(page) == []
    page.add_style_tag(content="* { transition: none !important }")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    only = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    assert violations(page, **only) == []
    check_width(page)


def check_fit(page, file):
    """Open a page and assert that it is quiet and fits a phone."""
    page.goto(file.as_uri())
    page.wait_for_load_state("load")
    check_width(page)


def check_width(page):
    """Assert that an open page fits a phone, and that nothing went wrong so far."""
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.problems == []
