"""What evaluating a generation of CNNSplitter's search together saves, as a ratio in one run.

    python benchmarks/cnnsplitter.py [POPULATION] [IMAGES]

A generation of SimCNN at a quarter of its width: a population for each of ten classes. Compared
with evaluating its solutions one by one in float32, the kernels that a solution lacks set to zero
or cut out of the weights. Only two solutions of each class are evaluated so, and the time is scaled
up. Together they are evaluated in the type that the search uses on this machine, and in float32.
All take turns, class by class, so that a busy machine slows all of them alike; the spread is that
of the classes.
"""

import copy
import sys
from collections.abc import Iterator

import numpy as np
import torch
from ratios import Row, ratio, said, seconds
from torch import Tensor, nn

import mwt
from mwt.cnnsplitter import Layout, kernel_importance, layout_of, own_logits, settings_for
from mwt.cnnsplitter.population import first_population
from mwt.support.precision import DTYPES

CLASSES = 10
SAMPLE = 2  # solutions of a class that are evaluated one by one


def masked(net: nn.Module, layout: Layout, mask: Tensor, images: Tensor) -> Tensor:
    zeroed = copy.deepcopy(net)
    for name, kept in zip(layout.names, mask.split(layout.kernels), strict=True):
        conv = zeroed.get_submodule(name)
        conv.weight[~kept] = 0
        conv.bias[~kept] = 0
    return zeroed(images)


def removed(net: nn.Module, layout: Layout, mask: Tensor, images: Tensor) -> Tensor:
    small = copy.deepcopy(net)
    before = None
    for name, kept in zip(layout.names, mask.split(layout.kernels), strict=True):
        conv = small.get_submodule(name)
        weight = conv.weight[kept]
        conv.weight = nn.Parameter(weight if before is None else weight[:, before])
        conv.bias = nn.Parameter(conv.bias[kept])
        before = kept
    small.fc_13.weight = nn.Parameter(small.fc_13.weight[:, before])
    return small(images)


@torch.inference_mode()
def search_rows(population: int = 100, count: int = 1000) -> Iterator[Row]:
    """Yield what evaluating a generation's solutions together saves, class by class."""
    torch.manual_seed(0)
    net = mwt.models.simcnn(in_channels=1, width=0.25).eval()
    images = torch.randint(256, (count, 1, 32, 32), dtype=torch.uint8)
    names = tuple("0123456789")
    data = mwt.data.Dataset(images, torch.arange(count) % CLASSES, names, mean=(0.5,), std=(0.3,))
    layout = layout_of(net)
    settings = settings_for("simcnn", "mnist5k", population=population)
    ranks = kernel_importance(net, data)
    inputs = data.normalized(images)
    fast = DTYPES[settings.resolved(inputs.device).precision]
    types = list(dict.fromkeys((fast, torch.float32)))
    alone = {"masked": masked, "removed": removed}
    times: dict[object, list[float]] = {name: [] for name in (*types, *alone)}
    for label in (0, *range(CLASSES)):  # the first warms up
        bits = first_population(layout, settings, np.random.default_rng(label))
        masks = layout.masks(bits, ranks[label])
        owner = torch.full((population,), label)
        for dtype in types:
            times[dtype].append(seconds(own_logits, net, masks, owner, inputs, dtype)[0])
        for name, function in alone.items():
            some = [seconds(function, net, layout, mask, inputs)[0] for mask in masks[:SAMPLE]]
            times[name].append(sum(some) * population / SAMPLE)
    for dtype in types:
        for name in alone:
            yield {
                "what": "evaluating solutions of CNNSplitter's search together",
                "setting": f"{population} solutions, {count:,} images, {str(dtype)[6:]}",
                "baseline": f"one by one, kernels {name}",
                **ratio(times[name][1:], times[dtype][1:]),
            }


if __name__ == "__main__":
    for row in search_rows(*(int(argument) for argument in sys.argv[1:])):
        print(said(row), flush=True)
