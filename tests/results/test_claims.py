"""Verdicts on the paper's claims come from the results, by the rules of the claims' file."""

import html
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from mwt.report.site.claims_page import section
from mwt.report.site.shown import Shown
from mwt.report.tables.claim_texts import (
    as_reported,
    judged_on,
    measured,
    others,
    overview,
    rule,
    why,
    with_unit,
)
from mwt.results import claims as claims_module
from mwt.results.claims import claims, judged
from mwt.results.measured import Measured, over_seeds, these
from mwt.results.measures import MEASURES, OTHER_MACHINES, difference
from mwt.results.rules import HOLDS, NOT, NOT_RUN, WEAKER, at_ends, close_to_limit, verdict
from mwt.results.tidy import COLUMNS
from mwt.study import parameters

STUDY = parameters.read({"profile": "paper", "device": "cpu"})
CLAIM = {claim.id: claim for claim in claims()}
TOLD = json.loads((Path(__file__).parents[2] / "mwt/results/reported.json").read_text())
REPORTED = TOLD["seed_readme"]
EVERY = "0 1 2 3 4 5 6 7 8 9"
SPLITTING = ("loss-below-cnnsplitter", "kernels-below-cnnsplitter", "half-the-time")


def trained(model, dataset="cifar10", seed=0, subtask="0 1 2", every=EVERY, machine="here"):
    """Results of one training: the numbers of the paper, about."""
    at = [
        ("standard", "all", None, "accuracy", 0.90),
        ("standard", "all", None, "test_images", 10000),
        ("standard", "all", 0.9, "kernel_retention_rate", 0.80),
        ("modular", "all", None, "accuracy", 0.89),
        ("modular", "all", None, "train_seconds", 100),
        ("modular", "all", 0.9, "modularize_seconds", 8),
        ("cnnsplitter", "all", None, "train_seconds", 80),
        ("cnnsplitter", "all", None, "modularize_seconds", 136),
        ("cnnsplitter", "all", None, "kernel_retention_rate", 0.60),
        ("cnnsplitter", every, None, "accuracy", 0.86),
        ("standard", every, 0.9, "test_images", 10000),
        ("standard", subtask, 0.9, "test_images", 3000),
        *(
            (method, every, 0.9, "accuracy", accuracy)
            for method, accuracy in (
                ("modular", 0.89),
                ("module-masked", 0.885),
                ("module-finetuned", 0.88),
                ("module-folded", 0.7),
                ("module-plain", 0.2),
            )
        ),
        *(
            row
            for threshold, krr, cohesion, coupling, part, accuracy in (
                (0.1, 0.28, 0.857, 0.359, 0.726, 0.977),
                (0.5, 0.20, 0.907, 0.296, 0.678, 0.976),
                (0.9, 0.15, 0.944, 0.241, 0.505, 0.975),
            )
            for row in (
                ("modular", "all", threshold, "kernel_retention_rate", krr),
                ("modular", "all", threshold, "cohesion", cohesion),
                ("modular", "all", threshold, "coupling", coupling),
                ("modular", subtask, threshold, "kernel_retention_rate", part),
                ("module-finetuned", subtask, threshold, "accuracy", accuracy),
            )
        ),
    ]
    frame = pd.DataFrame(at, columns=["method", "classes", "threshold", "quantity", "value"])
    frame = frame.assign(dataset=dataset, model=model, seed=seed, profile="paper", run="run")
    timed = frame["quantity"].str.endswith("_seconds")
    frame["machine"] = timed.map({True: machine, False: float("nan")})
    return frame.reindex(columns=COLUMNS).astype({"threshold": float, "value": float})


def results(*models, **about):
    return pd.concat(
        [trained(model, **about) for model in models or ("simcnn", "rescnn", "resnet18")],
        ignore_index=True,
    )


def changed(frame, change, **where):
    """Results with some values changed."""
    rows = pd.Series(True, index=frame.index)
    for column, wanted in where.items():
        rows &= frame[column] == wanted
    assert rows.any()
    return frame.assign(value=frame["value"].where(~rows, frame["value"].map(change)))


