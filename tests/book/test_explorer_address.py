"""What the explorer shows is in the address of the page, and comes back with it."""

import pytest
from made_up import network, written


@pytest.fixture
def file(tmp_path):
    return written(tmp_path, network(), network("vgg16")).as_uri()


def shown(page):
    """Threshold, classes and networks, as the page shows them."""
    classes = [box.input_value() for box in page.locator("input[name=mwt-class]:checked").all()]
    rows = page.locator("[data-part=rows] tr").all()
    at = page.locator("[data-part=at]").inner_text()
    return at, classes, [row.get_attribute("data-model") for row in rows]


def test_a_link_shows_what_was_seen_when_it_was_copied(page, file):
    page.goto(file)
    assert "#" not in page.url
    page.locator("[data-part=threshold]").fill("1")
    page.get_by_label("a", exact=True).uncheck()
    page.get_by_label("VGG16").check()
    seen = shown(page)
    assert seen == ("0.5", ["1", "2"], ["resnet18", "vgg16"])
    link = page.url
    assert link == f"{file}#data=quick/mnist5k&threshold=0.5&classes=1,2&networks=resnet18,vgg16"
    page.goto("about:blank")
    page.goto(link)
    assert shown(page) == seen
    assert page.locator("[data-part=stale]").is_hidden()
    page.locator("button[data-classes='0 1']").click()
    assert "classes=0,1&" in page.url
    page.goto(link)  # another address of the page that is open
    assert shown(page) == seen
    assert page.problems == []


def test_a_part_of_an_address_is_enough(page, file):
    page.goto(f"{file}#data=quick/mnist5k&classes=2")
    assert shown(page) == ("0.9", ["2"], ["resnet18"])
    assert page.locator("[data-part=stale]").is_hidden()


@pytest.mark.parametrize(
    "address",
    [
        "data=quick/mnist5k&threshold=7&classes=0,44&networks=alexnet",
        "data=quick/mnist5k&threshold=&classes=&networks=",
        "data=quick/mnist5k&threshold=%&classes=a,b&networks=<b>",
        "data=paper/svhn&threshold=0.5&classes=1&networks=vgg16",
    ],
)
def test_what_an_address_has_wrong_is_left_as_it_is_and_said(page, file, address):
    page.goto(file)
    usual = shown(page)
    page.goto("about:blank")
    page.goto(f"{file}#{address}")
    assert shown(page) == usual
    assert page.locator("[data-part=stale]").is_visible()
    assert page.problems == []


def test_another_anchor_of_the_page_is_none_of_its_business(page, file):
    page.goto(f"{file}#top")
    assert page.url == f"{file}#top"
    assert page.locator("[data-part=stale]").is_hidden()
    assert shown(page)[0] == "0.9"


def test_a_button_copies_the_link(page, file):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(file)
    page.locator("[data-part=copy]").click()
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert "#data=quick/mnist5k&threshold=0.9&classes=0,1,2&networks=resnet18" in page.url


def test_without_leave_to_copy_the_button_says_where_the_link_is(new_page, file):
    page = new_page()
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error())")
    page.goto(file)
    page.locator("[data-part=copy]").click()
    page.get_by_text("take the link from its address bar").wait_for()
    assert "#data=" in page.url
    page.context.close()
