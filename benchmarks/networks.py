"""Which public networks modules can be cut out of: each by name, exact, or refused and why.

    python benchmarks/networks.py OUT.csv [PART OF A NAME ...] [--package NAME=FOLDER:PACKAGE]
                                  [--jobs 1] [--seconds 300]

Convolutional classifiers with batch norm: torchvision's, timm's where that is installed, and those
of a package of code. Each gets random weights and the smallest usual images that it takes; modules
of three random masks, two with their mask generators, are compared with the masked network. Where
rounding may be what differs, they are compared in double precision; where that, too, decides masks
(an untrained network of hundreds of layers may answer otherwise when its maps change in the last
digit), once more with batch norms that have measured images. OUT.csv gets a row for each network;
one that has its row there is skipped, so that a run can be stopped and goes on later. What takes
longer than ``--seconds``, or ends its process (by more memory than there is), gets a row that says
so. In the end it says how many are exact.
"""

import argparse
import copy
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from public_networks import is_convolutional, network_of, of_package, of_timm, of_torchvision
from torch import Tensor, nn
from tqdm import tqdm

import mwt
from mwt.masking.blocks import masked_blocks
from mwt.results import benchmarks
from mwt.surgery.example import example, untouched
from mwt.surgery.trial import Bits, outputs, unlike_at_the_start

EXACT = 1e-4  # of the largest logit
SHARES = (0.3, 0.6, 0.9)  # of the kernels that the random masks keep
LAST_DIGIT = 1e-15  # of a number in double precision: about what a convolution's sum is off by
OTHER = {"result": "another kind"}  # no convolutional network with batch norm


def tried(make: Callable[[], Any]) -> dict[str, Any]:
    """Try one network; say what came out."""
    torch.manual_seed(0)
    found: dict[str, Any] = {}
    empty = network_of(make)
    if empty is None or not is_convolutional(empty):
        return OTHER
    try:
        net = make().eval()
        found["parameters"] = sum(p.numel() for p in net.parameters())
        images = example(net)
        if images is None:
            return found | {"result": "not tried", "why": "runs on no usual size"}
        found["size"] = images.shape[-1]
        return found | tried_on(net, images)
    except mwt.UsageError as error:
        return found | {"result": "refused", "why": str(error)}
    except Exception as error:
        return found | {"result": "failed", "why": f"{type(error).__name__}: {error}"[:300]}


def tried_on(net: nn.Module, images: Tensor) -> dict[str, Any]:
    """Try a network with images that it takes; say what is masked, and how exact modules are."""
    modular = mwt.to_modular(net)
    unlike = unlike_at_the_start(modular)
    blocks = [block for _, block in masked_blocks(unlike)]
    found = {
        "convolutions": sum(isinstance(m, nn.Conv2d) for m in modular.modules()),
        "masked": len(blocks),
        "precision": "single",
    }
    differences = list(compared(unlike, images))
    if max(differences) > EXACT:  # rounding grows in untrained networks whose maps do
        differences = list(compared(unlike.double(), images.double()))
        found["precision"] = "double"
    if max(differences) > EXACT:  # until a mask depends on the last digit of the images
        measure(unlike, images.double())
        differences = list(compared(unlike, images.double()))
        found["precision"] = "double, measured"
    exact = max(differences) <= EXACT
    if not exact:
        own = max(compared(unlike, images.double(), own=True))
        if own > EXACT:
            found["why"] = (
                f"Rounding decides masks: the masked network's own answer changes by {own:.0e} of "
                f"the largest output when its maps change by some {LAST_DIGIT:.0e} of their values"
            )
    return found | {"result": "exact" if exact else "inexact", "difference": max(differences)}


