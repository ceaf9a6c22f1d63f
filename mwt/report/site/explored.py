"""What the explorer shows, as a table: a value a row."""

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from ...metrics import jaccard
from ...results.tidy import interval

COLUMNS = ["threshold", "classes", "method", "quantity", "value", "test_images", "low", "high"]
PAIRS = 200  # of classes, each with a value for each threshold
Row = tuple[float | None, str, str, str, float]
Score = tuple[str, str, float | None, float, int]


def as_csv(path: Path) -> str:
    """Return a network's measures, from the file that the workflow wrote for the explorer.

    Accuracies say of how many test images they are, and have the 95 % interval of so many.
    """
    network = json.loads(path.read_text())
    rows: list[tuple[object, ...]] = [(*row, None, None, None) for row in measures(network)]
    for method, classes, threshold, value, images in small_scores(network):
        sure = interval(value, images)
        rows.append((threshold, classes, method, "accuracy", value, images, *sure))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"test_images": "Int64"}).to_csv(index=False)


def measures(network: dict[str, Any]) -> Iterator[Row]:
    """Yield threshold, classes, method, quantity and value of what was measured at each threshold.

    KRR and cohesion are of the module of a class, coupling is of two modules: of each pair, or,
    where there are more than `PAIRS` of them, the mean of them all.
    """
    numbers = range(len(network["classes"]))
    pairs = [f"{a} {b}" for a, b in combinations(numbers, 2)]
    named = pairs if len(pairs) <= PAIRS else ["all"]
    for step, threshold in enumerate(network["thresholds"]):
        kept = [[int(digit, 36) > step for digit in row] for row in network["kept"]]
        coupling = jaccard_of_pairs(kept)
        if len(pairs) > PAIRS:
            coupling = [sum(coupling) / len(pairs)]
        found = {
            "kernel_retention_rate": (numbers, [sum(bits) / len(bits) for bits in kept]),
            "cohesion": (numbers, network["cohesion"][step]),
            "coupling": (named, coupling),
        }
        for quantity, (classes, values) in found.items():
            for name, value in zip(classes, values, strict=True):
                yield threshold, str(name), "modular", quantity, value


def jaccard_of_pairs(kept: list[list[bool]]) -> list[float]:
    """Return the Jaccard index of each pair of masks: 0 and 1, 0 and 2, ..., 1 and 2, ..."""
    masks = torch.tensor(kept)
    first, second = torch.triu_indices(len(masks), len(masks), offset=1)
    return jaccard(masks, masks)[first, second].tolist()


def small_scores(network: dict[str, Any]) -> Iterator[Score]:
    """Yield method, classes, threshold, accuracy and test images of pairs and triples of classes.

    The standard network has no threshold. There is nothing where the file holds no such sub-tasks.
    """
    small = network.get("small_subtasks", {"correct": {}})
    for method, counts in small["correct"].items():
        threshold = None if method == "standard" else small["threshold"]
        subtasks = zip(small["classes"], counts, small["test_images"], strict=True)
        for classes, right, images in subtasks:
            if images:
                yield method, classes, threshold, right / images, images
