"""Whether modules are as much faster as they are smaller, as ratios in one run.

    python benchmarks/latency.py OUT.csv [NETWORK ...] [--threads 1] [--device cpu] [--profile]

Networks of full width for images of 32 x 32, with random weights; modules of 1, 3 and 5 classes
that keep as large a share of each layer as the published modules of CIFAR-10 do. A module's latency
should be at most 1.15 times its share of the multiply-adds, where that is above 0.2. OUT.csv gets
the least milliseconds of interleaved passes, of the model and its modules, as they are and
optimized; with one thread of a CPU, of the process. There, it also says how many calls the
optimized module makes, and how long its convolutions take. The book shows the table.

``--profile`` shows the calls of the optimized module of one class, and what they take beside those
of the optimized model with the same names.
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import torch
from torch import fx

import mwt
from mwt.metrics import flops, latency
from mwt.results import benchmarks
from mwt.shipping import optimized

NETWORKS, CLASSES, BATCHES = ("resnet18", "vgg16"), (1, 3, 5), {1: 20, 64: 4}
SHAPE, THRESHOLD = (3, 32, 32), 0.9
PUBLISHED = Path(__file__).parents[1] / "book" / "results" / "cifar10"


def kept_shares(explorer: Path, classes) -> dict[str, float]:
    """Which share of each layer's kernels the module of some classes keeps, as published."""
    content = json.loads(explorer.read_text())
    step = content["thresholds"].index(THRESHOLD)
    steps = torch.tensor([[int(digit, 36) for digit in row] for row in content["kept"]])
    union = (steps[list(classes)] > step).any(dim=0)
    names, counts = zip(*content["layers"], strict=True)
    parts = union.double().split(list(counts))
    return {name: part.mean().item() for name, part in zip(names, parts, strict=True)}


def random_union(modular, shares: dict[str, float]):
    """A mask with these shares of each layer's kernels; smaller modules lie within larger ones."""
    generator = torch.Generator().manual_seed(0)
    bits = []
    for name, block in mwt.masked_blocks(modular):
        ranks = torch.randperm(block.kernels, generator=generator)
        bits.append(ranks < max(1, round(shares[name] * block.kernels)))
    return torch.cat(bits)


def networks(name: str, device: str):
    """The model, and its modules by number of classes and form."""
    torch.manual_seed(0)
    net = getattr(mwt.models, name)().to(device).eval()
    modular = mwt.to_modular(net).eval()
    modules = {}
    for classes in CLASSES:
        file = PUBLISHED / f"explorer-{name}-cifar10.json"
        union = random_union(modular, kept_shares(file, range(classes)))
        for form in (False, True):
            module = mwt.extract(modular, union, list(range(classes)), generators=form)
            modules[classes, "generators" if form else "plain"] = module
    return net, modules


def measured(name: str, net, modules, device: str) -> Iterator[dict]:
    """Yield a row for each module and size of batch."""
    whole = flops(net, SHAPE)
    both = [net, *modules.values()]
    nets = [*both, *map(optimized, both)]
    for batch, repeats in BATCHES.items():
        images = torch.randn(batch, *SHAPE, device=device)
        times = [1000 * seconds for seconds in latency(nets, images, repeats)]
        usual, fast = times[: len(both)], times[len(both) :]
        for place, ((classes, form), module) in enumerate(modules.items(), 1):
            row = {"network": name, "batch": batch, "classes": classes, "form": form}
            row |= {"share": flops(module, SHAPE) / whole}
            row |= {"model_ms": usual[0], "optimized_model_ms": fast[0]}
            row |= {"module_ms": usual[place], "optimized_module_ms": fast[place]}
            if device == "cpu":
                row |= in_convolutions(nets[len(both) + place], images, repeats)
            yield row


class Timed(fx.Interpreter):
    """Runs a network call by call and keeps the least seconds of each."""

    def __init__(self, net):
        super().__init__(net)
        self.least = {}

    def run_node(self, node):
        start = time.process_time()
        result = super().run_node(node)
        taken = time.process_time() - start
        self.least[node.name] = min(taken, self.least.get(node.name, taken))
        return result


@torch.inference_mode()
def in_convolutions(net, images, repeats: int) -> dict:
    """How many calls an optimized network makes, and how long its convolutions take."""
    timed = Timed(net)
    for _ in range(repeats):
        timed.run(images)
    convolutions = [
        node.name
        for node in net.graph.nodes
        if node.op == "call_module" and isinstance(net.get_submodule(node.target), torch.nn.Conv2d)
    ]
    taken = sum(timed.least[name] for name in convolutions)
    return {"calls": len(timed.least), "convolutions_ms": 1000 * taken}


def kernels(net, node) -> str:
    conv = net.get_submodule(node.target) if node.op == "call_module" else None
    return f"{conv.in_channels}-{conv.out_channels}" if isinstance(conv, torch.nn.Conv2d) else ""


@torch.inference_mode()
def profile(name: str, net, module) -> None:
    """Calls of one thread on the CPU: how long each takes in the model and in the module."""
    pair = [optimized(net), optimized(module)]
    for batch, repeats in BATCHES.items():
        images = torch.randn(batch, *SHAPE)
        runs = [Timed(each) for each in pair]
        for _ in range(repeats):
            for run in runs:
                run.run(images)
        whole, part = (run.least for run in runs)
        shapes = [{n.name: kernels(each, n) for n in each.graph.nodes} for each in pair]
        print(f"\n{name}, module of one class, batch {batch}; microseconds of each call")
        print("call                      model           module          time  multiply-adds")
        for call in part:
            known = call in whole
            sizes = [shape.get(call, "") for shape in shapes]
            share = ""
            if all(sizes):
                (a, b), (c, d) = (map(int, size.split("-")) for size in sizes)
                share = f"{c * d / (a * b):.2f}"
            times = (whole.get(call, 0), part[call])
            took = [f"{1e6 * t:.0f} {s}" for t, s in zip(times, sizes, strict=True)]
            ratio = f"{part[call] / whole[call]:.2f}" if known else ""
            if part[call] > 0.003 * sum(part.values()):
                print(f"{call:25} {took[0]:15} {took[1]:15} {ratio:>4}  {share:>13}")
        print(f"{'all':25} {1e6 * sum(whole.values()):<15.0f} {1e6 * sum(part.values()):<15.0f}")


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("out", type=Path)
    options.add_argument("networks", nargs="*", default=NETWORKS)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--device", default="cpu")
    options.add_argument("--profile", action="store_true")
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    rows = []
    for name in given.networks:
        net, modules = networks(name, given.device)
        rows += measured(name, net, modules, given.device)
        if given.profile:
            profile(name, net, modules[1, "plain"])
    table = pd.DataFrame(rows)
    benchmarks.write(given.out, table, benchmarks.made(given.device))
    print(table.to_string(index=False))
