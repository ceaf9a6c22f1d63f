"""What the weights of the two losses change."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from ...support.progress import progress
from ..config import Config
from ..findings import Modularized, Scored
from .measuring import scored
from .modularizing import modularized
from .networks import trained


def hyperparameter_grid(
    config: Config,
    alphas: Sequence[float],
    betas: Sequence[float],
    threshold: float,
    device: torch.device,
) -> list[tuple[Config, Scored, Modularized]]:
    """Return, for each pair of alpha and beta, the modular network and its modules."""
    pairs = [(alpha, beta) for alpha in alphas for beta in betas]
    found = []
    for alpha, beta in progress("pairs of alpha and beta", pairs):
        one = replace(config, alpha=alpha, beta=beta)
        trained(one, "modular", device, quiet=True)
        score = scored(one, "modular", device)
        found.append((one, score, modularized(one, threshold, device)))
    return found
