"""Verdicts on the paper's claims come from the results, by the rules of the claims' file."""

import json
from pathlib import Path

import pandas as pd
import pytest

from mwt import parameters
from mwt.report.claims import VERDICTS, claims, ends, judged, verdict
from mwt.report.collect import read
from mwt.report.measures import MEASURES, difference
from mwt.report.results import COLUMNS
from mwt.report.tables.claims import as_reported, measured, overview

ROOT = Path(__file__).parents[1]
RESULTS = read(ROOT / "book/results/quick/results.csv")
STUDY = parameters.read({})
CLAIM = {claim.id: claim for claim in claims()}
REPORTED = json.loads((ROOT / "mwt/report/reported.json").read_text())["seed_readme"]


def found(results, claim):
    return next(one for one in judged(results, STUDY) if one.claim.id == claim)


def changed(change, **where):
    """The published results with some values changed."""
    rows = pd.Series(True, index=RESULTS.index)
    for column, wanted in where.items():
        rows &= RESULTS[column] == wanted
    assert rows.any()
    return RESULTS.assign(value=RESULTS["value"].where(~rows, RESULTS["value"].map(change)))


def test_numbers_are_those_that_the_authors_report():
    krr, cohesion, coupling = (
        REPORTED["threshold_resnet18_cifar10"]["modularizing"][name]
        for name in ("krr_pct", "cohesion", "coupling")
    )
    reuse = REPORTED["threshold_resnet18_cifar10"]["reuse_3_classes"]
    assert CLAIM["accuracy-loss"].reported == REPORTED["average_accuracy_loss_pp"]
    assert (
        CLAIM["loss-below-cnnsplitter"].reported
        == REPORTED["accuracy_loss_less_than_cnnsplitter_pp"]
    )
    assert CLAIM["small-modules"].reported == REPORTED["average_kernel_retention_rate_pct"]
    assert (
        CLAIM["kernels-below-cnnsplitter"].reported
        == REPORTED["krr_reduction_over_cnnsplitter_pct"]
    )
    assert CLAIM["half-the-time"].reported == 100 * REPORTED["time_relative_to_cnnsplitter"]
    for claim, pair in (
        ("threshold-krr", krr),
        ("threshold-cohesion", cohesion),
        ("threshold-coupling", coupling),
        ("reuse-krr", reuse["krr_pct"]),
        ("reuse-accuracy", reuse["accuracy_pct"]),
    ):
        assert CLAIM[claim].ends == pair
        assert CLAIM[claim].reported == pytest.approx(pair[1] - pair[0])


def test_every_claim_is_judged_by_a_measure_that_exists():
    assert {claim.measure for claim in claims()} == set(MEASURES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.4, "reproduced"), (1.6, "reproduced"), (1.7, "same direction"), (2.9, "not reproduced")],
)
def test_less_is_better_for_a_loss(value, expected):
    assert verdict(CLAIM["accuracy-loss"], value, against=0) == expected


@pytest.mark.parametrize(
    ("value", "against", "expected"),
    [
        (0.09, 0.0, "reproduced"),
        (0.03, 0.0, "same direction"),
        (-0.01, 0.0, "not reproduced"),
        (0.09, 0.01, "not reproduced"),
    ],
)
def test_a_curve_must_rise_and_may_not_turn_back(value, against, expected):
    assert verdict(CLAIM["threshold-cohesion"], value, against) == expected


@pytest.mark.parametrize(
    ("claim", "where", "change", "expected"),
    [
        (
            "accuracy-loss",
            {"method": "modular", "quantity": "accuracy"},
            lambda v: v - 0.02,
            "same direction",
        ),
        (
            "accuracy-loss",
            {"method": "modular", "quantity": "accuracy"},
            lambda v: v - 0.2,
            "not reproduced",
        ),
        (
            "small-modules",
            {"method": "modular", "quantity": "kernel_retention_rate", "threshold": 0.9},
            lambda v: v / 4,
            "reproduced",
        ),
        (
            "half-the-time",
            {"method": "cnnsplitter", "quantity": "modularize_seconds"},
            lambda v: 100 * v,
            "reproduced",
        ),
        (
            "kernels-below-cnnsplitter",
            {"method": "cnnsplitter", "classes": "all", "quantity": "kernel_retention_rate"},
            lambda v: v / 5,
            "not reproduced",
        ),
        (
            "threshold-coupling",
            {"quantity": "coupling", "threshold": 0.5, "method": "modular"},
            lambda v: v + 0.3,
            "not reproduced",
        ),
    ],
)
def test_other_results_give_another_verdict(claim, where, change, expected):
    before = found(RESULTS, claim)
    after = found(changed(change, **where), claim)
    assert after.verdict == expected != before.verdict


def test_what_was_not_run_says_so():
    without = RESULTS[RESULTS["method"] != "cnnsplitter"]
    for claim in ("loss-below-cnnsplitter", "kernels-below-cnnsplitter", "half-the-time"):
        assert found(without, claim).verdict == "not run"
    nothing = judged(pd.DataFrame(columns=COLUMNS), STUDY)
    assert {one.verdict for one in nothing} == {"not run"}
    assert len(nothing) == len(claims())


def test_intervals_and_ends():
    loss = found(RESULTS, "accuracy-loss")
    assert len(loss.networks) == 4
    assert loss.interval[0] < loss.value < loss.interval[1]
    alone = found(RESULTS[RESULTS["model"] == "vgg16"], "accuracy-loss")
    assert alone.interval[0] < alone.value < alone.interval[1]
    first, last = ends(found(RESULTS, "threshold-krr"))
    assert last - first == pytest.approx(found(RESULTS, "threshold-krr").value)


def test_interval_of_a_difference():
    # Newcombe (1998), table II, method 10: 56/70 against 48/80.
    one = difference(56 / 70, 48 / 80, 75)  # both on as many images here
    low, high = one.interval
    assert one.value == pytest.approx(20)
    assert 4 < low < 8
    assert 32 < high < 36
    assert difference(1.0, 1.0, 100).interval[0] < 0


def test_words_show_unit_sign_and_interval():
    assert as_reported(CLAIM["accuracy-loss"]) == "1.13 points"
    assert as_reported(CLAIM["threshold-krr"]) == "−12.62 points (37.36 → 24.74 %)"
    assert as_reported(CLAIM["threshold-cohesion"]) == "+0.0865 (0.8572 → 0.9437)"
    text = measured(found(RESULTS, "threshold-krr"))
    assert "points [" in text
    assert text.endswith(" %)")
    page = overview(judged(RESULTS, STUDY), [claim.id for claim in claims()]).data
    assert page.count('class="mwt-verdict') == len(claims())
    assert set(VERDICTS) >= {one.verdict for one in judged(RESULTS, STUDY)}
