"""The whole search: its best, its seed, and interruptions."""

import dataclasses
import itertools
import random
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open
from small_networks import network, small

import mwt
from mwt.cnnsplitter import modules, search, searching, settings_for
from mwt.cnnsplitter.state import FILE, read_state


def same(one, other):
    np.testing.assert_array_equal(one.populations, other.populations)
    np.testing.assert_array_equal(one.bits, other.bits)
    assert torch.equal(one.masks, other.masks)
    assert (one.accuracy, one.difference) == (other.accuracy, other.difference)
    strip = [
        [{k: v for k, v in row.items() if "seconds" not in k} for row in f.history]
        for f in (one, other)
    ]
    assert strip[0] == strip[1]


def test_search_keeps_or_improves_its_best(net, validation):
    found = search(net, validation, small(generations=6), seed=1, label=None)
    scores = [0.9 * row["accuracy"] + 0.1 * row["difference"] for row in found.history]
    assert scores[-1] > scores[0]
    assert found.history[found.generation - 1]["accuracy"] == pytest.approx(found.accuracy, abs=0.1)
    assert scores[found.generation - 1] == max(scores)
    assert found.masks.shape == (10, sum(found.layout.kernels))
    assert [row["generation"] for row in found.history] == [1, 2, 3, 4, 5, 6]
    cut = modules.modules_of(net, found.masks, list(range(10)))
    assert modules.joint_accuracy(cut, validation) == pytest.approx(found.accuracy, abs=1 / 64)


def test_same_seed_same_search_whatever_the_global_random_state(net, validation):
    settings = small(generations=2)
    one = search(net, validation, settings, seed=3, label=None)
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    torch.manual_seed(1)
    same(one, search(net, validation, settings, seed=3, label=None))
    other = search(net, validation, settings, seed=4, label=None)
    assert (one.populations != other.populations).any()


def test_best_ensemble_of_the_last_generation_stays_in_the_populations(net, validation, tmp_path):
    bests = []
    for generations in (1, 2, 3):
        settings = small(generations=generations)
        found = search(
            net, validation, settings, seed=2, folder=tmp_path / str(generations), label=None
        )
        for last in bests[-1:]:
            np.testing.assert_array_equal(found.populations[:, 0], last)
        state = np.isinf(load_any(tmp_path / str(generations)).fitness)
        assert (state.sum(axis=1) == 1).all()
        bests.append(found.populations[state])


def load_any(folder):
    """Return the state in a folder, whichever search's it is."""
    return read_state(folder, identity_in(folder))


def identity_in(folder):
    with safe_open(folder / FILE, framework="numpy") as file:
        return file.metadata()["identity"]


@pytest.mark.parametrize("generation", [1, 3])
def test_interrupted_search_ends_as_an_uninterrupted_one(
    net, validation, tmp_path, monkeypatch, generation
):
    whole = search(net, validation, small(), seed=5, label=None)
    calls = itertools.count(1)
    original = searching.cooperate

    def failing(*args):
        if next(calls) > generation:
            raise KeyboardInterrupt
        return original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(searching, "cooperate", failing)
        with pytest.raises(KeyboardInterrupt):
            search(net, validation, small(), seed=5, folder=tmp_path, label=None)
    state = load_any(tmp_path)
    assert state.generation == generation
    slow = [row | {"seconds": 1000.0, "wall_seconds": 2000.0} for row in state.history]
    dataclasses.replace(state, history=slow).save(tmp_path, identity_in(tmp_path))
    resumed = search(net, validation, small(), seed=5, folder=tmp_path, label=None)
    same(whole, resumed)
    assert resumed.history[:generation] == slow
    for row in resumed.history[generation:]:
        assert row["seconds"] > 1000  # of all its parts
        assert row["wall_seconds"] > 2000
    same(whole, search(net, validation, small(), seed=5, folder=tmp_path, label=None))  # finished
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    with pytest.raises(mwt.UsageError, match="another search"):
        search(net, validation, small(), seed=6, folder=tmp_path, label=None)


KILLED = """
import dataclasses, itertools, sys, time, torch, mwt
from pathlib import Path
from mwt.cnnsplitter import search, searching as module, settings_for
torch.set_num_threads(1)
original, calls = module.cooperate, itertools.count(1)
def stuck(*args):
    if next(calls) == 3:
        print("in the third generation", flush=True)
        time.sleep(600)
    return original(*args)
module.cooperate = stuck
net = mwt.models.rescnn(in_channels=1, width=0.0625)
net.load_state_dict(torch.load(sys.argv[1], weights_only=True))
data = mwt.data.load("digits", size=32)[1]
data = dataclasses.replace(data, images=data.images[:64], labels=data.labels[:64])
settings = settings_for("rescnn", "digits", population=6, generations=4)
search(net, data, settings, seed=1, folder=Path(sys.argv[2]), label=None)
"""


def test_search_killed_in_mid_search_ends_as_an_uninterrupted_one(validation, tmp_path):
    net = network("rescnn")
    torch.save(net.state_dict(), tmp_path / "net.pt")
    arguments = [sys.executable, "-c", KILLED, tmp_path / "net.pt", tmp_path / "state"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "in the third generation\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert load_any(tmp_path / "state").generation == 2
    settings = settings_for("rescnn", "digits", population=6, generations=4)
    whole = search(net, validation, settings, seed=1, label=None)
    same(whole, search(net, validation, settings, 1, tmp_path / "state", label=None))


def test_data_and_settings_that_do_not_fit_are_refused(net, validation):
    with pytest.raises(mwt.UsageError, match="3 classes of data for a network with 10 outputs"):
        search(net, validation.subset([0, 1, 2]), small(), label=None)
    with pytest.raises(mwt.UsageError, match="0 to 12"):
        search(net, validation, small(sensitive=(13,)), label=None)
    with pytest.raises(mwt.UsageError, match="seed -1"):
        search(net, validation, small(), seed=-1, label=None)


def test_solutions_are_scored_on_the_first_images_of_each_class(net, validation):
    found = search(net, validation, small(generations=2, images=3), label=None)
    same(found, search(net, validation.first(3), small(generations=2), label=None))


def test_other_numbers_of_classes(validation):
    net = network("simcnn")
    net.fc_15 = torch.nn.Linear(32, 3)
    found = search(net, validation.subset([2, 4, 7]), small(generations=2), label=None)
    assert found.masks.shape[0] == 3


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_search_goes_on_elsewhere_in_the_precision_that_it_began_with(
    net, validation, tmp_path, monkeypatch, precision
):
    def begun(made_for_it, folder, **changes):
        monkeypatch.setattr("mwt.support.precision.made_for_bfloat16", lambda _: made_for_it)
        settings = small(generations=2, **changes)
        return search(net, validation, settings, folder=tmp_path / folder, label=None)

    fast = precision == "bfloat16"
    found = begun(fast, "here")
    with pytest.raises(mwt.UsageError, match="another search"):
        begun(not fast, "here")
    same(found, begun(not fast, "here", precision=precision))
    same(found, begun(not fast, "anew", precision=precision))
    begun(not fast, "other")
    logits = [load_any(tmp_path / folder).carried for folder in ("here", "anew", "other")]
    np.testing.assert_array_equal(logits[0], logits[1])
    assert (logits[0] != logits[2]).any()
