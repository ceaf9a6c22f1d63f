"""The explorer shows one run: numbers beside its masks are those of its seed, and it says so."""

import random
from itertools import pairwise

import pytest
from browser import ROOT
from made_up import ACCURACY, IMAGES, SEED, network, of_many, written

from mwt.results.tidy import interval


@pytest.fixture
def shown(page, tmp_path):
    page.goto(written(tmp_path, network()).as_uri())
    page.locator("button[data-classes='0 1']").click()
    return page


def choose(page, *classes, threshold=0.9):
    page.locator("[data-part=threshold]").fill(str([0.5, 0.9].index(threshold) + 1))
    for label, box in enumerate(page.locator("input[name=mwt-class]").all()):
        box.set_checked(label in classes)


def cell(page, key):
    return page.locator(f"td[data-value={key}]")


def number(page, key):
    return float(cell(page, key).get_attribute("title"))


@pytest.mark.parametrize("step", [0, 1])
def test_accuracies_are_those_of_the_run_whose_masks_are_shown(shown, step):
    shown.locator("[data-part=threshold]").fill(str(step + 1))
    for key, numbers in ACCURACY.items():
        assert cell(shown, key).locator("b").inner_text() == f"{numbers[step]:.3f}"
    assert shown.problems == []


def test_each_number_stands_below_the_name_of_its_column(shown):
    heads = shown.locator("thead th").all_inner_texts()[1:]
    cells = shown.locator("[data-part=rows] td").all()
    columns = {cell.get_attribute("data-value"): i for i, cell in enumerate(cells)}
    assert len(heads) == len(cells)
    names = {
        "masked": "accuracy: with generators",
        "folded": "folded",
        "finetuned": "fine-tuned",
        "standard": "standard",
        "images": "test images",
    }
    for key, name in names.items():
        assert heads[columns[key]] == name
        assert cells[columns[key]].get_attribute("data-head") == name


@pytest.mark.parametrize(
    ("classes", "images", "expected"),
    [
        ((0, 2), 20, {"masked": 18, "folded": 10, "standard": 19}),
        ((0, 1, 2), 30, {"masked": 24, "folded": 10, "standard": 27}),
    ],
)
def test_pairs_and_triples_have_accuracies_with_their_intervals(shown, classes, images, expected):
    choose(shown, *classes)
    for key, right in expected.items():
        assert number(shown, key) == right / images
        low, high = interval(right / images, images)
        assert cell(shown, key).locator("small").inner_text() == f"{low:.3f}–{high:.3f}"
    assert cell(shown, "images").inner_text() == str(images)
    assert cell(shown, "finetuned").inner_text() == "not measured"


def test_what_a_notebook_measured_goes_before(shown):
    choose(shown, 0, 1)
    assert number(shown, "masked") == ACCURACY["masked"][1] != 19 / 20
    assert cell(shown, "images").inner_text() == str(IMAGES)
    assert shown.locator("[data-part=why]").is_hidden()


def test_it_says_why_an_accuracy_is_missing_and_how_to_measure_it(shown):
    why, command = shown.locator("[data-part=why]"), shown.locator("[data-part=command]")
    choose(shown, 0, 2)
    assert "operating point" not in why.inner_text()
    assert "Fine-tuning takes long" in why.inner_text()
    choose(shown, 0, 2, threshold=0.5)
    assert cell(shown, "masked").inner_text() == "not measured"
    assert number(shown, "standard") == 19 / 20  # which has no threshold
    assert "at the operating point only, threshold 0.9" in why.inner_text()
    assert '-p threshold 0.5 -p target_classes "0 2"' in command.inner_text()
    choose(shown, 1)
    assert "no accuracy of one class alone" in why.inner_text()


def test_a_network_whose_pairs_were_not_measured_is_shown_without(page, tmp_path):
    older = {key: value for key, value in network().items() if key != "small_subtasks"}
    page.goto(written(tmp_path, older).as_uri())
    choose(page, 0, 2)
    for key in ACCURACY:
        assert cell(page, key).inner_text() == "not measured"
    assert "For ResNet18, only the sub-tasks of the notebooks" in page.inner_text("[data-part=why]")
    choose(page, 0, 1)
    assert number(page, "masked") == ACCURACY["masked"][1]
    assert page.problems == []


def test_it_says_that_it_shows_one_run_and_which(shown):
    assert f"one run of each network, that with seed {SEED}" in " ".join(
        shown.locator(".mwt-banner").inner_text().split()
    )


