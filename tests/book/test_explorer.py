"""The explorer shows what each profile's results say, by mouse and by keyboard."""

import json

import pandas as pd
import pytest
import torch
from another_book import MARKUP
from browser import ROOT

from mwt.data import class_names
from mwt.report.explore import GRID, steps_kept
from mwt.report.order import profile_folders
from mwt.report.site.explored import small_scores
from mwt.report.site.shown import read_profile
from mwt.results.tidy import select, value

PROFILES = [folder.name for folder in profile_folders(ROOT / "book/results")]
KINDS = {
    "masked": "module-masked",
    "folded": "module-folded",
    "finetuned": "module-finetuned",
    "standard": "standard",
}


@pytest.fixture(params=PROFILES)
def profile(request):
    return read_profile(ROOT / "book/results" / request.param)


@pytest.fixture
def results(profile):
    """Rows of the run that the explorer shows."""
    config = profile.study.config
    return select(profile.results, seed=config.seed, dataset=profile.first[1])


@pytest.fixture
def models(results):
    return list(dict.fromkeys(results["model"]))


@pytest.fixture
def explorer(site, page, profile, models):
    data = "/".join([profile.name, profile.first[1]])
    state = f"data={data}&networks={','.join(models)}"
    page.goto(f"{(site / 'explorer.html').as_uri()}#{state}")
    visible = page.locator(".mwt-explorer:visible")
    assert f"profile {profile.name}." in visible.locator(".mwt-banner").inner_text()
    assert visible.locator("[data-part=rows] tr").count() == len(models)
    return visible


def cell(explorer, model, key):
    return explorer.locator(f'tr[data-model="{model}"] td[data-value="{key}"]')


NUMBERS = """explorer => [...explorer.querySelectorAll('tr[data-model] td[data-value]')].map(
  (cell) => [
    cell.closest('tr').dataset.model,
    cell.dataset.value,
    cell.title,
    (cell.querySelector('b') ?? cell).innerText,  // an interval stands below the number
  ])"""


def shown(explorer):
    """The numbers in full, which a cell shows when pointed at; rounded, they are its text."""
    found = {}
    for model, key, title, text in explorer.evaluate(NUMBERS):
        if title:
            found[model, key] = float(title)
            assert float(text.replace(",", "")) == pytest.approx(found[model, key], abs=0.00051)
    return found


def at(explorer, threshold):
    explorer.locator("[data-part=threshold]").fill(str(GRID.index(threshold) + 1))
    assert explorer.locator("[data-part=at]").inner_text() == f"{threshold:g}"


def button(explorer, classes):
    return explorer.locator(f"button[data-classes='{classes}']")


def test_the_first_profiles_first_network_is_what_one_sees_first(site, page):
    page.goto((site / "explorer.html").as_uri())
    first = read_profile(ROOT / "book/results" / PROFILES[0])
    rows = page.locator(".mwt-explorer:visible [data-part=rows] tr")
    assert [row.get_attribute("data-model") for row in rows.all()] == [first.first[0]]
    banner = page.locator(".mwt-explorer:visible .mwt-banner").inner_text()
    assert f"profile {first.name}." in banner


def test_all_classes_show_the_measures_of_the_results(explorer, profile, results, models):
    for box in explorer.locator("input[name=mwt-class]").all():
        box.check()
    for threshold in profile.study.thresholds:
        at(explorer, threshold)
        rows = select(results, classes="all", method="modular", threshold=threshold)
        numbers = shown(explorer)
        for model in models:
            one = select(rows, model=model)
            for key, name in (("krr", "kernel_retention_rate"), ("cohesion", ""), ("coupling", "")):
                expected = value(one, quantity=name or key)
                found = numbers[model, key]
                # The results' coupling is a mean of single-precision numbers.
                assert found == pytest.approx(expected, abs=1e-7), (threshold, model, key)


def test_a_sub_task_shows_the_accuracies_of_the_results(explorer, profile, results, models):
    button(explorer, profile.study.subtask).click()
    for threshold in profile.study.thresholds:
        at(explorer, threshold)
        rows = select(results, classes=profile.study.subtask, threshold=threshold)
        numbers = shown(explorer)
        for model in models:
            one = select(rows, model=model)
            rate = value(one, quantity="kernel_retention_rate")
            assert numbers[model, "together"] == pytest.approx(rate, abs=1e-9)
            for key, method in KINDS.items():
                expected = value(one, method=method, quantity="accuracy")
                found = numbers[model, key]
                assert found == pytest.approx(expected, abs=1e-9), (threshold, model, key)


def small_scores_of(profile):
    """What the files say of pairs and triples, as rows; and those that a notebook measured too."""
    files = [json.loads(path.read_text()) for path in profile.folder.glob("explorer-*.json")]
    return {network["model"]: list(small_scores(network)) for network in files}


def test_pairs_and_triples_that_no_notebook_ran_have_accuracies(explorer, profile, results):
    forms = {method: key for key, method in KINDS.items()}
    scores = small_scores_of(profile)
    assert profile.name != "quick" or all(scores.values())
    at(explorer, profile.study.threshold)
    ran = set(results["classes"])
    for classes in [c for c in ("2 5", "1 4 8", "3 6", "0 7 9") if c not in ran][:2]:
        for label, box in enumerate(explorer.locator("input[name=mwt-class]").all()):
            box.set_checked(str(label) in classes.split())
        numbers = shown(explorer)
        for model, found in scores.items():
            for method, of, _, accuracy, images in found:
                if of == classes:
                    assert numbers[model, forms[method]] == pytest.approx(accuracy)
                    assert numbers[model, "images"] == images


