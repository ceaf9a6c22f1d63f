"""The published weights, measured again on CIFAR-10 where that is at hand, give what is published.

Another processor, or another number of threads, adds up in another order: where two logits nearly
tie a picture may change sides, and where a class's frequency is at the threshold a kernel may.
"""

import re
from pathlib import Path

import jupytext
import pytest
import torch

import mwt
from mwt.data.cifar10 import OFFICIAL
from mwt.results.tidy import read_results, select, value
from mwt.study import parameters, stages
from mwt.support.files import store_root

ROOT = Path(__file__).parents[2]
PROFILE, NAME = "cifar10", "resnet18-cifar10"
DATA = store_root() / "data"
PICTURES = 0.001  # share of the test pictures that may change sides
KERNELS = 0.002  # share of the kernels of the modules that may
CPU = torch.device("cpu")

pytestmark = [
    pytest.mark.skipif(
        not (ROOT / f"weights/{PROFILE}").is_dir(), reason="no weights are published yet"
    ),
    pytest.mark.skipif(
        not any((DATA / name).is_dir() for name in (OFFICIAL.binary, OFFICIAL.pickled)),
        reason=f"CIFAR-10 is not in {DATA}",
    ),
]


@pytest.fixture(scope="module")
def cifar10():
    return mwt.data.load("cifar10", root=DATA)


@pytest.fixture(scope="module")
def study():
    return parameters.read({"profile": PROFILE, "model": "resnet18", "device": "cpu"})


@pytest.fixture(scope="module")
def results(study):
    file = ROOT / f"book/results/{PROFILE}/results.csv"
    if not file.exists():
        pytest.skip("the pages are not published yet")
    rows = read_results(file)
    return select(rows, model="resnet18", dataset="cifar10", seed=study.config.seed)


@pytest.mark.parametrize("method", ["standard", "modular"])
def test_accuracy(method, cifar10):
    net = mwt.pretrained(NAME, method)
    assert mwt.accuracy(net, cifar10[2]) == pytest.approx(net.card["test_accuracy"], abs=PICTURES)


@pytest.mark.parametrize("method", ["standard", "modular"])
def test_cards_say_what_pages_say(method, results):
    published = value(results, method=method, classes="all", quantity="accuracy")
    assert mwt.pretrained(NAME, method).card["test_accuracy"] == published


def test_module_masks_and_the_module_of_the_sub_task(
    cifar10, study, results, tmp_path, monkeypatch
):
    """Module masks of the sub-task's classes, from all of their training pictures."""
    monkeypatch.setenv("MWT_HOME", str(tmp_path))
    modular = mwt.pretrained(NAME)
    samples = mwt.sample_masks(modular, cifar10[0].subset(study.classes))
    modules = mwt.module_masks(samples, study.threshold)
    published = stages.modularized(study.config, study.threshold, CPU).modules[study.classes]
    assert (modules != published).double().mean() <= KERNELS
    union = modules.any(dim=0)
    at = select(results, classes=study.subtask, threshold=study.threshold)
    rate = value(at, method="modular", quantity="kernel_retention_rate")
    assert union.double().mean().item() == pytest.approx(rate, abs=KERNELS)
    module = mwt.extract(modular, union, classes=study.classes, generators=True)
    accuracy = value(at, method="module-masked", quantity="accuracy")
    test = cifar10[2].subset(study.classes)
    assert mwt.accuracy(module, test) == pytest.approx(accuracy, abs=2 * PICTURES)


def test_the_walk_from_a_published_network_runs_as_typed(capsys):
    cells = jupytext.read(ROOT / "notebooks/walks/pretrained.py").cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    exec(compile(code, "the walk", "exec"), {})
    out = capsys.readouterr().out
    kept, kernels = map(int, re.search(r"^kernels: (\d+) of (\d+)$", out, flags=re.M).groups())
    assert 0 < kept < kernels
    assert float(re.search(r"^module: ([\d.]+)$", out, flags=re.M)[1]) >= 0.8
