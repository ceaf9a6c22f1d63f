"""Whether longer training helps: trainings of several lengths, side by side.

    python benchmarks/epochs.py OUT.csv PROFILE MODEL [MODEL ...] --epochs 10 30

Compared are trainings with the profile's first seed: those in the store, those published, and those
that OUT.csv has already. To add one:

    python -m mwt.study cifar10 resnet18 modular cifar10 epochs=30

OUT.csv says for each epoch how many validation images are right, and of the trained networks what
they score on the test images, how modular they are at the profile's thresholds, and what the module
of all classes scores that keeps its mask generators. The book shows it.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

import mwt
from mwt.results import benchmarks
from mwt.study import parameters, stages
from mwt.study.config import METHODS
from mwt.study.parameters import Study
from mwt.study.store import find_run


def rows(study: Study) -> Iterator[dict[str, Any]]:
    """Yield what is known of the trainings of one length."""
    config, device = study.config, study.device
    for method in METHODS:
        run = find_run("trained", config, method)
        if not run.finished():
            continue
        same: dict[str, Any] = {
            **{"profile": study.profile, "model": config.model, "dataset": config.dataset},
            **{"width": config.width},
            **{"epochs": config.epochs, "method": method, "run": run.name},
            **{"machine": run.machine(), "commit": run.record()["made"]["commit"]},
        }
        history = stages.trained(config, method, device).history
        for epoch in history:
            found = {"epoch": int(epoch["epoch"]), "value": epoch["validation_accuracy"]}
            yield same | {"quantity": "validation_accuracy"} | found
        measures = {
            "accuracy": stages.scored(config, method, device).accuracy,
            "train_accuracy": history[-1]["train_accuracy"],
            "train_seconds": history[-1]["seconds"],
        }
        same |= {"epoch": config.epochs}
        for quantity, value in measures.items():
            yield same | {"quantity": quantity, "value": value}
        if method == "modular":
            yield from (same | row for row in modularity(study))


def modularity(study: Study) -> Iterator[dict[str, Any]]:
    """Yield how modular a network is by threshold, and what its module of all classes scores."""
    for threshold in study.thresholds:
        found = stages.modularized(study.config, threshold, study.device)
        classes = len(found.cohesion)
        measures = {
            "kernel_retention_rate": sum(found.kernel_retention_rate) / classes,
            "cohesion": sum(found.cohesion) / classes,
            "coupling": found.coupling,
        }
        for quantity, value in measures.items():
            yield {"quantity": quantity, "threshold": threshold, "value": value}
    yield {
        "quantity": "module_accuracy",
        "threshold": study.threshold,
        "value": accuracy_of_module(study),
    }


def accuracy_of_module(study: Study) -> float:
    """Return what the module of all classes scores that keeps its mask generators."""
    config, device, threshold = study.config, study.device, study.threshold
    classes = list(range(stages.networks.classes_and_channels(config, device)[0]))
    if find_run("trained", config, "standard").finished():  # which the stage compares with
        found = stages.reused(config, threshold, classes, device, finetune=False, costs=False)
        return found.accuracy["module-masked"]
    modules, _ = stages.reuse.untrained(["module-masked"], config, threshold, classes, device)
    test = stages.networks.data_of(config, device)[2].subset(classes)
    return mwt.accuracy(modules["module-masked"], test)


def main() -> None:
    """Measure the trainings that are there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("profile")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--epochs", type=int, nargs="+", required=True)
    given = parser.parse_args()
    asked = [
        {"profile": given.profile, "model": m, "epochs": e}
        for m in given.models
        for e in given.epochs
    ]
    studies = [parameters.read(one) for one in asked]
    found = pd.DataFrame([row for study in studies for row in rows(study)])
    if given.out.exists():  # trainings that are not at hand any more
        before, _ = benchmarks.read(given.out)
        gone = before[~before["run"].isin(found["run"])]
        order = ["model", "width", "epochs"]
        found = pd.concat([gone, found]).sort_values(order, kind="stable")
    threshold = str(studies[0].threshold)
    how = benchmarks.made(studies[0].device) | {"threshold": threshold}
    benchmarks.write(given.out, found, how)


if __name__ == "__main__":
    main()
