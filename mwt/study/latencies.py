"""How long networks take, beside each other."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..support.stopwatch import Stopwatch


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
