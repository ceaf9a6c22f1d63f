"""Verdicts on the paper's claims come from the results, by the rules of the claims' file."""

import html
import json
from pathlib import Path

import pandas as pd
import pytest

from mwt import parameters
from mwt.report.claims import NOT_RUN, at_ends, claims, judged, verdict
from mwt.report.collect import read
from mwt.report.measures import MEASURES, Measured, difference
from mwt.report.results import COLUMNS
from mwt.report.tables.claims import as_reported, measured, number, others, overview, rule

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
    beside = {measure for claim in claims() for measure in (claim.beside or {}).values()}
    assert {claim.measure for claim in claims()} | beside == set(MEASURES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.4, "reproduced"), (1.6, "reproduced"), (1.7, "same direction"), (2.9, "not reproduced")],
)
def test_less_is_better_for_a_loss(value, expected):
    assert verdict(CLAIM["accuracy-loss"], Measured(value, None, None, 0)) == expected


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
    assert verdict(CLAIM["threshold-cohesion"], Measured(value, None, None, against)) == expected


@pytest.mark.parametrize(
    ("claim", "where", "change", "expected"),
    [
        (
            "accuracy-loss",
            {"method": "modular", "quantity": "accuracy"},
            lambda v: v - 0.03,
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
        assert found(without, claim).verdict == NOT_RUN
    nothing = judged(pd.DataFrame(columns=COLUMNS), STUDY)
    assert {one.verdict for one in nothing} == {NOT_RUN}
    assert len(nothing) == len(claims())


def test_cnnsplitters_modules_of_some_classes_do_not_stand_for_those_of_all():
    every = " ".join(map(str, range(10)))
    splitter = (RESULTS["method"] == "cnnsplitter") & (RESULTS["classes"] == every)
    assert found(RESULTS[~splitter], "loss-below-cnnsplitter").verdict == NOT_RUN


def test_a_claim_about_some_networks_is_judged_by_them():
    one = found(RESULTS, "threshold-krr")
    assert one.judged == one.networks["resnet18"]
    assert len(one.networks) == 4
    others = found(RESULTS[RESULTS["model"] != "resnet18"], "threshold-krr")
    assert (others.verdict, len(others.networks)) == (NOT_RUN, 3)
    loss = found(RESULTS, "accuracy-loss")
    mean = (loss.networks["simcnn"].value + loss.networks["rescnn"].value) / 2
    assert loss.judged.value == pytest.approx(mean)
    assert len(loss.networks) == 4
    ours = [loss.networks[name].interval for name in ("simcnn", "rescnn")]
    widths = [high - low for low, high in ours]
    assert max(widths) / 2 < loss.judged.interval[1] - loss.judged.interval[0] < max(widths)
    assert found(RESULTS, "small-modules").judged.interval is None
    assert loss.judged.interval[0] < loss.judged.value < loss.judged.interval[1]


def test_a_doubt_is_an_interval_that_reaches_into_another_verdict():
    claim = CLAIM["small-modules"]
    assert at_ends(claim, Measured(45, (24, 66), None, 0)) == ["same direction", "not reproduced"]
    assert at_ends(claim, Measured(45, (40, 49), None, 0)) == []
    assert at_ends(claim, Measured(45, None, None, 0)) == []


def test_what_stands_beside_a_number_is_of_the_same_network():
    one = found(RESULTS, "small-modules")
    rows = RESULTS[(RESULTS["model"] == "rescnn") & (RESULTS["method"] == "standard")]
    krr = rows.loc[rows["quantity"] == "kernel_retention_rate", "value"].item()
    (label, number), *_ = one.beside["rescnn"].items()
    assert number.value == pytest.approx(100 * krr)
    assert f"{label}: {100 * krr:.1f} %" in others(one, "rescnn")


def test_a_change_goes_between_its_ends():
    change = found(RESULTS, "threshold-krr").judged
    assert change.ends[1] - change.ends[0] == pytest.approx(change.value)


def test_interval_of_a_difference():
    # Newcombe, Statistics in Medicine 17 (1998), table II, method 10: 56/70 against 48/80.
    one = difference(56 / 70, 48 / 80, 70, 80)
    assert one.value == pytest.approx(20)
    assert one.interval == pytest.approx((5.24, 33.39), abs=0.01)


def test_words_show_unit_sign_and_interval():
    krr, cohesion = CLAIM["threshold-krr"], CLAIM["threshold-cohesion"]
    assert as_reported(CLAIM["accuracy-loss"]) == "1.13 points"
    assert as_reported(krr) == "−12.62 points (37.36 → 24.74 %)"
    assert as_reported(cohesion) == "+0.0865 (0.8572 → 0.9437)"
    change = Measured(-9.44, (-17.0, -1.91), (54.68, 45.23), 0)
    assert measured(krr, change) == "−9.4 points [−17.0, −1.9] (54.7 → 45.2 %)"
    assert measured(krr, None) == NOT_RUN
    assert number(CLAIM["accuracy-loss"], -0.04) == "0.0 points"
    assert "at most 1.63 points" in rule(CLAIM["accuracy-loss"])


def test_the_overview_shows_every_claim_and_its_verdict():
    findings = judged(RESULTS, STUDY)
    page = overview(findings, [claim.id for claim in claims()]).data
    assert page.count('class="mwt-verdict') == len(claims())
    for claim in claims():
        assert claim.title in html.unescape(page)