def over(*losses, model="simcnn"):
    """Results of several seeds, which lose so many points."""
    frames = [trained(model, seed=seed) for seed in range(len(losses))]
    return [
        changed(
            frame,
            lambda _, loss=loss: 0.9 - loss / 100,
            method="modular",
            classes="all",
            quantity="accuracy",
        )
        for frame, loss in zip(frames, losses, strict=True)
    ]


def found(frame, claim, study=STUDY):
    return next(one for one in judged(frame, study) if one.claim.id == claim)


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


def test_tolerances_are_what_their_reasons_say():
    table = pd.DataFrame(TOLD["table_2"]["rows"], columns=TOLD["table_2"]["columns"])
    apart = {
        column: min(abs(pair.diff().iloc[-1]) for _, pair in table.groupby("model")[column])
        for column in ("krr_pct", "cohesion", "coupling")
    }
    for claim in ("small-modules", "threshold-krr"):
        assert CLAIM[claim].tolerance == pytest.approx(apart["krr_pct"])
    assert CLAIM["threshold-cohesion"].tolerance == pytest.approx(apart["cohesion"])
    assert CLAIM["threshold-coupling"].tolerance == pytest.approx(apart["coupling"])
    ours, below = CLAIM["small-modules"].reported, CLAIM["kernels-below-cnnsplitter"]
    theirs = ours / (1 - below.reported / 100)
    assert below.tolerance == pytest.approx(100 * apart["krr_pct"] / theirs, abs=0.05)
    times = CLAIM["reuse-krr"].ends[1] / CLAIM["threshold-krr"].ends[1]
    assert CLAIM["reuse-krr"].tolerance == pytest.approx(apart["krr_pct"] * times, abs=0.05)
    negligible = -CLAIM["reuse-accuracy"].reported
    for claim in ("accuracy-loss", "loss-below-cnnsplitter"):
        assert CLAIM[claim].tolerance == pytest.approx(negligible)


def test_every_claim_is_judged_by_a_measure_that_exists():
    beside = {measure for claim in claims() for measure in (claim.beside or {}).values()}
    assert {claim.measure for claim in claims()} | beside == set(MEASURES)


@pytest.mark.parametrize(
    ("value", "expected"), [(0.4, HOLDS), (1.66, HOLDS), (1.68, WEAKER), (2.9, NOT)]
)
def test_less_is_better_for_a_loss(value, expected):
    assert verdict(CLAIM["accuracy-loss"], Measured(value)) == expected


@pytest.mark.parametrize(
    ("value", "against", "expected"),
    [(0.08, 0.0, HOLDS), (0.03, 0.0, WEAKER), (-0.01, 0.0, NOT), (0.08, 0.01, NOT)],
)
def test_a_curve_must_rise_and_may_not_turn_back(value, against, expected):
    assert verdict(CLAIM["threshold-cohesion"], Measured(value, against=against)) == expected


MODULAR = {"method": "modular", "classes": "all"}


@pytest.mark.parametrize(
    ("claim", "where", "change", "expected"),
    [
        ("accuracy-loss", MODULAR | {"quantity": "accuracy"}, lambda v: v - 0.01, WEAKER),
        ("accuracy-loss", MODULAR | {"quantity": "accuracy"}, lambda v: v - 0.2, NOT),
        ("small-modules", MODULAR | {"threshold": 0.9}, lambda v: 1.5 * v, WEAKER),
        ("half-the-time", MODULAR | {"quantity": "train_seconds"}, lambda v: 3 * v, NOT),
        (
            "kernels-below-cnnsplitter",
            {"method": "cnnsplitter", "quantity": "kernel_retention_rate"},
            lambda v: v / 5,
            NOT,
        ),
        (
            "threshold-coupling",
            MODULAR | {"quantity": "coupling", "threshold": 0.5},
            lambda v: v + 0.3,
            NOT,
        ),
    ],
)
def test_other_results_give_another_verdict(claim, where, change, expected):
    before = found(results(), claim)
    after = found(changed(results(), change, **where), claim)
    assert (before.verdict, after.verdict) == (HOLDS, expected)


