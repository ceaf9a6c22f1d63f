"""What the explorer is told of a network, and the table that is offered of it."""

import dataclasses
import io
import json

import pandas as pd
import pytest

from mwt.report.explore import as_json
from mwt.report.site import explored
from mwt.report.site.explored import as_csv
from mwt.results.tidy import interval
from mwt.study import parameters, stages
from mwt.study.config import Config
from mwt.study.stages import exploring

THRESHOLDS = [0.5, 0.9]
SEED = 3


@pytest.fixture(scope="module")
def config():
    return Config(dataset="digits", image_size=8, width=0.0625, epochs=2, seed=SEED)


@pytest.fixture(scope="module")
def network(config, tmp_path_factory):
    """What the explorer is told of a small network, as read back from its file."""
    study = dataclasses.replace(parameters.read({"device": "cpu"}), configs=(config,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MWT_HOME", str(tmp_path_factory.mktemp("store")))
        patch.setattr(exploring, "SIZES", (2,))  # triples take three times as long
        found = [stages.modularized(config, at, study.device) for at in THRESHOLDS]
        small = stages.small_subtasks(config, study.threshold, study.device)
        return json.loads(json.dumps(as_json(study, found, small))) | {"found": found}


def test_it_says_with_which_seed_the_network_was_trained(network):
    assert network["seed"] == SEED


@pytest.fixture
def rows(network, tmp_path):
    file, table = tmp_path / "explorer.json", tmp_path / "explorer.csv"
    file.write_text(json.dumps({k: v for k, v in network.items() if k != "found"}))
    table.write_text(as_csv(file))
    return pd.read_csv(table)


def test_the_table_has_the_measures_of_each_threshold(network, rows):
    for found in network["found"]:
        at = rows[rows["threshold"] == found.threshold].set_index("quantity")["value"]
        for name in ("kernel_retention_rate", "cohesion"):
            assert at[name].tolist() == pytest.approx(getattr(found, name))
        assert at["coupling"].mean() == pytest.approx(found.coupling, abs=1e-6)


def test_the_table_has_the_accuracies_of_pairs_with_images_and_intervals(network, rows):
    small = network["small_subtasks"]
    scores = rows[rows["quantity"] == "accuracy"]
    assert scores.groupby("method").size().to_dict() == dict.fromkeys(small["correct"], 45)
    folded = scores[scores["method"] == "module-folded"]
    assert (folded["threshold"] == small["threshold"]).all()
    assert folded["test_images"].tolist() == small["test_images"]
    right = (folded["value"] * folded["test_images"]).round().tolist()
    assert right == small["correct"]["module-folded"]
    one = folded.iloc[7]
    assert (one["low"], one["high"]) == pytest.approx(interval(one["value"], one["test_images"]))
    assert scores[scores["method"] == "standard"]["threshold"].isna().all()


def test_of_many_pairs_the_table_has_the_mean(network, tmp_path, monkeypatch):
    monkeypatch.setattr(explored, "PAIRS", 44)
    file = tmp_path / "explorer.json"
    file.write_text(json.dumps({k: v for k, v in network.items() if k != "found"}))
    rows = pd.read_csv(io.StringIO(as_csv(file)))
    coupling = rows[rows["quantity"] == "coupling"].set_index("threshold")
    assert coupling["classes"].tolist() == ["all", "all"]
    for found in network["found"]:
        assert coupling["value"][found.threshold] == pytest.approx(found.coupling, abs=1e-6)


def test_a_file_without_such_accuracies_gives_a_table_all_the_same(network, tmp_path):
    file = tmp_path / "explorer.json"
    without = {k: v for k, v in network.items() if k not in ("found", "small_subtasks")}
    file.write_text(json.dumps(without))
    assert "kernel_retention_rate" in as_csv(file)
    assert "accuracy" not in as_csv(file)
