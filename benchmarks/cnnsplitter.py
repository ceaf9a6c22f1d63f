"""What evaluating a generation of CNNSplitter's search together saves, as a ratio in one run.

    python benchmarks/cnnsplitter.py [POPULATION] [IMAGES]

A generation of SimCNN at a quarter of its width: a population for each of ten classes. Compared
with evaluating its solutions one by one in float32, the kernels that a solution lacks set to zero
or cut out of the weights. Only two solutions of each class are evaluated so, and the time is scaled
up. Together they are evaluated in the type that the search uses on this machine, and in float32.
All take turns, class by class, so that a busy machine slows all of them alike.
"""

import copy
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

import mwt
from mwt.cnnsplitter import Layout, kernel_importance, layout_of, own_logits, settings_for
from mwt.cnnsplitter.ensembles import Scoring, cooperate
from mwt.cnnsplitter.population import first_population
from mwt.metrics import jaccard
from mwt.training.precision import DTYPES

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


def seconds(function: Callable, *args) -> tuple[float, Tensor]:
    start = time.perf_counter()
    result = function(*args)
    return time.perf_counter() - start, result


@torch.inference_mode()
def main(population: int, count: int) -> None:
    torch.manual_seed(0)
    net = mwt.models.simcnn(in_channels=1, width=0.25).eval()
    images = torch.randint(256, (count, 1, 32, 32), dtype=torch.uint8)
    labels = torch.arange(count) % CLASSES
    names = tuple("0123456789")
    data = mwt.data.Dataset(images, labels, names, mean=(0.5,), std=(0.3,))
    layout = layout_of(net)
    settings = settings_for(
        "simcnn",
        "mnist5k",
        population=population,
        bounds=(0.0, 0.0, 0.0, 0.0),  # the most work: as many ensembles stay as may
    )
    ranks = kernel_importance(net, data)
    inputs = data.normalized(images)
    fast = DTYPES[settings.resolved(inputs.device).precision]
    types = {fast, torch.float32}
    for dtype in types:  # a warm-up
        own_logits(
            net, torch.ones(2, sum(layout.kernels)).bool(), torch.zeros(2).long(), inputs, dtype
        )
    times: dict[object, float] = dict.fromkeys((*types, "masked", "removed"), 0.0)
    masks, logits, largest = [], [], 0.0
    for label in range(CLASSES):
        bits = first_population(layout, settings, np.random.default_rng(label))
        masks.append(layout.masks(bits, ranks[label]))
        owner = torch.full((population,), label)
        for dtype in types:
            taken, result = seconds(own_logits, net, masks[-1], owner, inputs, dtype)
            times[dtype] += taken
        logits.append(result)
        for mask in masks[-1][:SAMPLE]:
            for name, function in (("masked", masked), ("removed", removed)):
                taken, alone = seconds(function, net, layout, mask, inputs)
                times[name] += taken * population / SAMPLE
        exact = own_logits(net, masks[-1][SAMPLE - 1 : SAMPLE], owner, inputs, torch.float32)[0]
        largest = max(largest, ((exact - alone[:, label]).abs().max() / exact.abs().max()).item())
    every = torch.cat(masks)
    similar = jaccard(every, every).numpy()
    scoring = Scoring(torch.stack(logits).numpy(), labels.numpy(), similar, settings, weight=0.9)
    ensembles, _ = seconds(cooperate, scoring, np.random.default_rng(0))
    print(
        f"{population} solutions x {CLASSES} classes on {count} images, SimCNN at width 0.25, "
        f"{torch.get_num_threads()} threads; float32 off by {largest:.0e} of the largest logit"
    )
    print(f"the search uses {fast} on this machine; {ensembles:.1f} s for all ensembles")
    for dtype in types:
        print(f"together in {dtype}: {times[dtype]:.0f} s")
        for name in ("masked", "removed"):
            ratio = times[name] / times[dtype]
            print(f"  one by one in float32, kernels {name}: {times[name]:.0f} s, {ratio:.1f} x")


if __name__ == "__main__":
    main(*(int(a) for a in (sys.argv[1:] + ["100", "1000"][len(sys.argv) - 1 :])))