def test_a_number_is_the_mean_over_seeds_with_their_interval():
    one = found(pd.concat([*over(1, 2, 3), trained("rescnn")]), "accuracy-loss")
    number = one.networks["simcnn", "cifar10"]
    half = 4.3027 / 3**0.5  # Student's t of two degrees of freedom; their deviation is 1
    assert (number.value, number.seeds) == (pytest.approx(2), 3)
    assert number.interval == pytest.approx((2 - half, 2 + half), abs=1e-3)
    assert one.judged.seeds == 1  # of the network that has the fewest


def test_of_one_seed_the_interval_is_that_of_the_test_images():
    one = found(results(), "accuracy-loss").networks["simcnn", "cifar10"]
    assert one == difference(0.90, 0.89, 10000, 10000)


def test_the_interval_of_several_networks_combines_theirs():
    both = these([Measured(1, (0, 4)), Measured(3, (-1, 7))])
    assert (both.value, both.interval) == (2, (2 - (1 + 16) ** 0.5 / 2, 2 + (9 + 16) ** 0.5 / 2))
    assert these([Measured(1, (0, 4)), Measured(3)]).interval is None


def test_an_interval_over_seeds_that_reaches_another_verdict_is_a_doubt():
    sure = pd.concat([*over(1, 1.01, 1.02), *over(1, 1.01, 1.02, model="rescnn")])
    doubtful = pd.concat([*over(0, 1, 2), *over(0, 1, 2, model="rescnn")])
    assert found(sure, "accuracy-loss").doubts == []
    one = found(doubtful, "accuracy-loss")
    assert (one.verdict, one.doubts) == (HOLDS, [HOLDS, WEAKER])
    assert "(?)" in overview({"here": [one]}, ["a"]).data.split("<figcaption>")[0]


def test_a_doubt_is_an_interval_that_reaches_into_another_verdict():
    claim = CLAIM["small-modules"]
    assert at_ends(claim, Measured(45, (24, 66))) == [WEAKER, NOT]
    assert at_ends(claim, Measured(45, (40, 49))) == []
    assert at_ends(claim, Measured(45)) == []


def test_data_that_a_claim_is_not_about_have_no_say():
    worse = changed(results(dataset="svhn"), lambda v: 0.5, **MODULAR, quantity="cohesion")
    one = found(pd.concat([results(), worse], ignore_index=True), "threshold-cohesion")
    alone = found(results(), "threshold-cohesion")
    assert (one.verdict, one.judged, one.overall) == (HOLDS, alone.judged, alone.overall)
    assert ("resnet18", "svhn") in one.networks  # it stands beside
    assert judged_on(one) == ""


def test_data_sets_of_a_claim_are_judged_alone_and_the_least_favourable_decides():
    worse = changed(results(dataset="svhn"), lambda v: v - 0.01, **MODULAR, quantity="accuracy")
    one = found(pd.concat([results(), worse], ignore_index=True), "accuracy-loss")
    assert [part.verdict for part in one.judgements] == [HOLDS, WEAKER]
    assert (one.verdict, one.decides.dataset) == (WEAKER, "svhn")
    assert one.judged.value == pytest.approx(2)
    assert "CIFAR-10: holds here, 1.0 points" in judged_on(one)


def test_other_data_stand_in_and_the_page_says_so():
    one = found(results(dataset="mnist5k"), "threshold-cohesion")
    assert one.verdict == HOLDS
    assert judged_on(one) == "judged on 5,000 MNIST digits; the paper's number is for CIFAR-10"
    assert "ResNet18 on 5,000 MNIST digits" in overview({"here": [one]}, ["a"]).data


def test_a_missing_network_is_named_and_the_others_do_not_decide():
    frame = results("simcnn", "resnet18")
    for claim in ("accuracy-loss", "small-modules", *SPLITTING):
        one = found(frame, claim)
        assert (one.verdict, one.judged, one.decides.lacks) == (NOT_RUN, None, "ResCNN is missing")
        assert len(one.networks) == 2
        assert "ResCNN is missing" in overview({"here": [one]}, ["a"]).data
    assert found(frame, "threshold-krr").verdict == HOLDS


