"""What a step of modular training costs, as a ratio to standard training in one run.

    python benchmarks/step.py [NETWORK ...] [--device auto] [--width 0.5] [--compile]

Batches of 128 random images of CIFAR-10's shape, augmented and normalized as in training, in
float32 and in bfloat16. Both networks take turns, so that a busy machine slows both alike. A third
one shows the least that a modular step adds where it is not compiled: it averages and multiplies
the feature maps, with neither mask generators nor losses of masks. With ``--compile``, both
networks are compiled by torch as well: what that takes, and what it saves.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from ratios import Row, clock, ratio, said
from torch import Tensor, nn

import mwt
from mwt.data import Dataset
from mwt.masking.blocks import masked_blocks
from mwt.masking.whole_maps import averages
from mwt.metrics import flops, synchronize
from mwt.support.checks import resolve_device
from mwt.support.memory import kept_memory
from mwt.support.precision import DTYPES
from mwt.training.stepping import Step, make_step

BATCH, TURNS = 128, 5
STEPS = {"cpu": 2, "cuda": 20}  # of a turn
CLASSES = tuple("abcdefghij")
MOST = 1.05  # times a standard step may a modular one take


def random_images(device: torch.device) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    count = BATCH * STEPS[device.type]
    images = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)
    labels = torch.randint(len(CLASSES), (count,), generator=generator)
    return Dataset(images, labels, CLASSES, (0.5,) * 3, (0.25,) * 3, flip=True).to(device)


@dataclass
class Training:
    """One network in training, its steps as `mwt.fit` does them."""

    net: nn.Module
    optimizer: torch.optim.Optimizer
    amp: bool
    compiled: bool = False

    def __post_init__(self) -> None:
        how = {"alpha": 0.5, "beta": 1.5, "amp": self.amp, "compile": self.compiled}
        self.step = make_step(self.net, self.optimizer, **how)

    def seconds(self, data: Dataset) -> float:
        """Train for a few steps; return the seconds of one."""
        device = data.images.device
        synchronize(device)
        start = clock()
        for images, labels in data.shuffled_batches(BATCH):
            self.step(images.contiguous(memory_format=torch.channels_last), labels)
        synchronize(device)
        return (clock() - start) / STEPS[device.type]


def training(name: str, modular: bool, width: float, device: torch.device, **how) -> Training:
    net = mwt.models.MODELS[name](len(CLASSES), 3, width)
    net = (mwt.to_modular(net) if modular else net).to(device).train()
    net.to(memory_format=torch.channels_last)
    return Training(net, torch.optim.SGD(net.parameters(), 0.01, 0.9, fused=True), **how)


class PassesOnly(nn.Module):
    """Stands for a mask generator: the averages of its maps, one of them for each kernel."""

    def __init__(self, kernels: int) -> None:
        super().__init__()
        self.kernels = kernels

    def forward(self, x: Tensor) -> Tensor:
        means = torch.sigmoid(averages(x))  # as small as masks, or maps would grow without end
        return means.repeat(1, -(-self.kernels // means.shape[1]))[:, : self.kernels]


def passes_only(name: str, width: float, device: torch.device, amp: bool) -> Training:
    """Return a modular network in training that reads and multiplies its maps, and no more."""
    one = training(name, modular=True, width=width, device=device, amp=amp)
    for _, block in masked_blocks(one.net):
        block.generator = PassesOnly(block.kernels)
    optimizer = torch.optim.SGD(one.net.parameters(), 0.01, 0.9, fused=True)
    one.step = Step(nn.Identity(), one.net, optimizer, alpha=0, beta=0, amp=amp)  # cross-entropy
    return one


def turns(trainings: list[Training], data: Dataset) -> list[list[float]]:
    """Return the seconds of a step of each training, of each turn; the first turn warms up."""
    with kept_memory(data.images.device):  # as `mwt.fit` does
        times = [[one.seconds(data) for one in trainings] for _ in range(TURNS + 1)][1:]
    return [list(of) for of in zip(*times, strict=True)]


def step_rows(
    device: torch.device,
    names: Sequence[str] = tuple(mwt.models.MODELS),
    width: float = 0.5,
    also: Sequence[str] = (),
) -> Iterator[Row]:
    """Yield what a step of modular training costs, of each network in each precision.

    Those of ``also`` are compiled, too.
    """
    data = random_images(device)
    for name in names:
        for precision in DTYPES:
            how = {"width": width, "device": device, "amp": precision == "bfloat16"}
            pair = [training(name, modular, **how) for modular in (False, True)]
            usual, ours, least = turns([*pair, passes_only(name, **how)], data)
            setting = f"{name}, width {width}, {precision}"
            step = {"what": "modular step", "baseline": "standard step", "most": MOST}
            floor = {"floor": ratio(usual, least)["ratio"]}
            yield step | {"setting": setting} | ratio(usual, ours) | floor
            if name in also:
                yield from compiled_rows(name, setting, how, data, [usual, ours])


def compiled_rows(
    name: str, setting: str, how: Row, data: Dataset, plain: list[list[float]]
) -> Iterator[Row]:
    """Yield what compiling takes, what it saves, and what a modular step then costs."""
    pair = [training(name, modular, **how, compiled=True) for modular in (False, True)]
    once = []
    with tempfile.TemporaryDirectory() as folder:  # what was compiled before is not found there
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = folder
        for one in pair:  # by the clock: compiling runs in processes of its own
            start = time.perf_counter()
            one.seconds(data)
            once.append(time.perf_counter() - start)
    times = turns(pair, data)
    step = {"what": "modular step, compiled", "baseline": "standard step, compiled", "most": MOST}
    yield step | {"setting": setting} | ratio(*times)
    for kind, compiling, usual, ours, one in zip(
        ("standard", "modular"), once, plain, times, pair, strict=True
    ):
        row = ratio(usual, ours)
        saved = row["baseline_s"] - row["seconds"]
        work = flops(one.net, data.shape) * BATCH
        repaid = {"compile_s": compiling, "repaid_at": compiling / saved * work}
        yield {
            "what": f"{kind} step, compiled",
            "baseline": f"{kind} step",
            "setting": setting,
            **row,
            **(repaid if saved > 0 else {"compile_s": compiling}),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(mwt.models.MODELS))
    parser.add_argument("--device", default="auto")
    parser.add_argument("--width", type=float, default=0.5)
    parser.add_argument("--compile", action="store_true")
    asked = parser.parse_args()
    device = resolve_device(asked.device)
    also = asked.names if asked.compile else ()
    for row in step_rows(device, asked.names, asked.width, also):
        print(said(row), flush=True)


if __name__ == "__main__":
    main()
