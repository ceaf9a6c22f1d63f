"""What the explorer shows, as a table: a value a row."""

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

Row = tuple[float, str, str, float]


def as_csv(path: Path) -> str:
    """Return a network's measures, from the file that the workflow wrote for the explorer."""
    rows = list(measures(json.loads(path.read_text())))
    return pd.DataFrame(rows, columns=["threshold", "classes", "quantity", "value"]).to_csv(
        index=False
    )


def measures(network: dict[str, Any]) -> Iterator[Row]:
    """Yield threshold, classes, quantity and value of all that was measured.

    KRR and cohesion are of the module of a class, coupling is of two modules.
    """
    numbers = range(len(network["classes"]))
    pairs = [f"{a} {b}" for a, b in combinations(numbers, 2)]
    for step, threshold in enumerate(network["thresholds"]):
        kept = [[int(digit, 36) > step for digit in row] for row in network["kept"]]
        found = {
            "kernel_retention_rate": (numbers, [sum(bits) / len(bits) for bits in kept]),
            "cohesion": (numbers, network["cohesion"][step]),
            "coupling": (pairs, network["pairs"][step]),
        }
        for quantity, (classes, values) in found.items():
            for name, value in zip(classes, values, strict=True):
                yield threshold, str(name), quantity, value
