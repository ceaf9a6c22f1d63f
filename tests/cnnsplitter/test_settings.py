"""The published configurations, and what else a search may be told."""

import dataclasses

import pytest
import torch
from small_networks import CIFAR

import mwt
from mwt.cnnsplitter import PUBLISHED, layout_of, settings_for


def test_settings_are_the_published_rows_and_scale_with_the_population():
    row = settings_for("rescnn", "svhn")
    assert (row.sensitive, row.ratios_sensitive) == ((2, 3, 5), (0.3, 0.4, 0.5))
    assert (row.ratios_other, row.mutation, row.gamma) == ((0.2, 0.3), 0.1, 0.9)
    assert row.bounds == (0.95, 0.95, 0.90, 0.85)
    assert settings_for("rescnn", "mnist5k") == PUBLISHED["rescnn", "cifar10"]
    for row in PUBLISHED.values():
        sizes = (row.population, row.generations, row.parents, row.kept, row.survivors)
        assert sizes == (100, 200, 50, 20, (50, 500))
    smaller = settings_for("simcnn", "svhn", population=20)
    assert (smaller.parents, smaller.kept, smaller.gamma) == (10, 4, 0.95)
    assert settings_for("simcnn", "svhn", population=20, parents=3, kept=2).parents == 3
    assert [CIFAR.bound(n) for n in (2, 3, 4, 5, 8, 10, 20)] == [
        *(0.95, 0.95, 0.95, 0.95, 0.85, 0.80, 0.80)
    ]


@pytest.mark.parametrize(("made_for_it", "auto"), [(True, "bfloat16"), (False, "float32")])
def test_the_device_decides_the_precision_that_is_not_given(monkeypatch, made_for_it, auto):
    monkeypatch.setattr("mwt.support.precision.made_for_bfloat16", lambda _: made_for_it)
    device = torch.device("cpu")
    assert CIFAR.resolved(device) == dataclasses.replace(CIFAR, precision=auto)
    for precision in ("float32", "bfloat16"):
        given = settings_for("simcnn", "cifar10", precision=precision)
        assert given.resolved(device) == given


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"populaton": 3}, "did you mean 'population'"),
        ({"population": 1}, "population 1"),
        ({"population": "9"}, "population '9'"),
        ({"generations": 0}, "generations 0"),
        ({"kept": 100}, "kept 100: give a whole number from 1 to 99"),
        ({"parents": 101}, "parents 101"),
        ({"mutation": 0.0}, "mutation"),
        ({"gamma": 1.5}, "gamma"),
        ({"bounds": (0.9, 0.9)}, "bounds .*: give more values"),
        ({"survivors": (50, 20)}, "survivors"),
        ({"ratios_other": ()}, "ratios_other"),
        ({"precision": "float16"}, "did you mean '.*float.*Choose one of: auto, bfloat16, float32"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(mwt.UsageError, match=message):
        settings_for("simcnn", "cifar10", **changes)


def test_other_networks_are_refused():
    with pytest.raises(mwt.UsageError, match="rescnn and simcnn"):
        settings_for("vgg16", "cifar10")
    with pytest.raises(mwt.UsageError, match="SimCNN and ResCNN, not ResNet"):
        layout_of(mwt.models.resnet18(width=0.125))
