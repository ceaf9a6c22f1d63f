"""The notebooks as files: pairs, published copies, and refusals on the command line."""

import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml

from mwt.report.stage import with_notebooks
from mwt.results.collect import collected, write_results
from mwt.results.record import records, rows_of
from mwt.results.tidy import read_results

ROOT = Path(__file__).parents[1]
LISTED = yaml.safe_load((ROOT / "notebooks/notebooks.yaml").read_text())
PUBLISHED = sorted((ROOT / "book/results").glob("*/*.ipynb"))
PAPERMILL = Path(sys.executable).with_name("papermill")


def sources(notebook):
    """Kind and text of each cell, without what papermill injected."""
    return [
        (cell.cell_type, cell.source)
        for cell in notebook.cells
        if "injected-parameters" not in cell.metadata.get("tags", [])
    ]


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "notebooks").glob("*.py")))
def test_pair(name):
    notebook = jupytext.read(ROOT / f"notebooks/{name}.ipynb")
    assert sources(notebook) == sources(jupytext.read(ROOT / f"notebooks/{name}.py"))
    assert not any(cell.get("outputs") for cell in notebook.cells)
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    assert sum("parameters" in t for t in tags) == 1


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda p: p.stem)
def test_published_notebook_is_its_source_executed(path):
    source = nbformat.read(ROOT / f"notebooks/{path.stem.split('-')[0]}.ipynb", as_version=4)
    published = nbformat.read(path, as_version=4)
    assert sources(published) == sources(source), "run `make book && make publish`"
    assert not published.metadata.papermill.exception


def test_every_network_of_the_profile_is_published():
    profile = yaml.safe_load((ROOT / "profiles/quick.yaml").read_text())
    expected = {
        f"{name}-{model}-mnist5k"
        for name, of in LISTED.items()
        for model in (profile if of["networks"] == "all" else profile[name])["models"]
    }
    assert {path.stem for path in PUBLISHED if path.parent.name == "quick"} == expected


def test_published_results_are_those_of_the_published_notebooks(tmp_path):
    folder = ROOT / "book/results/quick"
    write_results(collected(folder), tmp_path / "results.csv")
    assert read_results(tmp_path / "results.csv").equals(read_results(folder / "results.csv"))


def test_contents_list_the_notebooks_of_the_profile():
    toc = yaml.safe_load((ROOT / "book/_toc.yml").read_text())
    assert with_notebooks(toc, ROOT / "book/results/quick") == toc


def test_a_mistake_ends_the_run_with_one_sentence(tmp_path):
    """Of the mistakes that `test_parameters` lists, one, from the command line."""
    done = subprocess.run(
        [PAPERMILL, "notebooks/rq4.ipynb", tmp_path / "out.ipynb", "-p", "thresold", "0.7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "did you mean 'threshold'" in done.stderr.strip().splitlines()[-1]


def test_a_notebook_runs_from_nothing_and_then_finds_its_work(tmp_path, monkeypatch):
    """The real path, small: train, modularize, reuse, from the command line into a pipe."""
    monkeypatch.setenv("MWT_HOME", str(tmp_path))
    command = [PAPERMILL, "notebooks/rq4.ipynb", "-p", "dataset", "digits", "-p", "width", "0.0625"]
    command += ["-p", "epochs", "1", "-p", "finetune_epochs", "1", "-p", "thresholds", "0.2,0.8"]
    command += ["-p", "target_classes", "4 2"]

    def executed():
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        notebook = nbformat.reads(done.stdout, as_version=4)
        runs = {p: p.stat().st_mtime_ns for p in (tmp_path / "runs").glob("*/result.json")}
        return notebook, runs

    notebook, runs = executed()
    (record,) = records(notebook)
    rows = rows_of(record)
    assert set(rows["threshold"].dropna()) == {0.2, 0.8, 0.9}
    assert rows["threshold"].isna().any()  # times have none
    assert set(rows["classes"]) == {"all", "4 2"}
    # Two networks, their answers, masks of two parts; by threshold the modules, the scores and the
    # tuning of a sub-task.
    assert len(runs) == 2 + 2 + 2 + 3 * 3
    assert executed()[1] == runs
