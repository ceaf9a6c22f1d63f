"""What the explorer is told of a network, and the table that is offered of it."""

import dataclasses
import json

import pandas as pd
import pytest

from mwt.report.explore import as_json
from mwt.report.site.explored import as_csv
from mwt.study import parameters, stages
from mwt.study.config import Config

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
        found = [stages.modularized(config, at, study.device) for at in THRESHOLDS]
        return json.loads(json.dumps(as_json(study, found))) | {"found": found}


def test_it_says_with_which_seed_the_network_was_trained(network):
    assert network["seed"] == SEED


def test_the_table_has_the_measures_of_each_threshold(network, tmp_path):
    file, table = tmp_path / "explorer.json", tmp_path / "explorer.csv"
    file.write_text(json.dumps({k: v for k, v in network.items() if k != "found"}))
    table.write_text(as_csv(file))
    rows = pd.read_csv(table)
    for found in network["found"]:
        at = rows[rows["threshold"] == found.threshold].set_index("quantity")["value"]
        for name in ("kernel_retention_rate", "cohesion"):
            assert at[name].tolist() == pytest.approx(getattr(found, name))
        assert at["coupling"].mean() == pytest.approx(found.coupling, abs=1e-6)
