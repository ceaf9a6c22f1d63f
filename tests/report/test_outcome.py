"""The front page's sentences say how the paper fares, from the numbers."""

import pandas as pd
import pytest

from mwt.report.tables.outcome import accuracy_lost, at_operating_point, exceptions, fared
from mwt.results.claims import judged
from mwt.results.tidy import COLUMNS
from mwt.study import parameters

PAPER = parameters.read({"profile": "paper", "device": "cpu"})
QUICK = parameters.read({"device": "cpu"})


def trained(model, dataset="cifar10", seed=0, modular=0.89):
    at = [
        ("standard", None, "accuracy", 0.90),
        ("standard", None, "test_images", 10000),
        ("modular", None, "accuracy", modular),
        ("modular", 0.9, "kernel_retention_rate", 0.3456),
        ("modular", 0.9, "cohesion", 0.9123),
        ("modular", 0.5, "coupling", 0.7),
    ]
    frame = pd.DataFrame(at, columns=["method", "threshold", "quantity", "value"])
    frame = frame.assign(dataset=dataset, model=model, seed=seed, classes="all", run="run")
    return frame.reindex(columns=COLUMNS).astype({"threshold": float, "value": float})


def test_accuracy_lost_stands_beside_the_papers_where_the_paper_has_it():
    text = accuracy_lost(pd.concat([trained("resnet18"), trained("simcnn", modular=0.92)]), PAPER)
    assert "ResNet18 1.0 [0.2, 1.9] (paper: 1.80)" in text  # Newcombe, of 10,000 images each
    assert "SimCNN −2.0 [−2.8, −1.2]." in text
    assert "VGG16" not in text


def test_over_seeds_the_interval_is_theirs():
    both = pd.concat([trained("resnet18"), trained("resnet18", seed=1, modular=0.88)])
    half = 12.706 * 0.5  # Student's t of one degree of freedom; the standard error is half a point
    low, high = f"−{half - 1.5:.1f}", f"{1.5 + half:.1f}"
    assert f"ResNet18 1.5 [{low}, {high}] (paper: 1.80)" in accuracy_lost(both, PAPER)


def test_the_operating_point_stands_beside_the_papers_without_what_was_not_measured():
    text = at_operating_point(trained("resnet18"), PAPER)
    assert text.startswith("At threshold 0.9 the modules of ResNet18")
    assert "KRR 0.346 (paper: 0.2474), cohesion 0.912 (paper: 0.9437)." in text
    assert "coupling" not in text


def test_numbers_of_other_data_stand_alone():
    digits = trained("resnet18", "mnist5k")
    lost = accuracy_lost(digits, QUICK)
    assert "ResNet18 1.0 [" in lost
    assert "paper" not in lost
    assert "KRR 0.346, cohesion 0.912." in at_operating_point(digits, QUICK)


def test_without_numbers_nothing_is_said():
    nothing = pd.DataFrame(columns=COLUMNS)
    assert (accuracy_lost(nothing, PAPER), at_operating_point(nothing, PAPER)) == ("", "")


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (("simcnn", "rescnn"), "1 holds here, 1 is weaker here and 9 have no verdict"),
        (("resnet18",), "11 have no verdict"),
    ],
)
def test_claims_are_counted_by_verdict(models, expected):
    frame = pd.concat([trained(model) for model in models])
    assert fared(judged(frame, PAPER)).startswith(expected)


def test_claims_that_do_not_hold_are_named():
    found = judged(pd.concat([trained("simcnn"), trained("rescnn")]), PAPER)
    text = exceptions(found)
    assert "Weaker: “Modules keep few kernels”." in text
    assert "“Modular training costs little accuracy”" not in text
