"""What a step of modular training costs, as a ratio to standard training in one run.

    python benchmarks/step.py [DEVICE] [WIDTH] [NETWORK ...]

Batches of 128 random images of CIFAR-10's shape, augmented and normalized as in training, in
bfloat16 where the device computes with it. Both networks take turns, so that a busy machine slows
both alike.
"""

import statistics
import sys
import time

import torch
from torch import nn

import mwt
from mwt.data import Dataset
from mwt.metrics import synchronize
from mwt.support.checks import resolve_device
from mwt.training.loop import total_loss
from mwt.training.precision import resolved

BATCH, STEPS, TURNS = 128, 5, 6
CLASSES = tuple("abcdefghij")


def random_images(device: torch.device) -> Dataset:
    generator = torch.Generator().manual_seed(0)
    count = BATCH * STEPS
    images = torch.randint(256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator)
    labels = torch.randint(len(CLASSES), (count,), generator=generator)
    return Dataset(images, labels, CLASSES, (0.5,) * 3, (0.25,) * 3, flip=True).to(device)


def milliseconds(net: nn.Module, optimizer: torch.optim.Optimizer, data: Dataset) -> float:
    """Train for a few steps as `mwt.fit` does; return the milliseconds of one."""
    device = data.images.device
    amp = resolved("auto", device) == "bfloat16"
    synchronize(device)
    start = time.perf_counter()
    for images, labels in data.shuffled_batches(BATCH):
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=amp):
            logits = net(images)
        loss, _ = total_loss(net, logits, labels, alpha=0.5, beta=1.5)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    synchronize(device)
    return 1000 * (time.perf_counter() - start) / STEPS


def main(device: str = "auto", width: str = "0.5", *names: str) -> None:
    where = resolve_device(device)
    data = random_images(where)
    print(f"{where}, width {width}, {resolved('auto', where)}: milliseconds of a step of {BATCH}")
    for name in names or mwt.models.MODELS:
        pairs = []
        for modular in (False, True):
            net = mwt.models.MODELS[name](len(CLASSES), 3, float(width))
            net = (mwt.to_modular(net) if modular else net).to(where).train()
            net.to(memory_format=torch.channels_last)
            pairs.append((net, torch.optim.SGD(net.parameters(), 0.01, 0.9, fused=True)))
        turns = [[milliseconds(*pair, data) for pair in pairs] for _ in range(TURNS)][1:]
        usual, ours = (statistics.median(times) for times in zip(*turns, strict=True))
        print(f"{name:9} standard {usual:7.1f}   modular {ours:7.1f}   ratio {ours / usual:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
