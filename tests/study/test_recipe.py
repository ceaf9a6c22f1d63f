"""What gives other results than before needs another `RECIPE`: old runs must not be found for it.

``python tests/study/test_recipe.py`` writes what the code gives now, once `RECIPE` is raised.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import mwt
from mwt.metrics import cohesion_by_class, coupling
from mwt.study.config import METHODS, Config
from mwt.study.stages.networks import untrained_network
from mwt.study.stages.reuse import UNTRAINED, in_form
from mwt.study.store import RECIPE, find_run

FILE = Path(__file__).with_name("recipe.json")
CPU = torch.device("cpu")
SMALL = {"dataset": "digits", "width": 0.125}


def results():
    """Return what every part of a study gives on a few digits, before rounding has grown."""
    train, validation, test = mwt.data.load("digits", size=16)
    parts = (train, validation, test)
    found = {"split": [float(part.images.double().mean()) for part in parts]}
    for model in mwt.models.MODELS:
        for method in METHODS:
            for start in mwt.models.INITIALIZATIONS:
                net = untrained_network(
                    Config(**SMALL, model=model, initialization=start), method, CPU
                )
                size = sum(weights.abs().sum().item() for weights in net.parameters())
                found[f"{model}, {method}, starts as {start}"] = [size]
    few = replace(train, images=train.images[:128], labels=train.labels[:128])
    for method in METHODS:
        for schedule in ("cosine", "one-cycle"):
            net = untrained_network(Config(**SMALL), method, CPU)
            how = {"epochs": 1, "batch_size": 32, "lr": 0.01, "schedule": schedule}
            (row,) = mwt.fit(net, few, test, **how, label=None)
            found[f"{method}, {schedule}"] = [row["loss"], row["cohesion"], row["coupling"]]
    samples = mwt.sample_masks(net, train)  # of the modular network, which came last
    chance = torch.Generator().manual_seed(0)
    bits = torch.rand(samples.binary.shape, generator=chance) < 0.7
    used = torch.rand(samples.frequency.shape, generator=chance, dtype=torch.float64)
    samples = replace(samples, binary=bits, frequency=used)
    modules = mwt.module_masks(samples, 0.9)
    found["modules"] = [float(modules.double().mean()), coupling(modules)]
    found["cohesion"] = cohesion_by_class(samples, modules)
    union = mwt.compose(modules, [0, 1, 2])
    for form in UNTRAINED:
        module = in_form(form, net, union, [0, 1, 2], samples)
        found[form] = [float(mwt.predict(module, few).abs().mean())]
    return found


def test_results_are_those_of_the_recipe():
    known = json.loads(FILE.read_text())
    assert known["recipe"] == RECIPE, f"python {FILE.with_name('test_recipe.py')} writes it anew"
    found = results()
    assert found.keys() == known["results"].keys()
    for name, values in known["results"].items():
        assert found[name] == pytest.approx(values, rel=2e-3), f"{name}: raise RECIPE"
    assert find_run("cut", Config(), threshold=0.9).name == known["name"]


if __name__ == "__main__":
    name = find_run("cut", Config(), threshold=0.9).name
    FILE.write_text(json.dumps({"recipe": RECIPE, "name": name, "results": results()}, indent=1))
