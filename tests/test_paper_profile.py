"""The profile `paper`, shortened: its notebooks run on files of CIFAR-10's and SVHN's formats."""

from pathlib import Path

import pandas as pd
import pytest
import small_files
import yaml
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config

from mwt.report import tables
from mwt.report.results import COLUMNS

ROOT = Path(__file__).parents[1]
PROFILE = yaml.safe_load((ROOT / "profiles/paper.yaml").read_text())
SHORT = {"epochs": 1, "width": 0.0625, "batch_size": 32, "device": "cpu"}
FINETUNING = {"finetune_epochs": 1, "thresholds": "0.5,0.9"}
MORE = {
    "train": {},
    "modularize": {},
    "reuse": {"subtask_sizes": "2", "finetune_epochs": 1},
    "subtasks": {"subtask_sizes": "2,3", "per_size": 2, "finetune_epochs": 1},
    "rq4": FINETUNING,
    "hyperparameters": {"alphas": "0.5", "betas": "0.5,1.5"},
}


@pytest.fixture(scope="module", autouse=True)
def _files(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MWT_HOME", str(home))
        small_files.cifar10(home / "data", patch, per_batch=60)
        small_files.svhn(home / "data", patch, train=300, test=100)
        yield


def executed(name, **parameters):
    """Run a notebook's cells in this process; return the record that it ends with."""
    notebook = load_notebook_node(str(ROOT / f"notebooks/{name}.ipynb"))
    if name == "hyperparameters":
        parameters = {k: v for k, v in parameters.items() if k not in ("alpha", "beta")}
    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    result = None
    for cell in parameterize_notebook(notebook, parameters).cells:
        if cell.cell_type == "code":
            with capture_output():
                result = shell.run_cell(cell.source, store_history=True)
            result.raise_error()
    return result.result.data


@pytest.mark.parametrize(
    ("dataset", "model"),
    [("cifar10", "resnet18"), ("cifar10", "rescnn"), ("svhn", "vgg16"), ("svhn", "simcnn")],
)
def test_every_notebook_runs(dataset, model):
    frames = []
    for name, more in MORE.items():
        record = executed(name, profile="paper", dataset=dataset, model=model, **SHORT, **more)
        asked = record["parameters"]
        assert (asked["dataset"], asked["model"], asked["profile"]) == (dataset, model, "paper")
        assert (asked["alpha"], asked["beta"], asked["lr"], asked["schedule"]) == (
            *(0.5, 1.5, 0.05, "cosine"),
        )
        frames.append(pd.DataFrame(record["rows"], columns=COLUMNS))
    results = pd.concat(frames)
    found = set(zip(results["method"], results["quantity"], strict=True))
    assert {
        ("standard", "accuracy"),
        ("modular", "accuracy"),
        ("standard", "cohesion"),
        ("modular", "cohesion"),
        ("module-finetuned", "accuracy"),
        ("modular-grid", "coupling"),
    } <= found
    # What was measured, and only that, is in the paper's table.
    page = tables.paper(results, 0.9).data
    assert page.count("not run yet") == 4 * 2 * 5 - 5


def test_the_profile_has_the_papers_networks_data_and_settings():
    assert set(PROFILE["models"]) == {"vgg16", "resnet18", "simcnn", "rescnn"}
    assert PROFILE["datasets"] == ["cifar10", "svhn"]
    defaults = PROFILE["defaults"]
    names = ("width", "epochs", "batch_size", "lr", "schedule", "alpha", "beta")
    assert [defaults[name] for name in names] == [1.0, 200, 128, 0.05, "cosine", 0.5, 1.5]
    assert PROFILE["threshold"] == 0.9
