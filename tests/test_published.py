"""The published results show the paper's effects, and by how much."""

from pathlib import Path

import pytest

from mwt.report.order import profile_folders
from mwt.results.tidy import curve, read_results, select, value
from mwt.study import parameters
from mwt.study.profiles import load_profile

BOOK = Path(__file__).parents[1] / "book"
RESULTS = read_results(BOOK / "results/quick/results.csv")
STUDY = parameters.read({})
# Standard and modular accuracy at least; KRR at most, cohesion at least, coupling at most.
BOUNDS = {
    "resnet18": (0.97, 0.96, 0.42, 0.95, 0.38),
    "vgg16": (0.96, 0.96, 0.55, 0.90, 0.50),
    "simcnn": (0.93, 0.95, 0.60, 0.90, 0.60),
    "rescnn": (0.95, 0.95, 0.60, 0.90, 0.60),
}


def test_several_seeds_are_published():
    assert RESULTS["seed"].nunique() >= 3
    assert set(RESULTS["seed"]) == set(load_profile("quick")["seeds"])


def test_the_book_says_that_nothing_was_trained_on_svhn():
    published = [read_results(one / "results.csv") for one in profile_folders(BOOK / "results")]
    datasets = {name for results in published for name in results["dataset"]}
    page = " ".join((BOOK / "reproduce.md").read_text().split())
    said = "nothing published here was trained on it" in page
    assert said == ("svhn" not in datasets)


@pytest.fixture(params=BOUNDS)
def model(request):
    return request.param


def test_modularity_costs_little_accuracy(model):
    whole = select(RESULTS, model=model, classes="all", quantity="accuracy")
    standard, modular = (value(whole, method=method) for method in ("standard", "modular"))
    assert standard >= BOUNDS[model][0]
    assert modular >= BOUNDS[model][1]
    assert abs(standard - modular) <= (0.02 if model in ("resnet18", "vgg16") else 0.03)


def test_modules_are_small_cohesive_and_apart(model):
    at = select(RESULTS, model=model, classes="all", threshold=STUDY.threshold, method="modular")
    _, _, krr, cohesion, coupling = BOUNDS[model]
    assert value(at, quantity="kernel_retention_rate") <= krr
    assert value(at, quantity="cohesion") >= cohesion
    assert value(at, quantity="coupling") <= coupling


@pytest.mark.parametrize(
    ("quantity", "sign"), [("kernel_retention_rate", -1), ("cohesion", 1), ("coupling", -1)]
)
def test_what_the_threshold_moves_and_which_way(model, quantity, sign):
    rows = select(RESULTS, model=model, classes="all", method="modular", quantity=quantity)
    line = curve(rows.dropna(subset="threshold"), "threshold")["mean"]
    assert len(line) == len(STUDY.thresholds)
    line = line[:0.9]  # the paper's range
    assert (sign * line.diff().dropna()).min() >= -0.005


def test_modules_that_keep_their_generators_are_as_good_as_the_uncut_network(model):
    drawn = {" ".join(map(str, classes)) for classes in STUDY.random_subtasks}
    rows = select(RESULTS, model=model, threshold=STUDY.threshold, quantity="accuracy")
    rows = rows[rows["classes"].isin(drawn)]
    assert set(rows["classes"]) == drawn
    by_method = rows.pivot(index=["classes", "seed"], columns="method", values="value")
    short = by_method["modular"] - by_method["module-masked"]
    assert short.mean() <= 0.005
    assert short.max() <= 0.03


def test_modular_training_parts_what_the_classes_of_a_standard_network_share(model):
    at = select(RESULTS, model=model, classes="all", threshold=STUDY.threshold)
    standard, modular = (value(at, method=m, quantity="coupling") for m in ("standard", "modular"))
    assert modular < standard


def test_cnnsplitters_modules_work_together_and_are_larger():
    rows = select(RESULTS, model="simcnn")
    every = " ".join(map(str, range(10)))
    accuracy = {
        m: value(rows, method=m, classes=every, quantity="accuracy")
        for m in ("standard", "cnnsplitter")
    }
    assert accuracy["cnnsplitter"] >= 0.85 * accuracy["standard"]
    at = select(rows, classes="all", quantity="kernel_retention_rate")
    modular = value(at, method="modular", threshold=STUDY.threshold)
    assert modular <= 0.75 * value(at, method="cnnsplitter")