def test_coupling_is_the_mean_over_the_pairs_of_the_masks_that_are_shown(shown):
    choose(shown, 0, 1)  # kernels 0, 1 and 0
    assert number(shown, "coupling") == 1 / 2
    choose(shown, 0, 1, 2)  # and 1, 2
    assert number(shown, "coupling") == pytest.approx((1 / 2 + 1 / 3 + 0) / 3)
    choose(shown, 1)
    assert cell(shown, "coupling").inner_text() == "–"


def test_of_a_hundred_classes_as_many_are_named_as_there_is_room_for(page, tmp_path):
    page.goto(written(tmp_path, of_many(100)).as_uri())
    page.add_style_tag(path=ROOT / "book/_static/explorer.css")
    picture = page.locator(".mwt-masks")
    box, last = (
        picture.locator(place).bounding_box() for place in ("svg", ".names span >> nth=-1")
    )
    assert 400 < box["height"] < 700
    assert last["y"] + last["height"] <= box["y"] + box["height"] + 3
    names = [name for name in picture.locator(".names span").all_inner_texts() if name]
    assert names[:2] == ["class 0", "class 3"]
    assert names[-1] == "union"
    ends = picture.locator(".names span").evaluate_all(
        "all => all.map((s) => s.getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])"
    )
    assert all(bottom <= top + 1 for (_, bottom), (top, _) in pairwise(ends))
    assert page.locator("fieldset").first.bounding_box()["height"] < 300
    page.evaluate(
        "document.querySelectorAll('[name=mwt-class]').forEach((b, i) => b.checked = i < 50)"
    )
    page.locator("[data-part=threshold]").fill("1")
    assert page.problems == []
    assert "For the chosen 50 classes." in page.inner_text("[data-part=of]")


def test_four_wide_networks_of_a_hundred_classes_take_less_than_4_mb(tmp_path):
    digits = random.Random(0).choices("0123456789abcdefghijk", k=5000)
    wide = of_many(100) | {"kept": ["".join(digits)] * 100, "layers": [["all", 5000]]}
    names = ("resnet18", "vgg16", "simcnn", "rescnn")
    page = written(tmp_path, *(wide | {"model": name} for name in names))
    assert 2_000_000 < page.stat().st_size < 4_000_000


def test_it_says_that_only_some_of_many_pairs_were_measured(page, tmp_path):
    page.goto(written(tmp_path, of_many(100)).as_uri())
    page.locator("button[data-classes='0 1']").click()
    page.locator("[value='1'][name=mwt-class]").uncheck()
    page.locator("[value='6'][name=mwt-class]").check()
    assert "only some pairs and triples were measured" in page.inner_text("[data-part=why]")


def test_it_says_how_many_kernels_the_modules_share(shown):
    def words():
        return shown.locator(".mwt-shared").inner_text().replace("\N{NO-BREAK SPACE}", " ")

    choose(shown, 0, 2, threshold=0.5)  # kernels 0, 1, 2 and 0, 1, 2; of class 1: 0, 1, 2
    assert words() == (
        "The union of the 2 chosen modules keeps 3 (75 %) of 4 kernels. Of these, 3 (100 %) are in "
        "each of the 2 modules and 3 (100 %) are in the modules of all 3 classes."
    )
    choose(shown, 0, 1)  # at 0.9: kernels 0 and 1, and 0; of class 2: 1 and 2
    assert "keeps 2 (50 %) of 4 kernels. Of these, 1 (50 %) are in each of the 2 modules" in words()
    assert "and 0 (0 %) are in the modules of all 3 classes" in words()
    choose(shown, 2)
    assert words().startswith("The module of c keeps 2 (50 %) of 4 kernels. Of these, 0 (0 %) are")


def test_layers_have_numbers_and_say_their_names_to_keys_and_pointers(shown):
    choose(shown, 0, 1)
    assert shown.locator(".layers span").all_inner_texts() == ["1", "2"]
    strip, text = shown.locator(".layers"), shown.locator(".mwt-layer")
    strip.focus()
    shown.keyboard.press("ArrowRight")
    assert text.inner_text() == (
        "Layer 1 of 2, first, has 3 kernels. Kept by the union: 2; by each chosen module: 1; "
        "by the modules of all 3 classes: 0."
    )
    shown.keyboard.press("End")
    assert text.inner_text().startswith("Layer 2 of 2, second, has 1 kernels")
    assert strip.get_attribute("aria-valuenow") == "2"
    shown.locator(".mwt-masks svg").hover(position={"x": 10, "y": 10})
    assert text.inner_text().startswith("Layer 1 of 2")
    choose(shown, 2)  # the layer stays chosen
    assert "Layer 1 of 2, first, has 3 kernels. Kept by the union: 2;" in text.inner_text()
