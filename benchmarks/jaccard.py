"""How much a matrix product saves in `mean_jaccard`, as a ratio in one run.

    python benchmarks/jaccard.py [MASKS] [KERNELS]

The comparison is rotating the whole mask matrix: n - 1 elementwise passes, each pairing every mask
with one other. Only some rotations are timed and the time is scaled up.
"""

import sys
import time

import torch

from mwt.metrics import mean_jaccard

ROTATIONS = 20


def rotated(masks: torch.Tensor) -> None:
    for shift in range(1, ROTATIONS + 1):
        other = masks.roll(shift, dims=0)
        both = (masks & other).sum(dim=1)
        either = (masks | other).sum(dim=1)
        (both / either.clamp(min=1)).mean()


def seconds(function, *args) -> float:
    function(*args)
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


if __name__ == "__main__":
    count, kernels = (int(a) for a in (sys.argv[1:] + ["5000", "4160"][len(sys.argv) - 1 :]))
    masks = torch.rand(count, kernels) < 0.3
    product = seconds(mean_jaccard, masks)
    rotation = seconds(rotated, masks) / ROTATIONS * (count - 1)
    print(f"{count} masks of {kernels} kernels, {torch.get_num_threads()} threads")
    print(f"matrix product {product:.2f} s; rotations {rotation:.0f} s, {rotation / product:.0f} x")
