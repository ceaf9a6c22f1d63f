"""A fresh run against the published seeds, and results that contradict each other."""

import nbformat
import numpy as np
import pandas as pd
import pytest

import mwt
from mwt.results import agree, collect
from mwt.results.record import METADATA
from mwt.results.tidy import COLUMNS
from mwt.study import parameters

STUDY = parameters.read({})


def row(value, quantity="accuracy", method="modular", classes="all", threshold=0.9, seed=0):
    given = {"profile": "quick", "dataset": "mnist5k", "model": "resnet18", "run": "run-1"}
    given |= {"method": method, "seed": seed, "classes": classes, "threshold": threshold}
    return given | {"quantity": quantity, "value": value}


def rows(*found):
    frame = pd.DataFrame(found, columns=COLUMNS)
    return frame.astype(dict.fromkeys(("threshold", "value", "alpha", "beta"), float))


def published(*values, **key):
    return rows(*(row(value, seed=seed, **key) for seed, value in enumerate(values)))


def ratio(fresh, other):
    return agree.compared(fresh, other)["ratio"].item()


def test_a_value_may_be_as_far_away_as_the_published_seeds_scatter():
    wide = published(0.5, 0.7, 0.9, method="module-plain")
    narrow = published(0.95, 0.951, 0.949)
    assert ratio(rows(row(0.3, method="module-plain")), wide) < 1
    assert ratio(rows(row(0.85)), narrow) > agree.FARTHEST
    assert ratio(rows(row(0.94)), narrow) < 1  # within the floor
    whole = published(0.97, 0.98, 0.98, threshold=None)
    assert 0 < ratio(rows(row(0.97, threshold=None)), whole) < 1


def test_the_interval_is_students_prediction_interval():
    other = published(0.4, 0.6, 0.8)
    half = agree.compared(rows(row(0.5)), other)["half"].item()
    assert half == pytest.approx(4.3027 * 0.2 * (1 + 1 / 3) ** 0.5, rel=1e-4)


def test_the_scatter_of_a_kind_is_pooled_over_its_sub_tasks():
    lucky = published(0.9, 0.9, 0.9, classes="0 1")
    other = published(0.7, 0.9, 0.8, classes="3 4")
    fresh = rows(row(0.8, classes="0 1"), row(0.8, classes="3 4"))
    found = agree.compared(fresh, pd.concat([lucky, other]))
    assert (found["ratio"] < 1).all()
    assert found["half"].min() > 0.2


def test_times_are_not_compared_and_counts_must_be_equal():
    images = published(1000, 1000, quantity="test_images", threshold=None)
    assert ratio(rows(row(1000, quantity="test_images", threshold=None)), images) == 0
    assert ratio(rows(row(999, quantity="test_images", threshold=None)), images) == np.inf
    times = published(10, 20, quantity="train_seconds", threshold=None)
    assert agree.compared(times[:1], times).empty


@pytest.mark.parametrize(
    ("method", "threshold", "count"),
    [("module-masked", 1, 0), ("module-masked", 0.95, 1), ("module-finetuned", 1, 1)],
)
def test_untrained_modules_are_not_compared_where_one_image_decides(method, threshold, count):
    other = published(0.9, 0.8, method=method, threshold=threshold)
    assert len(agree.compared(other[:1], other)) == count


def test_a_value_that_one_side_lacks_disagrees():
    other = pd.concat([published(0.5, 0.6), published(0.5, 0.6, quantity="cohesion")])
    assert agree.compared(rows(row(0.55)), other)["ratio"].max() == np.inf
    assert agree.compared(other, published(0.5, 0.6))["ratio"].max() == np.inf


def test_only_a_small_network_of_simcnn_may_fail():
    def far(model, method, fresh):
        other = published(0.98, 0.99, 0.98, method=method).assign(model=model)
        return len(agree.too_far(agree.compared(fresh(other), other)))

    def failed(other):
        return other[:1].assign(value=0.77)

    assert far("simcnn", "small-standard", failed) == 0
    assert far("resnet18", "small-standard", failed) == 1
    assert far("rescnn", "small-standard", failed) == 1
    assert far("simcnn", "module-generators", failed) == 1
    assert far("simcnn", "small-standard", lambda other: other[:0]) == 1


def test_one_published_seed_says_nothing_of_scatter():
    with pytest.raises(mwt.UsageError, match="SEEDS=all"):
        agree.compared(published(0.5), published(0.5))


def of_cohesion(*ends):
    """Return the cohesion of modules at both ends of the paper's thresholds, by seed."""
    key = {"quantity": "cohesion"}
    return rows(
        *(
            row(value, threshold=threshold, seed=seed, **key)
            for seed, pair in enumerate(ends)
            for threshold, value in zip((0.1, 0.9), pair, strict=True)
        )
    )


def test_a_verdict_that_the_seeds_do_not_let_expect_is_named():
    other = of_cohesion((0.85, 0.95), (0.85, 0.951), (0.851, 0.951))
    (line,) = agree.other_verdicts(of_cohesion((0.95, 0.90)), other, STUDY)
    assert line == (
        "threshold-cohesion: does not hold here, but the published seeds let expect holds here"
    )
    assert agree.other_verdicts(other, other, STUDY) == []
    scattered = of_cohesion((0.85, 0.95), (0.95, 0.90), (0.90, 0.95))
    assert agree.other_verdicts(of_cohesion((0.95, 0.90)), scattered, STUDY) == []


def test_two_values_for_the_same_thing_are_an_error_that_names_both_files(tmp_path):
    folder = tmp_path / "quick"
    folder.mkdir()
    for name, value in (("train", 0.5), ("rq4", 0.6)):
        record = {"rows": rows(row(value)).to_csv(index=False)}
        cell = nbformat.v4.new_code_cell()
        cell.outputs = [nbformat.v4.new_output("display_data", metadata={METADATA: record})]
        notebook = nbformat.v4.new_notebook(cells=[cell])
        nbformat.write(notebook, folder / f"{name}-resnet18-mnist5k.ipynb")
    with pytest.raises(mwt.UsageError, match=r"train-resnet18.*0\.5.*rq4-resnet18.*0\.6"):
        collect.collected(folder)
