"""How time and memory grow with images, kernels, classes, pixels, sub-tasks and jobs.

    python benchmarks/growth.py OUT.csv

Each part of a study is measured at several sizes, each in a process of its own: one thread, the
least seconds of some tries, and the most memory beyond that of the imported packages. One size
changes at a time, the others stay as in `BASE`. Images are noise, of which no modules come: those
that are measured and cut out are simulated: each class keeps a twentieth of the kernels at random.
Ten minutes. OUT.csv is written row by row. The book shows it.
"""

import argparse
import multiprocessing
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
from ratios import Row, seconds

import mwt
from mwt.data import Dataset
from mwt.masking.blocks import masked_blocks
from mwt.masking.samples import SampleMasks
from mwt.results import benchmarks

ROOT = Path(__file__).parents[1]
WIDTHS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
BATCH = 128
KEPT = 0.05  # share of the kernels that the simulated module of a class keeps
SHORT = 2.0  # seconds: what takes less is tried again


class Setting(NamedTuple):
    """How large everything is."""

    images: int = 4_000
    width: float = 1 / 4
    classes: int = 10
    side: int = 16
    subtask: int = 10
    seeds: int = 1


BASE = Setting()
LARGE = Setting(images=20_000, classes=100)  # from which sub-tasks are taken
Work = tuple[Callable[[], Any], float]  # what is measured, and the size that the table has


def noise(at: Setting) -> Dataset:
    """Return images of noise, as many of each class."""
    torch.manual_seed(0)
    images = torch.randint(256, (at.images, 3, at.side, at.side), dtype=torch.uint8)
    names = tuple(map(str, range(at.classes)))
    return Dataset(images, torch.arange(at.images) % at.classes, names, (0.5,) * 3, (0.25,) * 3)


def network(at: Setting) -> torch.nn.Module:
    """Return a modular ResNet18 with random weights."""
    torch.manual_seed(0)
    return mwt.to_modular(mwt.models.resnet18(at.classes, 3, at.width))


def kernels_of(at: Setting) -> int:
    """Return how many masked kernels the network has."""
    return sum(block.kernels for _, block in masked_blocks(network(at)))


def simulated(at: Setting) -> SampleMasks:
    """Return masks of images that use their class's kernels, and some others."""
    torch.manual_seed(0)
    kernels = kernels_of(at)
    modules = torch.rand(at.classes, kernels) < KEPT
    labels = torch.arange(at.images) % at.classes
    binary = modules[labels] | (torch.rand(at.images, kernels) < 0.01)
    layers = tuple((name, block.kernels) for name, block in masked_blocks(network(at)))
    return SampleMasks(modules.double(), modules.float(), layers, binary, labels)


def trained(net: torch.nn.Module, data: Dataset) -> None:
    """Train for an epoch."""
    how: dict[str, Any] = {"epochs": 1, "batch_size": BATCH, "lr": 0.01, "label": None}
    mwt.fit(net, data, data.first(1), **how)


def epoch(at: Setting) -> Work:
    """Modular training, an epoch."""
    net, data = network(at), noise(at)
    return lambda: trained(net, data), 0


def masks(at: Setting) -> Work:
    """Finding the masks of all images."""
    net, data = network(at), noise(at)
    return lambda: mwt.sample_masks(net, data), 0


def cohesion(at: Setting) -> Work:
    """Cohesion."""
    samples = simulated(at)
    return lambda: mwt.metrics.cohesion(samples, samples.frequency > 0.5), 0


def coupling(at: Setting) -> Work:
    """Coupling."""
    modules = simulated(at._replace(images=at.classes)).frequency > 0.5
    return lambda: mwt.metrics.coupling(modules), 0


def cutter(at: Setting, **form: bool) -> Callable[[], torch.nn.Module]:
    """Return what cuts the module of a sub-task out of the network."""
    net, samples = network(at), simulated(at._replace(images=at.classes))
    classes = list(range(at.subtask))
    union = mwt.compose(samples.frequency > 0.5, classes)
    return lambda: mwt.extract(net, union, classes=classes, **form)


def cutting(at: Setting) -> Work:
    """Cutting a module out."""
    return cutter(at, generators=True), 0


