"""What a device takes for training on CIFAR-10: a step, and 200 epochs of it.

    python benchmarks/device.py OUT.csv [NETWORK ...] [--device auto] [--width 1] [--compile]

Random images of CIFAR-10's shape in batches of 128, as `mwt.fit` trains on them, in float32 and in
bfloat16; with ``--compile``, compiled by torch as well. The share of the peak is that of the speed
at which the same device multiplies two large matrices in the same precision. 200 epochs are those
of the 45,000 images that are left for training, counted up from a step.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import torch
from ratios import Row, seconds
from step import BATCH, TURNS, random_images, training
from tqdm import tqdm

from mwt.metrics import flops, synchronize
from mwt.results import benchmarks
from mwt.support.checks import resolve_device
from mwt.support.memory import kept_memory
from mwt.support.precision import DTYPES

IMAGES, EPOCHS = 45_000, 200
SIDE = {"cpu": 2048, "cuda": 8192}  # of the matrices
PASSES = 3  # a training step computes the forward pass about three times


def peak(device: torch.device, dtype: torch.dtype) -> float:
    """Return the multiply-adds a second of a large product of matrices."""
    side = SIDE[device.type]
    a, b = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))

    def product() -> None:
        a @ b
        synchronize(device)

    return side**3 / min(seconds(product)[0] for _ in range(5))


def of_training(name: str, device: torch.device, width: float, how: Row, fastest: float) -> Row:
    """Return what a training takes that is the first to use the device's memory."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    data = random_images(device)
    one = training(name, width=width, device=device, **how)
    start = time.perf_counter()  # by the clock: compiling runs in processes of its own
    one.seconds(data)
    first = time.perf_counter() - start
    with kept_memory(device):  # as `mwt.fit` does
        step = statistics.median(one.seconds(data) for _ in range(TURNS))
    work = PASSES * flops(one.net, data.shape) * BATCH / step
    memory = torch.cuda.max_memory_allocated(device) / 2**20 if device.type == "cuda" else None
    return {
        "step_ms": 1000 * step,
        "images_a_second": BATCH / step,
        "share_of_peak": work / fastest,
        "memory_mib": memory,
        "first_s": first,
        "epochs_200_min": EPOCHS * (IMAGES // BATCH) * step / 60,
    }


def device_rows(
    names: list[str], device: torch.device, width: float, compiled: bool
) -> Iterator[Row]:
    """Yield what a step takes: of each network, standard and modular, in each precision."""
    for precision, dtype in DTYPES.items():
        fastest = peak(device, dtype)
        ways = itertools.product(names, (False, True), (False, True) if compiled else (False,))
        for name, modular, fused in ways:
            how = {"modular": modular, "amp": precision == "bfloat16", "compiled": fused}
            row = {"network": name, "method": "modular" if modular else "standard"}
            row |= {"precision": precision, "compiled": fused, "width": width}
            yield row | of_training(name, device, width, how, fastest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", default=["resnet18"])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--compile", action="store_true")
    asked = parser.parse_args()
    device = resolve_device(asked.device)
    how = benchmarks.made(device)
    rows = []
    for row in tqdm(device_rows(asked.names, device, asked.width, asked.compile)):
        rows.append(row)
        benchmarks.write(asked.out, pd.DataFrame(rows), how)
    print(pd.DataFrame(rows).to_string(index=False, float_format="{:.3g}".format))


if __name__ == "__main__":
    main()
