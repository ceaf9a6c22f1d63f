"""Seconds behind a claim come from the runs; GPU hours are steps times their time."""

import pandas as pd
import pytest

from mwt.results.costs import computing, gpu_hours, grid_hours, measured_steps, step
from mwt.results.tidy import COLUMNS
from mwt.study.profiles import PAPER, load_profile
from mwt.support.errors import UsageError


def rows(*some):
    """Rows of results: method, seed, quantity, value, run."""
    lines = [
        dict(zip(("method", "seed", "quantity", "value", "run"), one, strict=True))
        | {"model": "vgg16", "dataset": "cifar10", "classes": "all", "machine": "a machine"}
        for one in some
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


def test_every_run_counts_once_and_seeds_are_averaged():
    results = rows(
        ("standard", 0, "train_seconds", 100, "standard-0"),
        ("modular", 0, "train_seconds", 200, "modular-0"),
        ("standard", 1, "train_seconds", 120, "standard-1"),
        ("modular", 1, "train_seconds", 240, "modular-1"),
        ("module-finetuned", 0, "train_seconds", 9999, "of another notebook"),
    )
    notebook = rows(
        ("cnnsplitter", 0, "train_seconds", 100, "standard-0"),  # the same training again
        ("cnnsplitter", 0, "modularize_seconds", 40, "search-0"),
        ("cnnsplitter", 0, "accuracy", 0.5, "search-0"),
    )
    cost = computing(notebook, results, "vgg16", "cifar10")
    assert cost.seconds == pytest.approx(((100 + 200 + 40) + (120 + 240)) / 2)
    assert cost.machines == ("a machine",)


def test_hours_are_epochs_times_full_batches_times_the_time_of_a_step():
    every = {(one.config.model, one.config.dataset): one for one in gpu_hours(PAPER)}
    known = load_profile(PAPER)
    assert set(every) == {(m, d) for m in known["models"] for d in known["datasets"]}
    one = every["resnet18", "cifar10"]
    assert one.each["modular"] == pytest.approx(200 * 351 * 36.3e-3 / 3600)
    assert every["resnet18", "svhn"].each["standard"] == pytest.approx(200 * 535 * 10.7e-3 / 3600)


def test_a_network_measured_at_another_width_is_scaled_as_resnet18_is():
    scaled = step("vgg16", 1.0)
    assert scaled.width == 0.5
    assert scaled.milliseconds["modular"] == pytest.approx(22.2 * 36.3 / 27.7)
    with pytest.raises(UsageError, match="no step of it was measured"):
        step("vgg16", 0.25)


def test_the_grid_leaves_out_the_pair_that_is_trained_anyway():
    networks, hours = grid_hours(PAPER)
    assert networks == 4 * 4 - 1
    assert hours == pytest.approx(15 * 200 * 351 * 36.3e-3 / 3600)


def test_training_images_are_what_the_split_leaves():
    of_svhn = (4948, 13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659)  # by class
    left = sum(of_svhn) - 10 * (min(of_svhn) // 10)
    assert measured_steps()["training_images"] == {"cifar10": 50_000 - 10 * 500, "svhn": left}
