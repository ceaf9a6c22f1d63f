"""Cohesion and coupling: what matrix products save, and what 50,000 masks take.

    python benchmarks/jaccard.py

The comparison is rotating the whole mask matrix: n - 1 elementwise passes, each pairing every mask
with one other. Only some rotations are timed and the time is scaled up.
"""

from collections.abc import Iterator

import torch
from ratios import Row, ratio, said, seconds

from mwt.masking.samples import SampleMasks
from mwt.metrics import cohesion, coupling, mean_jaccard

ROTATIONS, TURNS = 20, 5
LARGE = (50_000, 4_736, 10)  # images, kernels, classes
MOST = 15  # seconds


def rotated(masks: torch.Tensor) -> None:
    for shift in range(1, ROTATIONS + 1):
        other = masks.roll(shift, dims=0)
        both = (masks & other).sum(dim=1)
        either = (masks | other).sum(dim=1)
        (both / either.clamp(min=1)).mean()


def jaccard_rows(count: int = 5_000, kernels: int = 4_160) -> Iterator[Row]:
    """Yield what a matrix product saves, and what the measures of a large data set take."""
    masks = torch.rand(count, kernels) < 0.3
    turns = range(TURNS + 1)
    products = [seconds(mean_jaccard, masks)[0] for _ in turns][1:]
    rotations = [seconds(rotated, masks)[0] / ROTATIONS * (count - 1) for _ in turns][1:]
    yield {
        "what": "mean Jaccard index",
        "setting": f"{count:,} masks of {kernels:,} kernels",
        "baseline": "rotating the masks",
        **ratio(rotations, products),
    }
    count, kernels, classes = LARGE
    samples = SampleMasks(
        frequency=torch.zeros(classes, kernels, dtype=torch.float64),
        mean=torch.zeros(classes, kernels),
        layers=(),
        binary=torch.rand(count, kernels) < 0.3,
        labels=torch.arange(count) % classes,
    )
    modules = torch.rand(classes, kernels) < 0.4
    times = [seconds(cohesion, samples, modules)[0], seconds(coupling, modules)[0]]
    yield {
        "what": "cohesion and coupling",
        "setting": f"{count:,} masks of {kernels:,} kernels, {classes} classes",
        "seconds": sum(times),
        "most": MOST,
    }


if __name__ == "__main__":
    for row in jaccard_rows():
        print(said(row), flush=True)
