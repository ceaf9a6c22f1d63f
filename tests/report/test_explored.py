"""What the explorer is told of a network, and the table that is offered of it."""

import dataclasses
import json

import pandas as pd
import pytest
import torch

from mwt.report.explore import as_json
from mwt.report.site.explored import as_csv
from mwt.study import parameters, stages
from mwt.study.config import Config

THRESHOLDS, SUBTASKS = [0.5, 0.9], [[0, 1], [0, 1, 2]]
FORMS = {"module-masked": "with generators", "module-folded": "folded"}
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
        found = stages.explored(config, THRESHOLDS, SUBTASKS, study.device)
        cuts = {
            (threshold, tuple(classes)): stages.reused(
                config, threshold, classes, torch.device("cpu"), finetune=False, costs=False
            ).accuracy
            for threshold in THRESHOLDS
            for classes in SUBTASKS
        }
        return json.loads(json.dumps(as_json(study, found))) | {"cuts": cuts}


def test_it_says_with_which_seed_the_network_was_trained(network):
    assert network["seed"] == SEED


@pytest.mark.parametrize("form", FORMS)
def test_accuracies_are_those_of_the_modules_by_threshold_and_sub_task(network, form):
    for step, threshold in enumerate(THRESHOLDS):
        for number, classes in enumerate(SUBTASKS):
            expected = network["cuts"][threshold, tuple(classes)][form]
            assert network["accuracy"][form][step][number] == pytest.approx(expected)


def test_the_table_has_the_accuracy_of_both_forms(network, tmp_path):
    file, table = tmp_path / "explorer.json", tmp_path / "explorer.csv"
    file.write_text(json.dumps({k: v for k, v in network.items() if k != "cuts"}))
    table.write_text(as_csv(file))
    rows = pd.read_csv(table)
    for form, name in FORMS.items():
        values = rows[rows["quantity"] == f"accuracy, {name}"]["value"].tolist()
        assert values == [number for line in network["accuracy"][form] for number in line]
