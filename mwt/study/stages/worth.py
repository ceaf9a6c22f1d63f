"""Whether modules pay: beside small networks of the same size, and at the networks' full width."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor, nn

from ... import metrics
from ...data import Dataset
from ...masking.blocks import masked_blocks
from ...masking.selection import compose, module_masks
from ...shipping import optimized
from ...support.progress import progress
from ...surgery.extraction import extract
from ...training.predicting import accuracy
from ..config import Config
from ..findings import Costs, FullCost, SmallNetwork, Worth
from .measuring import derived
from .modularizing import sampled
from .networks import classes_and_channels, data_of, plain_network, train, untrained_network
from .reuse import reused

SMALL = "small-standard"  # the method of a network that was trained on the sub-task alone
REPEATS = {1: 20, 64: 3}  # by images at a time: measurements of each latency
HALVINGS = 8  # of the range in which the width of a small network is looked for


def worth_study(
    config: Config,
    threshold: float,
    subtasks: Sequence[Sequence[int]],
    device: torch.device,
    small: Sequence[int],
) -> list[Worth]:
    """Return what modules of sub-tasks score and cost, beside small networks trained on them.

    A sub-task of a single class has costs only: with nothing to tell apart, nobody errs.

    Parameters
    ----------
    config, threshold
        The networks, and which kernels the modules keep.
    subtasks
        The classes of each.
    device
        Where to compute.
    small
        Sizes of the sub-tasks for which a small network is trained, too.
    """
    return [
        worth(config, threshold, list(classes), device, len(classes) in small)
        for classes in progress("modules and small networks", subtasks)
    ]


def worth(
    config: Config, threshold: float, classes: list[int], device: torch.device, beside: bool
) -> Worth:
    """Return what the module of a sub-task scores and costs, perhaps beside a small network."""
    alone = len(classes) == 1
    small = small_network(config, threshold, classes, device) if beside and not alone else None
    return Worth(
        threshold=threshold,
        classes=classes,
        reused=None if alone else reused(config, threshold, classes, device, costs=False),
        small=small,
        full=full_width(config, threshold, classes, small, device),
    )


def small_network(
    config: Config, threshold: float, classes: list[int], device: torch.device
) -> SmallNetwork:
    """Return a standard network with the module's multiply-adds, trained on the sub-task alone.

    It is the honest alternative to a module: as costly, made for the sub-task, without any
    modular network. It is trained as the standard network is, on the images of its classes.
    """

    def make(_run: Any) -> dict[str, Any]:
        shape = data_of(config, device)[2].shape
        union = union_of(config, threshold, classes, device)
        module = extract(untrained_network(config, "modular", device), union, classes)
        wanted = metrics.flops(module, shape)
        width = width_of(config, wanted, len(classes), shape)
        net = plain_network(replace(config, width=width), len(classes), shape[0], device)
        history = train(net, config, "standard", device, classes=classes)
        return {
            "width": width,
            "flops": metrics.flops(net, shape),
            "module_flops": wanted,
            "accuracy": accuracy(net, data_of(config, device)[2].subset(classes)),
            "seconds": history[-1]["seconds"],
        }

    run = derived(SMALL, config, device, make, threshold=threshold, classes=classes)
    return SmallNetwork(run.name, run.machine(), **run.result())


def union_of(config: Config, threshold: float, classes: list[int], device: torch.device) -> Tensor:
    """Return the kernels that the module of a sub-task keeps."""
    return compose(module_masks(sampled(config, device).train, threshold), classes)


def width_of(config: Config, wanted: int, classes: int, shape: tuple[int, int, int]) -> float:
    """Return the width at which the standard network comes closest to so many multiply-adds."""

    def flops(width: float) -> int:
        net = plain_network(replace(config, width=width), classes, shape[0], torch.device("cpu"))
        return metrics.flops(net, shape)

    low, high = 0.0, config.width
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if flops(middle) <= wanted else (low, middle)
    return min((low, high), key=lambda width: abs(flops(width) - wanted) if width else wanted)


def full_width(
    config: Config,
    threshold: float,
    classes: list[int],
    small: SmallNetwork | None,
    device: torch.device,
) -> Costs[FullCost]:
    """Return what the standard network, the module and the small one cost at full width.

    Costs depend on which kernels are kept, not on weights. So the masks are those of the trained
    network, of whose width each kernel stands for as many as the full network has for it, and the
    weights are random.
    """
    width = small.width if small else None

    def make(_run: Any) -> dict[str, Any]:
        union = union_of(config, threshold, classes, device)
        nets = at_full_width(config, union, classes, width, device)
        return measured(nets, data_of(config, device)[2])

    more = {"threshold": threshold, "classes": classes, "small_width": width}
    run = derived("full-width-costs", config, device, make, "modular", **more)
    of = {method: FullCost(**cost) for method, cost in run.result().items()}
    return Costs(run.name, run.machine(), of)


def at_full_width(
    config: Config,
    union: Tensor,
    classes: list[int],
    small_width: float | None,
    device: torch.device,
) -> dict[str, nn.Module]:
    """Return untrained networks of full width by method, the modules with the same masks."""
    full = replace(config, width=1.0)
    modular = untrained_network(full, "modular", device)
    counts = [kernels for _, kernels in sampled(config, device).train.layers]
    blocks = [block for _, block in masked_blocks(modular)]
    wide = torch.cat(
        [
            stretched(bits, block.kernels)
            for bits, block in zip(union.split(counts), blocks, strict=True)
        ]
    )
    nets: dict[str, nn.Module] = {
        "standard": untrained_network(full, "standard", device),
        "module-masked": extract(modular, wide, classes, generators=True),
        "module-plain": extract(modular, wide, classes),
    }
    if small_width:
        like = replace(config, width=small_width / config.width)
        channels = classes_and_channels(config, device)[1]
        nets[SMALL] = plain_network(like, len(classes), channels, device)
    return nets


def stretched(bits: Tensor, count: int) -> Tensor:
    """Return a mask of ``count`` kernels of which each given one stands for its share."""
    return bits[torch.arange(count, device=bits.device) * len(bits) // count]


def measured(nets: dict[str, nn.Module], data: Dataset) -> dict[str, dict[str, Any]]:
    """Return the costs of networks; times are those of what `mwt.shipping.optimized` makes."""
    fast = [optimized(net) for net in nets.values()]
    times = []
    for batch, repeats in REPEATS.items():
        images = data.normalized(data.images[torch.arange(batch) % len(data)])
        times.append(metrics.latency(fast, images, repeats))
    return {
        method: asdict(
            FullCost(
                flops=metrics.flops(net, data.shape),
                parameters=metrics.parameters(net),
                bytes=sum(tensor.nbytes for tensor in net.state_dict().values()),
                latency_1_ms=1000 * one,
                latency_64_ms=1000 * many,
            )
        )
        for (method, net), one, many in zip(nets.items(), *times, strict=True)
    }
