"""A tiny study in a checkout of its own: its notebooks are run, and it is published."""

import shutil

import jupytext
import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from mwt.report import explore
from mwt.report.publish import publish
from mwt.results.collect import collected, write_results
from mwt.study.stages import measuring, modularizing, networks
from mwt.study.store import USED
from mwt.support.files import project_root

PROFILE = """
profile: tiny
about: Too small to learn much.
datasets: [digits]
seeds: [0]
defaults: {width: 0.0625, schedule: one-cycle, half_weights: true, finetune_epochs: 1}
models:
  resnet18: {image_size: 8, epochs: 2, lr: 0.2, batch_size: 64}
  simcnn: {image_size: 32, epochs: 1, lr: 0.05, standard_lr: 0.01, batch_size: 128}
threshold: 0.9
thresholds: [0.5, 0.9]
target_classes: [3, 5, 7]
subtask_sizes: [3]
random_subtasks: {sizes: [2], per_size: 2, finetune: false}
worth: {sizes: [2], small: []}
hyperparameters:
  {models: [resnet18], alphas: [0.5], betas: [1.5], settings: {}}
cnnsplitter:
  {models: [simcnn], settings: {population: 4, generations: 1, precision: float32}}
publish: {weights: [resnet18]}
"""
NOTEBOOKS = [
    *(("train", "resnet18"), ("modularize", "resnet18"), ("reuse", "resnet18")),
    *(("subtasks", "resnet18"), ("rq4", "resnet18"), ("hyperparameters", "resnet18")),
    ("cnnsplitter", "simcnn"),
]


def checkout(root, book, monkeypatch):
    """Make ``root`` the project's folder, with the profile and an empty book."""
    shutil.copytree(book.parent / "profiles", root / "profiles")
    (root / "profiles/tiny.yaml").write_text(PROFILE)
    (root / "notebooks").mkdir()
    shutil.copy(book.parent / "notebooks/notebooks.yaml", root / "notebooks")
    (root / "book").mkdir()
    (root / "book/_toc.yml").write_bytes((book / "_toc.yml").read_bytes())
    monkeypatch.setattr("mwt.support.files.__file__", str(root / "mwt/support/files.py"))
    assert project_root() == root


def forget():
    """Drop what this process remembers of data, networks and runs, as a new one would."""
    for cached in (
        networks.datasets,
        networks.stored_network,
        measuring.stored_logits,
        modularizing.kept,
    ):
        cached.cache_clear()
    USED.clear()


def executed(source, model):
    """Run a notebook's cells and return them with its record as the last output."""
    forget()
    first, *cells, last = [c for c in jupytext.read(source).cells if c.cell_type == "code"]
    namespace = {}
    exec(first.source, namespace)
    namespace |= {"model": model, "profile": "tiny", "device": "cpu"}
    for cell in cells:
        exec(cell.source, namespace)
    data, metadata = eval(last.source, namespace)._repr_mimebundle_()
    output = new_output("display_data", data=data, metadata=metadata)
    return new_notebook(cells=[new_code_cell(last.source, outputs=[output])])


def run_all(notebooks, results):
    """Execute every notebook of the study, and write the explorer's files and results.csv."""
    results.mkdir(parents=True)
    for name, model in NOTEBOOKS:
        found = executed(notebooks / f"{name}.py", model)
        nbformat.write(found, results / f"{name}-{model}-digits.ipynb")
    forget()
    explore.main("tiny", "resnet18", "digits", results / "explorer-resnet18-digits.json")
    write_results(collected(results), results / "results.csv")


def published(notebooks, root, store, monkeypatch):
    """Run the study with a store and publish it in a checkout."""
    monkeypatch.setenv("MWT_HOME", str(store))
    run_all(notebooks, root / "results/tiny")
    publish(root / "results/tiny")
