"""The profile `paper`, shortened: its notebooks run on files of CIFAR-10's and SVHN's formats."""

import re
from pathlib import Path

import pandas as pd
import pytest
import small_files
import torch
import yaml
from authors_files import written
from devices import DEVICES
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from traitlets.config import Config

import mwt
from mwt.report import tables
from mwt.results.record import rows_of
from mwt.study import parameters

ROOT = Path(__file__).parents[2]
PROFILE = yaml.safe_load((ROOT / "profiles/paper.yaml").read_text())
SHORT = {"epochs": 1, "width": 0.0625, "batch_size": 32, "device": "cpu"}
FINETUNING = {"finetune_epochs": 1, "thresholds": "0.5,0.9"}
MORE = {
    "train": {},
    "modularize": {},
    "reuse": {"subtask_sizes": "2", "finetune_epochs": 1},
    "subtasks": {"subtask_sizes": "2,3", "per_size": 2, "finetune_epochs": 1},
    "rq4": FINETUNING,
}
OF_SOME = {  # networks, which the profile names
    "hyperparameters": {"alphas": "0.5", "betas": "0.5,1.5"},
    "cnnsplitter": {"population": 4, "generations": 2, "subtask_sizes": "2", "finetune_epochs": 1},
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
@pytest.mark.parametrize("device", DEVICES)
def test_every_notebook_runs(dataset, model, device):
    frames = []
    short = SHORT | {"device": device}
    some = {name: more for name, more in OF_SOME.items() if model in PROFILE[name]["models"]}
    # At full width, what modules cost takes a CPU long; `make book` runs this one there.
    some |= {"worth": {"subtask_sizes": "2", "small": "2"}} if device == "cuda" else {}
    for name, more in (MORE | some).items():
        record = executed(name, profile="paper", dataset=dataset, model=model, **short, **more)
        asked = record["parameters"]
        assert (asked["dataset"], asked["model"], asked["profile"]) == (dataset, model, "paper")
        assert (asked["alpha"], asked["beta"], asked["lr"], asked["schedule"]) == (
            *(0.5, 1.5, 0.05, "cosine"),
        )
        frames.append(rows_of(record))
    results = pd.concat(frames)
    found = set(zip(results["method"], results["quantity"], strict=True))
    assert {
        ("standard", "accuracy"),
        ("modular", "accuracy"),
        ("standard", "cohesion"),
        ("modular", "cohesion"),
        ("module-finetuned", "accuracy"),
    } <= found
    assert (("modular-grid", "coupling") in found) == ("hyperparameters" in some)
    assert (("cnnsplitter", "kernel_retention_rate_by_sum") in found) == ("cnnsplitter" in some)
    # What was measured, and only that, is in the paper's table.
    pages = tables.paper_tables([tables.Here("paper", results, 0.9, {(model, dataset): "short"})])
    assert sum(page.data.count("here: not run") for page in pages) == 4 * 2 - 1


def authors_data(folder, model, dataset, **changes):
    """Write the authors' two networks of an untrained model into their layout of folders."""
    where = folder / f"{model}_{dataset}"
    where.mkdir(parents=True)
    for form, name in (
        ("modular", "lr_model_mask_0.05_0.05_a_0.5_b_1.5_bz_32.pth"),
        ("standard", "standard_model_lr_0.05_bz_32.pth"),
    ):
        torch.save(written(model, form, **changes), where / name)
    return where


def test_the_authors_weights_take_the_place_of_training(tmp_path):
    where = authors_data(tmp_path, "resnet18", "cifar10")
    asked = (
        {"profile": "paper", "dataset": "cifar10", "model": "resnet18"} | SHORT | {"width": 0.125}
    )
    record = executed("train", **asked, released=str(tmp_path))
    rows = rows_of(record)
    assert "train_seconds" not in set(rows["quantity"][rows["threshold"].isna()])
    for form, file in (("modular", "lr_model_mask*"), ("standard", "standard*")):
        (path,) = where.glob(file)
        net = mwt.released.load(path, "resnet18", width=0.125)
        expected = mwt.accuracy(net, mwt.data.load("cifar10")[2])
        found = rows[(rows["method"] == form) & (rows["quantity"] == "accuracy")]
        assert found["value"].iloc[0] == expected


def test_one_file_is_enough_and_the_other_network_is_trained(tmp_path):
    where = authors_data(tmp_path, "simcnn", "svhn")
    (file,) = where.glob("lr_model_mask*")
    asked = {"profile": "paper", "dataset": "svhn", "model": "simcnn"} | SHORT | {"width": 0.125}
    record = executed("modularize", **asked, released=str(file))
    assert record["parameters"]["released"] == (("modular", str(file)),)
    assert set(rows_of(record)["method"]) == {"standard", "modular"}


@pytest.mark.parametrize(
    ("asked", "changes", "message"),
    [
        ({"model": "vgg16"}, {}, "holds a resnet18"),
        ({"width": 0.25}, {}, "pass width=0.125"),
        ({"dataset": "digits", "image_size": 32}, {}, "3 channels and 10 classes, but digits"),
        ({}, {"classes": 7}, "3 channels and 7 classes"),
        ({"lr": 0.1}, {}, "lr_model_mask_0.1_0.1_a_0.5_b_1.5_bz_32.pth"),
    ],
)
def test_weights_that_do_not_fit_are_refused_before_any_work(tmp_path, asked, changes, message):
    where = authors_data(tmp_path, "resnet18", "cifar10", **changes)
    usual = {"profile": "paper", "dataset": "cifar10", "model": "resnet18"} | SHORT
    path = tmp_path if "lr" in asked else next(where.glob("lr_model_mask*"))
    given = usual | {"width": 0.125} | asked | {"released": str(path)}
    with pytest.raises(mwt.UsageError, match=re.escape(message)):
        parameters.read(given)


def test_the_profile_has_the_papers_networks_data_and_settings():
    assert set(PROFILE["models"]) == {"vgg16", "resnet18", "simcnn", "rescnn"}
    assert PROFILE["datasets"] == ["cifar10", "svhn"]
    defaults = PROFILE["defaults"]
    names = ("width", "epochs", "batch_size", "lr", "schedule", "alpha", "beta")
    assert [defaults[name] for name in names] == [1.0, 200, 128, 0.05, "cosine", 0.5, 1.5]
    assert PROFILE["threshold"] == 0.9
