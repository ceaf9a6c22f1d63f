"""What modules save: kernels, multiply-adds, parameters, bytes, and milliseconds."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from .. import metrics
from ..masking.blocks import masked_blocks
from ..shipping import Card, optimized, save
from ..support.errors import UsageError
from ..support.stopwatch import Stopwatch

BATCHES = (1, 64)


@dataclass(frozen=True)
class Worth:
    """What a network takes.

    Attributes
    ----------
    kernels
        Of all convolutions.
    flops
        Multiply-adds of one image (`mwt.metrics.flops`).
    parameters
        Trainable ones.
    bytes
        Of the two files of `mwt.shipping.save`.
    latency_ms, optimized_ms
        By number of images, the milliseconds of a forward pass: of the network as it is, and of
        `mwt.shipping.optimized`.
    """

    kernels: int
    flops: int
    parameters: int
    bytes: int
    latency_ms: dict[int, float]
    optimized_ms: dict[int, float]


def worth(
    nets: Mapping[str, nn.Module], cards: Mapping[str, Card], repeats: int = 8
) -> dict[str, Worth]:
    """Return what networks take, their latencies measured in turn.

    Parameters
    ----------
    nets
        By name, such as the standard model and modules cut from it; on one device.
    cards
        By the same names; of images of one shape.
    repeats
        Measurements of each latency, at least 1.

    Returns
    -------
    dict of str to Worth
        By name.
    """
    shape = next(iter(cards.values())).input_shape
    device = next(next(iter(nets.values())).parameters()).device
    both = [*nets.values(), *(optimized(net) for net in nets.values())]
    times = {}
    for batch in BATCHES:
        images = torch.randn(batch, *shape, generator=torch.Generator().manual_seed(0)).to(device)
        taken = [1000 * seconds for seconds in least_seconds(both, images, repeats)]
        pairs = zip(taken[: len(nets)], taken[len(nets) :], strict=True)
        times[batch] = dict(zip(nets, pairs, strict=True))
    return {
        name: Worth(
            kernels=sum(m.out_channels for m in net.modules() if isinstance(m, nn.Conv2d)),
            flops=metrics.flops(net, shape),
            parameters=metrics.parameters(net),
            bytes=bytes_of(net, cards[name]),
            latency_ms={batch: of[name][0] for batch, of in times.items()},
            optimized_ms={batch: of[name][1] for batch, of in times.items()},
        )
        for name, net in nets.items()
    }


@torch.inference_mode()
def least_seconds(nets: Sequence[nn.Module], images: Tensor, repeats: int) -> list[float]:
    """Return the least seconds that a forward pass of each network took; they take turns.

    With one thread of a CPU these are seconds of the process, which other programs do not lengthen;
    on CUDA those of the device; with several threads of a CPU by the clock on the wall.

    Parameters
    ----------
    nets
        In evaluation mode.
    images
        ``(N, C, H, W)``, on the networks' device.
    repeats
        Rounds that count, after one that does not.
    """
    busy = images.device.type == "cuda" or torch.get_num_threads() == 1
    least = [float("inf")] * len(nets)
    for turn in range(repeats + 1):
        for number, net in enumerate(nets):
            watch = Stopwatch(images.device)
            net(images)
            taken = watch.read()[0 if busy else 1]
            if turn > 0:
                least[number] = min(least[number], taken)
    return least


def bytes_of(net: nn.Module, card: Card) -> int:
    """Return the size of the files that a network is shipped as."""
    with tempfile.TemporaryDirectory() as folder:
        save(net, folder, card)
        return sum(file.stat().st_size for file in Path(folder).iterdir())


def kept_shares(explorer: Path, threshold: float, classes: Sequence[int]) -> dict[str, float]:
    """Return which share of each layer's kernels a sub-task's module keeps in published results.

    Parameters
    ----------
    explorer
        A file ``explorer-MODEL-DATASET.json`` of published results.
    threshold
        One of those in it.
    classes
        The sub-task.

    Returns
    -------
    dict of str to float
        By layer, in (0, 1].
    """
    content = json.loads(explorer.read_text())
    if threshold not in content["thresholds"]:
        raise UsageError(f"{explorer} has no threshold {threshold}: {content['thresholds']}.")
    step = content["thresholds"].index(threshold)
    steps = torch.tensor([[int(digit, 36) for digit in row] for row in content["kept"]])
    union = (steps[list(classes)] > step).any(dim=0)
    names, counts = zip(*content["layers"], strict=True)
    parts = union.double().split(list(counts))
    return {name: part.mean().item() for name, part in zip(names, parts, strict=True)}


def random_union(modular: nn.Module, shares: Mapping[str, float], seed: int) -> Tensor:
    """Return a module mask with given shares of each layer's kernels, drawn at random.

    With larger shares and the same seed the kernels of smaller ones are among those that are kept.

    Parameters
    ----------
    modular
        A modular network of any width.
    shares
        By layer, in [0, 1]; at least one kernel is kept.
    seed
        Of the draw.

    Returns
    -------
    Tensor
        ``(K,)`` bool.
    """
    generator = torch.Generator().manual_seed(seed)
    bits = []
    for name, block in masked_blocks(modular):
        ranks = torch.randperm(block.kernels, generator=generator)
        bits.append(ranks < max(1, round(shares[name] * block.kernels)))
    return torch.cat(bits)