def answering(at: Setting) -> Work:
    """A module's answers to 100 images."""
    module = cutter(at, generators=True)().eval()
    images = torch.randn(100, 3, at.side, at.side)
    return torch.inference_mode()(lambda: module(images)), 0


def finetuning(at: Setting) -> Work:
    """Fine-tuning a module, an epoch."""
    data = noise(at).subset(list(range(at.subtask)))
    module = cutter(at)()
    return lambda: trained(module, data), 0


def planning(at: Setting) -> Work:
    """Planning the workflow."""
    seeds = ",".join(map(str, range(at.seeds)))
    command = [sys.executable, "-m", "snakemake", "-n", "--forceall", "--config", f"seeds={seeds}"]

    def plan() -> str:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout

    return plan, int(re.findall(r"^total +(\d+)$", plan(), re.MULTILINE)[0])


IMAGES = ("images", (2_000, 4_000, 8_000, 16_000, 32_000))
MASKS = ("images", (4_000, 8_000, 16_000, 32_000, 64_000))
WIDTH = ("width", WIDTHS)
CLASSES = ("classes", (10, 32, 100, 316, 1_000))
PIXELS = ("side", (8, 16, 32, 64))
SUBTASK = ("subtask", (1, 2, 5, 10, 20, 50, 100))
PARTS: list[tuple[Callable[[Setting], Work], Setting, list[tuple[str, tuple]]]] = [
    (epoch, BASE, [IMAGES, WIDTH, CLASSES, PIXELS]),
    (masks, BASE, [IMAGES, WIDTH, CLASSES, PIXELS]),
    (cohesion, BASE, [MASKS, WIDTH, CLASSES]),
    (coupling, BASE, [WIDTH, CLASSES]),
    *[(part, LARGE, [SUBTASK]) for part in (cutting, answering, finetuning)],
    (planning, BASE, [("seeds", (1, 4, 16, 64))]),
]
AXES = {
    "images": "images",
    "width": "kernels",
    "classes": "classes",
    "side": "pixels",
    "subtask": "classes of a sub-task",
    "seeds": "jobs",
}


def measured(part: Callable[[Setting], Work], at: Setting, axis: str) -> Row:
    """Return the least seconds of a part, and its most memory, in a process of its own."""
    torch.set_num_threads(1)
    who = resource.RUSAGE_CHILDREN if part is planning else resource.RUSAGE_SELF
    before = resource.getrusage(who).ru_maxrss
    work, size = part(at)
    if part is planning:  # which waits for another process
        took = [timed_by_children(work) for _ in range(3)]
    else:
        took = [seconds(work)[0]]
        while took[0] < SHORT and len(took) < 5:
            took.append(seconds(work)[0])
    sizes = {"images": at.images, "kernels": kernels_of(at), "classes": at.classes}
    sizes |= {"pixels": at.side**2, "classes of a sub-task": at.subtask, "jobs": size}
    return {
        "part": str(part.__doc__).rstrip("."),
        "axis": AXES[axis],
        "size": sizes[AXES[axis]],
        **{name: sizes[name] for name in ("images", "kernels", "classes", "pixels")},
        "seconds": min(took),
        "memory_mib": (resource.getrusage(who).ru_maxrss - before) / 1024,
    }


def timed_by_children(work: Callable[[], Any]) -> float:
    """Return the seconds that another process computed."""

    def used() -> float:
        found = resource.getrusage(resource.RUSAGE_CHILDREN)
        return found.ru_utime + found.ru_stime

    start = used()
    work()
    return used() - start


def rows() -> Iterator[Row]:
    """Yield each part at each size."""
    alone = {"max_workers": 1, "max_tasks_per_child": 1}
    with ProcessPoolExecutor(**alone, mp_context=multiprocessing.get_context("spawn")) as pool:
        for part, base, axes in PARTS:
            for axis, sizes in axes:
                for size in sizes:
                    at = base._replace(**{axis: size})
                    yield pool.submit(measured, part, at, axis).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    how, found = benchmarks.made(), []
    for row in rows():
        print(row, flush=True)
        found.append(row)
        benchmarks.write(asked.out, pd.DataFrame(found), how)


if __name__ == "__main__":
    main()
