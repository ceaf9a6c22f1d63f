"""A made-up network of three classes and four kernels, and results of three seeds of it.

They do not change when results are published.
"""

import dataclasses

import pandas as pd

from mwt.report.site.explorer import explorer, together
from mwt.results.tidy import COLUMNS
from mwt.study import parameters

SEED = 1  # of the run that is shown: neither the first nor the last
ACCURACY = {  # of the classes 0 and 1 by column, at the thresholds 0.5 and 0.9
    "masked": (0.96, 0.91),
    "folded": (0.82, 0.73),
    "finetuned": (0.97, 0.95),
    "standard": (0.98, 0.98),
}
METHODS = {
    "module-masked": "masked",
    "module-folded": "folded",
    "module-finetuned": "finetuned",
    "standard": "standard",
}
IMAGES = 100  # that a notebook measured a sub-task on


def network(model="resnet18"):
    return {
        "model": model,
        "dataset": "mnist5k",
        "seed": SEED,
        "classes": ["a", "b", "c"],
        "layers": [["first", 3], ["second", 1]],
        "thresholds": [0.5, 0.9],
        "kept": ["2210", "2110", "1220"],
        "cohesion": [[0.9, 0.9, 0.9], [0.8, 0.8, 0.8]],
        "small_subtasks": {
            "threshold": 0.9,
            "classes": ["0 1", "0 2", "1 2", "0 1 2"],
            "test_images": [20, 20, 20, 30],
            "correct": {
                "standard": [20, 19, 18, 27],
                "module-masked": [19, 18, 17, 24],
                "module-folded": [18, 10, 10, 10],
            },
        },
        "made": {"commit": "0123abc", "date": "", "machine": ""},
        "used": ["a-run"],
        "files": "",
    }


def of_many(classes):
    """The network with more classes than it has kernels."""
    return network() | {
        "classes": [f"class {label}" for label in range(classes)],
        "kept": [["2210", "2110", "1220"][label % 3] for label in range(classes)],
        "cohesion": [[0.9] * classes, [0.8] * classes],
    }


def results():
    rows = [
        ("quick", "mnist5k", "resnet18", method, seed, "0 1", threshold, "accuracy", value, "run")
        for seed in (0, SEED, 2)
        for method, key in METHODS.items()
        for threshold, number in zip((0.5, 0.9), ACCURACY[key], strict=True)
        for value in [number - 0.25 * abs(seed - SEED)]
    ]
    rows += [
        ("quick", "mnist5k", "resnet18", "standard", SEED, "0 1", 0.9, "test_images", IMAGES, "run")
    ]
    return pd.DataFrame(rows, columns=COLUMNS[:10])


def written(folder, *networks):
    """Write a page with an explorer of these networks, without the site around it."""
    study = dataclasses.replace(parameters.read({}), subtasks=[[0, 1]])
    file = folder / "explorer.html"
    html = together({"digits": explorer(list(networks), results(), study)})
    file.write_text(f"<!doctype html><meta charset='utf-8'><h1 id='top'>Top</h1>{html}")
    return file
