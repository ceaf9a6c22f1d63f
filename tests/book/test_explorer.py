"""The explorer shows what the results say, by mouse and by keyboard."""

import json

import pandas as pd
import pytest
import torch
from browser import ROOT

from mwt import parameters
from mwt.report.collect import read
from mwt.report.explore import GRID, steps_kept
from mwt.report.results import select, value

FOLDER = ROOT / "book/results/quick"
STUDY = parameters.read({})
RESULTS = select(read(FOLDER / "results.csv"), seed=STUDY.config.seed)  # of the run that it shows
MODELS = list(dict.fromkeys(RESULTS["model"]))
KINDS = {
    "masked": "module-masked",
    "folded": "module-folded",
    "finetuned": "module-finetuned",
    "standard": "standard",
}


@pytest.fixture
def explorer(site, page):
    page.goto((site / "explorer.html").as_uri())
    for box in page.locator("input[name=mwt-network]").all():
        box.check()
    return page


def cell(page, model, key):
    return page.locator(f'tr[data-model="{model}"] td[data-value="{key}"]')


def shown(page, model, key):
    """The number in full, which the cell shows when pointed at; rounded, it is the cell's text."""
    one = cell(page, model, key)
    number = float(one.get_attribute("title"))
    assert float(one.inner_text()) == pytest.approx(number, abs=0.00051)
    return number


def at(page, threshold):
    page.locator("[data-part=threshold]").fill(str(GRID.index(threshold) + 1))
    assert page.locator("[data-part=at]").inner_text() == f"{threshold:g}"


@pytest.mark.parametrize("threshold", STUDY.thresholds)
def test_all_classes_show_the_measures_of_the_results(explorer, threshold):
    every = explorer.locator("button[data-classes='0 1 2 3 4 5 6 7 8 9']")
    every.click()
    at(explorer, threshold)
    rows = select(RESULTS, classes="all", method="modular", threshold=threshold)
    for model in MODELS:
        one = select(rows, model=model)
        for key, name in (("krr", "kernel_retention_rate"), ("cohesion", None), ("coupling", None)):
            expected = value(one, quantity=name or key)
            assert shown(explorer, model, key) == pytest.approx(expected, abs=1e-9), (model, key)


@pytest.mark.parametrize("threshold", STUDY.thresholds)
def test_a_sub_task_shows_the_accuracies_of_the_results(explorer, threshold):
    explorer.locator("button[data-classes='0 1 2']").click()
    at(explorer, threshold)
    rows = select(RESULTS, classes="0 1 2", threshold=threshold)
    for model in MODELS:
        one = select(rows, model=model)
        rate = value(one, quantity="kernel_retention_rate")
        assert shown(explorer, model, "together") == pytest.approx(rate, abs=1e-9)
        for key, method in KINDS.items():
            expected = value(one, method=method, quantity="accuracy")
            assert shown(explorer, model, key) == pytest.approx(expected, abs=1e-9), (model, key)


def test_keys_move_the_slider_and_the_masks(explorer):
    at(explorer, 0.9)
    before = explorer.locator(".mwt-masks svg").first.inner_html()
    explorer.locator("[data-part=threshold]").focus()
    for _ in range(8):
        explorer.keyboard.press("ArrowLeft")
    assert explorer.locator("[data-part=at]").inner_text() == "0.5"
    assert explorer.locator(".mwt-masks svg").first.inner_html() != before
    assert explorer.problems == []


def test_a_page_gone_back_to_shows_what_its_controls_say(explorer, site):
    at(explorer, 0.3)
    explorer.locator("button[data-classes='0 1']").click()
    explorer.goto((site / "glossary.html").as_uri())
    explorer.go_back()
    step = int(explorer.locator("[data-part=threshold]").input_value())
    assert explorer.locator("[data-part=at]").inner_text() == f"{GRID[step - 1]:g}"
    classes = explorer.locator("input[name=mwt-class]:checked").count()
    command = explorer.locator("[data-part=command]").inner_text()
    assert f"-p subtask_sizes {classes}" in command


def test_what_was_not_measured_says_so_and_how_to_measure_it(explorer):
    for box in explorer.locator("input[name=mwt-class]").all():
        box.uncheck()
    assert explorer.locator("[data-part=hint]").is_visible()
    explorer.locator("input[name=mwt-class]").nth(3).check()
    explorer.locator("input[name=mwt-class]").nth(7).focus()
    explorer.keyboard.press("Space")
    assert cell(explorer, "vgg16", "folded").inner_text() == "not measured"
    command = explorer.locator("[data-part=command]").inner_text()
    assert '-p target_classes "3 7"' in command


def test_a_table_of_the_measures_is_offered(explorer, site):
    with explorer.expect_download() as download:
        explorer.locator("[data-home=simcnn]").get_by_role("link", name="Measures (CSV)").click()
    table = pd.read_csv(download.value.path())
    rows = select(RESULTS, model="simcnn", method="modular", classes="all", threshold=0.5)
    measured = select(table, threshold=0.5).groupby("quantity")["value"].mean()
    for name in ("kernel_retention_rate", "cohesion", "coupling"):
        assert measured[name] == pytest.approx(value(rows, quantity=name), abs=1e-9)
    at = {"classes": "0 1 2", "threshold": 0.5}
    for name, method in (("with generators", "module-masked"), ("folded", "module-folded")):
        known = value(RESULTS, model="simcnn", method=method, quantity="accuracy", **at)
        offered = select(table, quantity=f"accuracy, {name}", **at)
        assert offered["value"].tolist() == [pytest.approx(known, abs=1e-9)]


def test_the_measures_fit_on_a_phone(explorer):
    explorer.set_viewport_size({"width": 390, "height": 800})
    for one in explorer.locator("[data-part=rows] td").all():
        box = one.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


def test_it_says_of_which_classes_the_numbers_are(explorer):
    explorer.locator("button[data-classes='0 1 2']").click()
    assert "chosen classes 0, 1, 2" in explorer.locator("[data-part=of]").inner_text()
    explorer.get_by_text("What the columns mean").click()
    assert explorer.get_by_text("mean over the pairs of chosen classes").is_visible()


def test_masks_of_the_explorer_are_those_of_the_thresholds():
    network = json.loads((FOLDER / "explorer-resnet18-mnist5k.json").read_text())
    kernels = sum(size for _, size in network["layers"])
    assert {len(row) for row in network["kept"]} == {kernels}
    for step, threshold in enumerate(network["thresholds"]):
        kept = [sum(int(digit, 36) > step for digit in row) for row in network["kept"]]
        rows = select(RESULTS, model="resnet18", method="modular", classes="all")
        rate = value(rows, threshold=threshold, quantity="kernel_retention_rate")
        if threshold in STUDY.thresholds:
            assert sum(kept) / kernels / len(kept) == pytest.approx(rate, abs=1e-12)


def test_digits_tell_up_to_which_threshold_a_kernel_is_kept():
    low, high = torch.tensor([[1, 1, 0]]).bool(), torch.tensor([[1, 0, 0]]).bool()
    assert steps_kept([low, low, high]) == ["320"]
    with pytest.raises(ValueError, match="nested"):
        steps_kept([high, low])
