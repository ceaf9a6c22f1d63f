"""The page on which a digit is drawn: what it computes is what torch computes, by any hand."""

import json

import numpy as np
import pytest
from browser import ROOT
from readable import check_contents

from mwt.report.order import profile_folders
from mwt.report.site.shown import read_profile

FILE = next(
    file
    for folder in profile_folders(ROOT / "book/results")
    for file in sorted(folder.glob("live-*.json"))
)
NETWORK = json.loads(FILE.read_text())
CLASSES = read_profile(FILE.parent).study.classes
SCRIPT = f"{FILE.parent.name}-{FILE.stem}.js"
SITE = ROOT / "mwt/report/site"
LOGITS = """name => {
  const { steps, digits, image } = globalThis.mwtNetworks[name];
  const made = decoded(steps);
  return digits.images.map((text) => {
    const small = resized(bytes(text), digits.size, image.size);
    return [...answer(made, normalized(small, image)).logits];
  });
}"""


@pytest.fixture
def live(site, page):
    page.goto((site / "live.html").as_uri())
    page.emulate_media(reduced_motion="reduce")
    return page


def part(page, name):
    return page.locator(f"[data-part={name}]")


def choose_digit(page, label):
    page.get_by_role("button", name=f"ready digit {label}").click()
    part(page, "results").wait_for()


def draw(page, *strokes):
    """Draw with the mouse; the sides of the drawing area are 1."""
    box = part(page, "canvas").bounding_box()
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=6)
        page.mouse.up()


def wait_for_words(page, name, words):
    """Wait until a part of the page says something."""
    page.wait_for_function(
        "([name, words]) => "
        "document.querySelector(`[data-part=${name}]`).textContent.includes(words)",
        arg=[name, words],
    )


def says(page, card, text):
    """Wait until a card's answer is a text."""
    page.wait_for_function(
        "([name, text]) => document.querySelector(`[data-part=${name}]`).textContent === text",
        arg=[f"{card}-answer", text],
    )


def test_the_browser_computes_torchs_logits_of_the_published_network(site, page):
    page.goto("about:blank")
    for file in (
        site / "_data" / SCRIPT,
        *(SITE / f"live_{name}.js" for name in ("engine", "drawing")),
    ):
        page.add_script_tag(content=file.read_text())
    found = np.array(page.evaluate(LOGITS, SCRIPT.removesuffix(".js")))
    assert found.shape == (len(NETWORK["digits"]["labels"]), len(NETWORK["classes"]))
    np.testing.assert_allclose(found, NETWORK["digits"]["logits"], atol=1e-3, rtol=0)
    assert (found.argmax(axis=1) == NETWORK["digits"]["labels"]).mean() > 0.9


def test_its_module_masks_are_those_of_the_explorer():
    explorer = json.loads((FILE.parent / FILE.name.replace("live", "explorer")).read_text())
    step = explorer["thresholds"].index(NETWORK["threshold"])
    kept = ["".join(str(int(int(digit, 36) > step)) for digit in row) for row in explorer["kept"]]
    assert NETWORK["modules"] == kept
    assert NETWORK["layers"] == explorer["layers"]


def test_nothing_is_loaded_before_it_is_asked_for(live):
    asked = []
    live.on("request", lambda request: asked.append(request.url))
    assert part(live, "hint").inner_text().startswith("The network (")
    assert not part(live, "results").is_visible()
    choose_digit(live, 4)
    assert [url.rpartition("/")[2] for url in asked if url.endswith(".js")] == [SCRIPT]
    assert live.problems == []


def test_a_digit_drawn_with_the_mouse_is_read_and_another_changes_the_answers(live):
    draw(live, [(0.5, 0.15), (0.5, 0.85)])
    says(live, "whole", "1")
    before = part(live, "layers").inner_html()
    part(live, "clear").click()
    part(live, "results").wait_for(state="hidden")
    draw(live, [(0.3, 0.18), (0.7, 0.18), (0.45, 0.85)])
    says(live, "whole", "7")
    assert part(live, "layers").inner_html() != before
    assert live.problems == []


def test_a_digit_is_drawn_by_keys(live):
    part(live, "canvas").focus()
    live.keyboard.press("Space")
    for _ in range(16):
        live.keyboard.press("ArrowDown")
    live.keyboard.press("Space")
    says(live, "whole", "1")
    for _ in range(4):
        live.keyboard.press("ArrowRight")  # with the pen lifted
    says(live, "whole", "1")
    live.keyboard.press("Delete")
    part(live, "results").wait_for(state="hidden")


def test_a_digit_is_drawn_with_a_finger(site, new_page):
    page = new_page(has_touch=True)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto((site / "live.html").as_uri())
    canvas = part(page, "canvas")
    canvas.scroll_into_view_if_needed()
    box, scrolled = canvas.bounding_box(), page.evaluate("scrollY")
    finger = page.context.new_cdp_session(page)
    for i in range(12):
        y = box["y"] + box["height"] * (0.15 + 0.06 * i)
        where = [{"x": box["x"] + box["width"] / 2, "y": y}]
        kind = "touchMove" if i else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    says(page, "whole", "1")
    assert page.evaluate("scrollY") == scrolled
    page.context.close()


def test_a_digit_of_another_class_gets_an_answer_of_the_module_all_the_same(live):
    other = next(label for label in range(9, 0, -1) if label not in CLASSES)
    choose_digit(live, other)
    says(live, "whole", str(other))
    names = [NETWORK["classes"][label] for label in CLASSES]
    assert part(live, "module-answer").inner_text() in names
    assert part(live, "alone-answer").inner_text() in names
    wait_for_words(live, "told", "is not a class of the module")
    rows = part(live, "module-rows").locator("tr.absent th").all_inner_texts()
    assert rows == [name for name in NETWORK["classes"] if name not in names]
    live.locator(f"input[name=mwt-live-class][value='{other}']").check()
    says(live, "module", str(other))


def test_the_words_count_the_cells(live):
    choose_digit(live, 8)
    numbers = {
        kind: part(live, "layers").locator(f"rect.{kind}").count() for kind in ("used", "inside")
    }
    both = part(live, "layers").locator("rect.used.inside").count()
    words = part(live, "shares").inner_text()
    assert f"uses {numbers['used']} of its" in words
    assert f"keeps {numbers['inside']} (" in words
    assert f"among them {both} of these" in words
    kept = np.array([[int(bit) for bit in row] for row in NETWORK["modules"]])[CLASSES].any(axis=0)
    assert numbers["inside"] == kept.sum()


def test_without_a_class_there_is_no_module(live):
    choose_digit(live, 3)
    for box in live.locator("input[name=mwt-live-class]").all():
        box.uncheck()
    part(live, "results").wait_for(state="hidden")
    assert "Choose at least one class" in part(live, "hint").inner_text()


def test_another_test_digit_is_another(live):
    choose_digit(live, 0)
    first = live.get_by_role("button", name="ready digit 0")
    assert first.get_attribute("aria-pressed") == "true"
    part(live, "next").click()
    live.wait_for_selector("[data-digit='0'][aria-pressed=false]")
    assert "test image of the class" in part(live, "label").inner_text()


def test_a_network_that_is_not_there_is_said(live):
    live.locator(".mwt-live").evaluate("home => { home.dataset.file = '_data/gone.js' }")
    live.get_by_role("button", name="ready digit 1").click()
    wait_for_words(live, "hint", "did not load")


def test_the_answers_are_readable_in_both_themes_and_on_a_phone(live):
    choose_digit(live, 7)
    part(live, "told").wait_for()
    check_contents(live)
