"""Grids of one's own: read, refused, trained, and shown."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import mwt
from mwt.results.sweeps import MEASURES, over_seeds
from mwt.study.sweeps import load_sweep

ROOT = Path(__file__).parents[2]


def test_a_network_for_every_combination():
    sweep = load_sweep(ROOT / "sweeps" / "example.yaml")
    assert sweep.varied == ["beta", "width"]
    assert len(sweep.points) == 3 * 2 * 2
    assert sweep.points[:3] == (
        {"beta": 0.5, "width": 0.125, "seed": 0},
        {"beta": 0.5, "width": 0.125, "seed": 1},
        {"beta": 0.5, "width": 0.25, "seed": 0},
    )
    for point, study in zip(sweep.points, sweep.studies, strict=True):
        config = study.config
        assert point == {"beta": config.beta, "width": config.width, "seed": config.seed}
        assert (config.model, config.epochs, config.lr) == ("resnet18", 9, 0.2)
        assert (study.profile, study.threshold) == ("quick", 0.9)
    assert load_sweep(ROOT / "sweeps" / "example.yaml", 0.7).studies[0].threshold == 0.7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("grid: {bete: [1]}", "unknown key of grid in .*'bete'.*beta"),
        ("grid: {beta: 1}", "beta in .*: give a list of at least one value"),
        ("grid: {beta: []}", "beta in .*: give a list of at least one value"),
        ("grid: {beta: [1, 1]}", "each once"),
        ("grid: {beta: [-1]}", "beta"),
        ("grid: {model: [resnet81]}", "resnet81.*resnet18"),
        ("grid: {beta: [1]}\nsettings: {beta: 2}", "beta is under grid and under settings"),
        ("grid: {beta: [1]}\nsettings: {epoch: 2}", "epoch.*epochs"),
        ("grid: {beta: [1]}\nprofile: quik", "quik.*quick"),
        ("settings: {beta: 2}", "has no grid"),
        ("grid: {beta: [1]}\ngird: {}", "gird.*grid"),
        ("beta", "give names with values"),
        ("grid: [", "is no YAML"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, text, said):
    file = tmp_path / "grid.yaml"
    file.write_text(text)
    with pytest.raises(mwt.UsageError, match=f"(?s){said}"):
        load_sweep(file)


def test_a_grid_that_is_not_there(tmp_path):
    with pytest.raises(mwt.UsageError, match=r"none.yaml is not there: give a grid's file"):
        load_sweep(tmp_path / "none.yaml")


def points(*pairs, **more):
    table = pd.DataFrame(pairs, columns=["accuracy", "kernel_retention_rate"])
    return table.assign(cohesion=0.9, coupling=0.1, **more)


def test_the_front_has_what_no_other_network_beats():
    # Two of the same kernels, two of the same accuracy, one beaten in both.
    some = points((0.9, 0.5), (0.8, 0.3), (0.9, 0.4), (0.7, 0.3), (0.75, 0.45), (0.95, 0.6))
    found = over_seeds(some.assign(beta=range(6)), ["beta"])
    front = found[found["front"]]
    assert front["beta"].tolist() == [1, 2, 5]
    assert found["kernel_retention_rate"].is_monotonic_increasing


def test_seeds_are_averaged():
    some = points((0.9, 0.5), (0.7, 0.3), (0.6, 0.2), beta=[1, 1, 2], seed=[0, 1, 0])
    found = over_seeds(some, ["beta"]).set_index("beta")
    assert found.loc[1, "accuracy"] == pytest.approx(0.8)
    assert found.loc[1, ["accuracy_low", "accuracy_high"]].tolist() == [0.7, 0.9]
    assert found["seeds"].tolist() == [1, 2]
    assert found.index.tolist() == [2, 1]


def test_a_grid_is_trained_and_shown(tmp_path):
    for folder in ("sweeps", "profiles", "mwt"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    (tmp_path / "own.yaml").write_text(
        "grid: {beta: [0, 3]}\n"
        "settings: {dataset: digits, width: 0.0625, image_size: 8, epochs: 1, batch_size: 64}"
    )
    env = os.environ | {"MWT_HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "snakemake", "-s", "sweeps/Snakefile", "--cores", "1"]
    done = subprocess.run(
        [*command, "--config", "grid=own.yaml"],
        cwd=tmp_path,
        env=env | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    table = pd.read_csv(tmp_path / "results/sweeps/own.csv")
    assert table["beta"].tolist() == [0, 3]
    assert table[list(MEASURES)].notna().all(axis=None)
    notebook = nbformat.read(tmp_path / "results/sweeps/own.ipynb", as_version=4)
    shown = str([cell.get("outputs") for cell in notebook.cells])
    assert "Pareto front" in shown
    assert "The networks of the grid" in shown
    assert len(list((tmp_path / "runs").glob("trained-modular-resnet18-digits-*"))) == 2