def test_a_claim_against_cnnsplitter_is_about_the_networks_that_the_profile_splits(monkeypatch):
    profile = {"cnnsplitter": {"models": ["simcnn"]}}
    monkeypatch.setattr(claims_module, "load_profile", lambda name: profile)
    frame = results("simcnn")
    for claim in SPLITTING:
        one = found(frame, claim)
        assert (one.verdict, one.decides.name) == (HOLDS, "SimCNN on CIFAR-10")
    assert found(frame, "accuracy-loss").verdict == NOT_RUN
    unsplit = frame[frame["method"] != "cnnsplitter"]
    assert {found(unsplit, c).decides.lacks for c in SPLITTING} == {"SimCNN lacks this number"}


def test_without_results_nothing_was_run():
    nothing = judged(pd.DataFrame(columns=COLUMNS), STUDY)
    assert {one.verdict for one in nothing} == {NOT_RUN}
    assert len(nothing) == len(claims())


def test_cut_modules_are_compared_with_cut_modules():
    one = found(results(), "loss-below-cnnsplitter")
    assert one.judged.value == pytest.approx(2.5)
    beside = {label: n.value for label, n in one.beside["simcnn", "cifar10"].items()}
    expected = {"uncut": 3, "fine-tuned": 2, "folded": -16, "plain": -66}
    assert beside == {label: pytest.approx(value) for label, value in expected.items()}
    uncut = results()[results()["method"] != "module-masked"]
    assert found(uncut, "loss-below-cnnsplitter").verdict == NOT_RUN


def test_cnnsplitters_modules_of_some_classes_do_not_stand_for_those_of_all():
    some = results(every="0 1 2 3 4 5 6 7 8")
    assert found(some, "loss-below-cnnsplitter").verdict == NOT_RUN


def test_a_sub_task_is_its_classes_in_any_order():
    study = replace(STUDY, classes=[7, 3, 9])
    frame = results(subtask="3 9 7", every="3 9 7 0 1 2 4 5 6 8")
    here = [one.judged for one in judged(frame, study)]
    assert here == [one.judged for one in judged(results(), STUDY)]
    assert None not in here
    assert found(frame, "reuse-krr", STUDY).verdict == NOT_RUN  # it asks for 0 1 2


def test_times_of_two_machines_are_not_compared():
    one = found(results(), "half-the-time")
    assert (one.judged.value, one.judged.machines) == (pytest.approx(50), ("here",))
    mixed = results()
    mixed.loc[mixed["method"].eq("cnnsplitter") & mixed["machine"].notna(), "machine"] = "there"
    other = found(mixed, "half-the-time")
    assert other.verdict == NOT_RUN
    assert other.decides.lacks == f"SimCNN: {OTHER_MACHINES}; ResCNN: {OTHER_MACHINES}"
    apart = pd.concat([results(), results(seed=1, machine="there")], ignore_index=True)
    assert found(apart, "half-the-time").judged.machines == ("here", "there")
    both = pd.concat([results(), mixed.assign(seed=1)], ignore_index=True)
    assert found(both, "half-the-time").verdict == NOT_RUN


def test_a_seed_without_the_number_is_not_counted():
    assert over_seeds([Measured(1), Measured(float("nan")), Measured(3)]).seeds == 2
    assert over_seeds([Measured(float("nan"))]).missing


def test_the_networks_that_a_claim_is_about_decide_and_all_stand_beside():
    frame = changed(results(), lambda v: v / 2, model="rescnn", quantity="kernel_retention_rate")
    one = found(frame, "small-modules")
    assert one.judged.value == pytest.approx((15 + 7.5) / 2)
    assert one.overall.value == pytest.approx((15 + 7.5 + 15) / 3)
    assert one.judged.interval is None
    (label, beside), *_ = one.beside["rescnn", "cifar10"].items()
    assert beside.value == pytest.approx(40)
    assert f"{label}: 40.0 %" in others(one, ("rescnn", "cifar10"))


def test_a_change_goes_between_its_ends():
    change = found(results(), "threshold-krr").judged
    assert change.ends == pytest.approx((28, 15))
    assert change.value == pytest.approx(-13)


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
    change = Measured(-9.44, (-17.0, -1.91), (54.68, 45.23))
    assert measured(krr, change) == "−9.4 points [−17.0, −1.9] (54.7 → 45.2 %)"
    assert measured(krr, None) == NOT_RUN
    assert with_unit(CLAIM["accuracy-loss"], -0.04) == "0.0 points"


