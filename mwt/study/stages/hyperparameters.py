"""What the weights of the two losses change, or any other settings: a network for each."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from ...support.progress import progress
from ..config import Config
from ..findings import Modularized, Scored
from ..parameters import Study
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
        found.append((one, *modular_network(one, threshold, device)))
    return found


def modular_networks(studies: Sequence[Study]) -> list[tuple[Scored, Modularized]]:
    """Return, for each study's first seed, how accurate its network is, and the modules."""
    return [
        modular_network(study.config, study.threshold, study.device)
        for study in progress("networks of the grid", studies)
    ]


def modular_network(
    config: Config, threshold: float, device: torch.device
) -> tuple[Scored, Modularized]:
    """Return how accurate a modular network is, and its modules at a threshold."""
    trained(config, "modular", device, quiet=True)
    return scored(config, "modular", device), modularized(config, threshold, device)
