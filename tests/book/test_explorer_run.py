"""The explorer shows one run: the numbers beside its masks are those of its seed, and it says so.

Of made-up data, which do not change when results are published.
"""

import dataclasses

import pandas as pd
import pytest

from mwt.report.site.explorer import explorer
from mwt.results.tidy import COLUMNS
from mwt.study import parameters

SHOWN = 1  # the seed
ACCURACY = {  # by column, at the thresholds 0.5 and 0.9
    "masked": (0.96, 0.91),
    "folded": (0.82, 0.73),
    "finetuned": (0.97, 0.95),
    "standard": (0.98, 0.98),
}
METHODS = {
    "module-masked": "masked",
    "module-folded": "folded",
    "module-finetuned": "finetuned",
    "standard": "standard",
}


def network():
    return {
        "model": "resnet18",
        "dataset": "mnist5k",
        "seed": SHOWN,
        "classes": ["a", "b", "c"],
        "layers": [["conv", 4]],
        "thresholds": [0.5, 0.9],
        "kept": ["2210", "2110", "1220"],
        "cohesion": [[0.9, 0.9, 0.9], [0.8, 0.8, 0.8]],
        "pairs": [[0.3, 0.3, 0.3], [0.2, 0.2, 0.2]],
        "made": {"commit": "0123abc", "date": "", "machine": ""},
        "files": "",
    }


def results():
    """Results of three seeds, of which the shown one is neither the first nor the last."""
    rows = [
        ("quick", "mnist5k", "resnet18", method, seed, "0 1", threshold, "accuracy", value, "run")
        for seed in (0, SHOWN, 2)
        for method, key in METHODS.items()
        for threshold, number in zip((0.5, 0.9), ACCURACY[key], strict=True)
        for value in [number - 0.25 * abs(seed - SHOWN)]
    ]
    return pd.DataFrame(rows, columns=COLUMNS[:10])


@pytest.fixture
def shown(page, tmp_path):
    file = tmp_path / "explorer.html"
    study = dataclasses.replace(parameters.read({}), subtasks=[[0, 1]])
    html = explorer([network()], results(), study)
    file.write_text(f"<!doctype html><meta charset='utf-8'>{html}")
    page.goto(file.as_uri())
    page.locator("button[data-classes='0 1']").click()
    return page


@pytest.mark.parametrize("step", [0, 1])
def test_accuracies_are_those_of_the_run_whose_masks_are_shown(shown, step):
    shown.locator("[data-part=threshold]").fill(str(step + 1))
    for key, numbers in ACCURACY.items():
        assert shown.locator(f"td[data-value={key}]").inner_text() == f"{numbers[step]:.3f}"
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
    }
    for key, name in names.items():
        assert heads[columns[key]] == name
        assert cells[columns[key]].get_attribute("data-head") == name


def test_other_classes_were_measured_in_no_form(shown):
    shown.locator("input[name=mwt-class]").nth(2).check()
    for key in ACCURACY:
        assert shown.locator(f"td[data-value={key}]").inner_text() == "not measured"


def test_it_says_that_it_shows_one_run_and_which(shown):
    assert f"one run of each network, that with seed {SHOWN}" in " ".join(
        shown.locator(".mwt-banner").inner_text().split()
    )