def test_a_rule_gives_a_reason_for_each_of_its_limits():
    for claim in claims():
        assert claim.within_because in rule(claim)
        assert claim.because in rule(claim)
    assert "at most 1.67 points" in rule(CLAIM["accuracy-loss"])
    assert "to within" not in rule(CLAIM["defaults"])


def test_the_overview_shows_every_claim_and_its_verdict_and_how_many_seeds():
    ids = [claim.id for claim in claims()]
    page = overview({"here": judged(results(), STUDY)}, ids).data
    assert page.count('class="mwt-verdict') == len(claims())
    for claim in claims():
        assert claim.title in html.unescape(page)
    assert "each network was trained once" in page
    two = pd.concat([results(), results(seed=1)], ignore_index=True)
    page = overview({"here": judged(two, STUDY)}, ids).data
    assert "means over 2 seeds" in page
    assert "SimCNN and ResCNN on CIFAR-10, mean of 2 seeds" in page


def test_the_page_of_a_claim_names_what_decided_and_the_machine_of_times():
    one = Shown(Path("paper"), results(), STUDY)
    text = section("anchor", [(one, found(results(), "half-the-time"))]).astext()
    assert "50.0 %, SimCNN and ResCNN on CIFAR-10, one run" in text
    assert "timed on" in text
    assert "here" in text.split("timed on")[1]


def test_a_verdict_has_its_reason():
    modular = MODULAR | {"quantity": "accuracy"}
    holds = found(results(), "accuracy-loss")
    weaker = found(changed(results(), lambda v: v - 0.01, **modular), "accuracy-loss")
    fails = found(changed(results(), lambda v: v - 0.2, **modular), "accuracy-loss")
    assert why(holds).startswith("it is at most 1.67 points")
    assert why(weaker).startswith("it is below 2.89 points (the loss that the abstract")
    assert "but not at most 1.67 points" in why(weaker)
    assert why(fails).startswith("it is not below 2.89 points")
    turned = MODULAR | {"quantity": "coupling", "threshold": 0.5}
    back = found(changed(results(), lambda v: v + 0.3, **turned), "threshold-coupling")
    assert "goes the other way by 0.237, more than 0.005" in why(back)
    assert why(found(results("simcnn"), "accuracy-loss")) == ""


def test_profiles_stand_beside_each_other_the_first_at_length():
    partly, digits = results("resnet18"), results(dataset="mnist5k")
    study = parameters.read({"device": "cpu"})
    profiles = [Shown(Path("paper"), partly, STUDY), Shown(Path("quick"), digits, study)]
    page = overview({one.name: one.findings for one in profiles}, [c.id for c in claims()]).data
    line = next(line for line in page.split("<tr>") if "#accuracy-loss" in line)
    first, second = line.split("quick: ")
    assert "no verdict" in first
    assert "SimCNN is missing" in first
    assert "SimCNN and ResCNN on 5,000 MNIST digits" in second
    judgements = [(one, one.findings[0]) for one in profiles]
    text = section("anchor", judgements).astext()
    assert text.index("SimCNN is missing") < text.index("On 5,000 MNIST digits")


@pytest.mark.parametrize(("value", "close"), [(14.6, True), (16.0, True), (20.0, False)])
def test_a_number_without_an_interval_close_to_a_limit_is_a_doubt(value, close):
    """Reported are 14.58 %, to within 1.15 points."""
    claim = CLAIM["small-modules"]
    assert close_to_limit(claim, Measured(value)) == close
    assert not close_to_limit(claim, Measured(value, (value - 0.1, value + 0.1)))


def test_a_verdict_that_depends_on_cnnsplitters_search_says_so():
    reduced = parameters.read({"profile": "quick", "device": "cpu"})
    frame = results("simcnn", dataset="mnist5k")
    said = {one.claim.id: one.reduced for one in judged(frame, reduced)}
    assert {name for name, so in said.items() if so} <= set(SPLITTING)
    assert any(said.values())
    assert not any(one.reduced for one in judged(results("simcnn"), STUDY))