def measure(net: nn.Module, images: Tensor) -> None:
    """Let batch norms measure random images, so that maps are as large as in a trained network."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d | nn.SyncBatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches
    with torch.no_grad():
        net.train()(torch.randn(16, *images.shape[1:], dtype=images.dtype))
    net.eval()


def compared(modular: nn.Module, images: Tensor, own: bool = False) -> Iterator[float]:
    """Yield the difference of each random module from the masked network, of the largest logit.

    Or the masked network's ``own``, when what each convolution computes changes at random in the
    last digit: as it does where the same sum is computed in another order.
    """
    blocks = [block for _, block in masked_blocks(modular)]
    kernels = [block.kernels for block in blocks]
    torch.manual_seed(1)  # the same masks in both precisions
    unions = [torch.rand(sum(kernels)) < share for share in SHARES]
    for union, generators in zip(unions, (True, False, True), strict=True):
        masked = copy.deepcopy(modular, {id(p): p for p in modular.parameters()})
        parts = zip(masked_blocks(masked), union.split(kernels), strict=True)
        for (_, block), bits in parts:
            block.generator = Bits(block.generator, bits, generators)  # type: ignore[assignment]
        other = masked if own else mwt.extract(modular, union, generators=generators)
        with untouched(masked), untouched(other):
            expected = outputs(masked(images))
            convolutions = [m for m in other.modules() if isinstance(m, nn.Conv2d)]
            hooks = [m.register_forward_hook(rounded_otherwise) for m in convolutions if own]
            found = outputs(other(images))
            for hook in hooks:
                hook.remove()
        pairs = zip(expected, found, strict=True)
        yield max(float((a - b).abs().max() / a.abs().max().clamp(min=1e-6)) for a, b in pairs)


def rounded_otherwise(layer: nn.Module, images: object, maps: Tensor) -> Tensor:
    """Return a convolution's maps with noise in the last digit; a hook."""
    return maps * (1 + LAST_DIGIT * torch.randn_like(maps))


def one(make: Callable[[], Any], queue: Any) -> None:
    """Try one network in a process of its own."""
    torch.set_num_threads(1)
    queue.put(tried(make))


def in_time(make: Callable[[], Any], seconds: float) -> dict[str, Any]:
    """Try one network; give up after so many seconds, or when its process ends without a word."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=one, args=(make, queue))
    process.start()
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            found: dict[str, Any] = queue.get(timeout=0.5)
            process.join()
            return found
        except Exception:  # nothing there yet
            if not process.is_alive() and queue.empty():
                return {"result": "not tried", "why": f"its process ended ({process.exitcode})"}
    process.kill()
    process.join()
    return {"result": "not tried", "why": f"takes more than {seconds:.0f} seconds"}


def report(rows: pd.DataFrame) -> None:
    """Say how many networks are exact, of each collection, and what is most often in the way."""
    collections = rows["name"].str.rpartition("/")[0]
    print(pd.crosstab(collections, rows["result"]).to_string())
    if "why" in rows:
        print(rows["why"].dropna().str[:160].value_counts().head(25).to_string())


def main() -> None:
    """Try the networks that have no row yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", help="parts of names; default: all")
    parser.add_argument("--package", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300)
    asked = parser.parse_args()
    known = of_torchvision() | of_timm()
    for package in asked.package:
        known |= of_package(package)
    rows = benchmarks.read(asked.out)[0].to_dict("records") if asked.out.exists() else []
    done = {row["name"] for row in rows}
    wanted = [
        n for n in known if n not in done and (not asked.names or any(p in n for p in asked.names))
    ]
    random.Random(0).shuffle(wanted)  # what a run that is stopped has tried is a fair sample
    how = benchmarks.made()
    with ThreadPoolExecutor(asked.jobs) as pool:
        tries = {pool.submit(in_time, known[name], asked.seconds): name for name in wanted}
        for done_one in tqdm(as_completed(tries), total=len(tries)):
            row = {"name": tries.pop(done_one)} | done_one.result()
            if row["result"] != OTHER["result"]:
                rows.append(row)
                left = Counter(name.rpartition("/")[0] for name in tries.values())
                said = ", ".join(f"{count} of {name}" for name, count in left.items())
                more = {"names left, of any kind": said} if left else {}
                benchmarks.write(asked.out, pd.DataFrame(rows).sort_values("name"), how | more)
    # Once more: the last ones may have been of another kind, which wrote nothing.
    benchmarks.write(asked.out, pd.DataFrame(rows).sort_values("name"), how)
    report(pd.DataFrame(rows))


if __name__ == "__main__":
    main()