def test_pairs_and_triples_score_what_the_notebooks_found_on_the_same_images(profile, results):
    scores = small_scores_of(profile)
    assert profile.name != "quick" or all(scores.values())
    for model, found in scores.items():
        rows = select(results, model=model, threshold=profile.study.threshold)
        images = select(rows, quantity="test_images").set_index("classes")["value"].to_dict()
        both = [one for one in found if images.get(one[1]) == one[4]]
        assert not found or profile.name != "quick" or len(both) >= 3 * 5
        for method, classes, _, accuracy, count in both:
            expected = value(rows, method=method, classes=classes, quantity="accuracy")
            # Rounding may decide an image that lies between two classes.
            assert accuracy == pytest.approx(expected, abs=1.01 / count), (model, method, classes)


def test_keys_move_the_slider_and_the_masks(explorer, page):
    at(explorer, 0.9)
    before = explorer.locator(".mwt-masks svg").first.inner_html()
    explorer.locator("[data-part=threshold]").focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    assert explorer.locator("[data-part=at]").inner_text() == "0.5"
    assert explorer.locator(".mwt-masks svg").first.inner_html() != before
    assert page.problems == []


def test_a_page_gone_back_to_shows_what_its_controls_say(explorer, page, site, profile):
    at(explorer, 0.3)
    button(explorer, profile.study.subtask).click()
    page.goto((site / "glossary.html").as_uri())
    page.go_back()
    step = int(explorer.locator("[data-part=threshold]").input_value())
    assert explorer.locator("[data-part=at]").inner_text() == f"{GRID[step - 1]:g}"
    classes = explorer.locator("input[name=mwt-class]:checked").count()
    command = explorer.locator("[data-part=command]").inner_text()
    assert f"-p subtask_sizes {classes}" in command
    assert explorer.count() == 1


def test_what_was_not_measured_says_so_and_how_to_measure_it(explorer, page, profile, models):
    for box in explorer.locator("input[name=mwt-class]").all():
        box.uncheck()
    assert explorer.locator("[data-part=hint]").is_visible()
    at(explorer, 0.35)
    explorer.locator("input[name=mwt-class]").nth(3).check()
    explorer.locator("input[name=mwt-class]").nth(7).focus()
    page.keyboard.press("Space")
    assert cell(explorer, models[0], "folded").inner_text() == "not measured"
    assert explorer.locator("[data-part=why]").is_visible()
    command = explorer.locator("[data-part=command]").inner_text()
    assert f"-p profile {profile.name} " in command
    assert '-p target_classes "3 7"' in command


def test_a_table_of_the_measures_is_offered(explorer, page, profile, results, models):
    model, threshold = models[-1], 0.9
    with page.expect_download() as download:
        home = explorer.locator(f"[data-origin={model}]")
        home.get_by_role("link", name="Measures (CSV)").click()
    table = pd.read_csv(download.value.path())
    rows = select(results, model=model, method="modular", classes="all", threshold=threshold)
    measured = select(table, threshold=threshold).groupby("quantity")["value"].mean()
    for name in ("kernel_retention_rate", "cohesion", "coupling"):
        assert measured[name] == pytest.approx(value(rows, quantity=name), abs=1e-9)


def test_the_measures_fit_on_a_phone(explorer, page):
    page.set_viewport_size({"width": 390, "height": 800})
    boxes = explorer.locator("[data-part=rows] td").evaluate_all(
        "cells => cells.map((cell) => cell.getBoundingClientRect().toJSON())"
    )
    assert boxes
    for box in boxes:
        assert 0 <= box["left"] < box["right"] <= 390


def test_it_says_of_which_classes_the_numbers_are(explorer, profile):
    button(explorer, profile.study.subtask).click()
    every = class_names(profile.study.config.dataset)
    names = ", ".join(every[label] for label in profile.study.classes)
    assert f"chosen classes {names}" in explorer.locator("[data-part=of]").inner_text()
    assert button(explorer, profile.study.subtask).inner_text() == names
    explorer.get_by_text("What the columns mean").click()
    assert explorer.get_by_text("mean over the pairs of chosen classes").is_visible()


def test_masks_of_the_explorer_are_those_of_the_thresholds(profile):
    files = list(profile.folder.glob("explorer-*.json"))
    assert files
    for file in files:
        network = json.loads(file.read_text())
        kernels = sum(size for _, size in network["layers"])
        assert {len(row) for row in network["kept"]} == {kernels}
        where = {"model": network["model"], "dataset": network["dataset"], "classes": "all"}
        rows = select(profile.results, seed=network["seed"], method="modular", **where)
        shared = set(network["thresholds"]) & set(profile.study.thresholds)
        assert profile.study.threshold in shared
        for threshold in shared:
            step = network["thresholds"].index(threshold)
            kept = [sum(int(digit, 36) > step for digit in row) for row in network["kept"]]
            rate = value(rows, threshold=threshold, quantity="kernel_retention_rate")
            assert sum(kept) / kernels / len(kept) == pytest.approx(rate, abs=1e-12)


def test_digits_tell_up_to_which_threshold_a_kernel_is_kept():
    low, high = torch.tensor([[1, 1, 0]]).bool(), torch.tensor([[1, 0, 0]]).bool()
    assert steps_kept([low, low, high]) == ["320"]
    with pytest.raises(ValueError, match="nested"):
        steps_kept([high, low])


def test_the_name_of_a_class_is_text_whatever_is_in_it(another_site, page):
    page.goto(f"{(another_site / 'explorer.html').as_uri()}#data=quick/mnist5k&classes=0,1")
    visible = page.locator(".mwt-explorer:visible")
    assert MARKUP in visible.inner_text()
    assert visible.locator("img").count() == 0
    assert page.evaluate("window.ran") is None
