"""Whether a page is readable: for everybody, on light and dark, on a phone."""

from axe_playwright_python.sync_playwright import Axe

GRAVE = ("serious", "critical")
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
SCRIPT = Axe().axe_script
FOUND = """options => axe.run(%s, options).then(({ violations }) => violations.map(
  ({ id, impact, nodes }) => [id, impact, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))]
))"""
# Of the texts that have the same colour, size and backgrounds, two; and what may be filled in.
KINDS = """{ include: (() => {
  const known = new Map([[null, '']]);
  const behind = (element) => {
    if (!known.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity].join();
      known.set(element, `${behind(element.parentElement)}/${own}`);
    }
    return known.get(element);
  };
  const kinds = new Map();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() && element.checkVisibility()) {
      const { color, fill, fontSize, fontWeight, textShadow } = getComputedStyle(element);
      const kind = [color, fill, fontSize, fontWeight, textShadow, behind(element)].join();
      kinds.set(kind, [...(kinds.get(kind) ?? []), element].slice(-2));
    }
  }
  return [...kinds.values(), ...document.querySelectorAll('input, select, textarea')].flat();
})() }"""


def violations(page, elements="document", **options):
    """Serious and critical violations that axe-core finds: rule and the elements' HTML."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT)
    usual = {"resultTypes": ["violations"], "preload": False}  # which asks for the style sheets
    found = page.evaluate(FOUND % elements, usual | options)
    return [(rule, parts) for rule, impact, parts in found if impact in GRAVE]


def check(page, file):
    """Open a page and assert that it is quiet, accessible in both themes, and fits a phone."""
    page.goto(file.as_uri())
    page.wait_for_load_state("load")
    check_contents(page)


def check_contents(page):
    """Assert that an open page is quiet, accessible in both themes, and fits a phone.

    In the dark theme, of the texts that look alike only some are measured: it takes long.
    """
    page.add_style_tag(content="* { transition: none !important }")
    assert violations(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert violations(page, KINDS, **CONTRAST) == []
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
