"""What the explorer shows: modules and their accuracy over a fine grid of thresholds."""

from collections.abc import Sequence
from typing import Any

import torch

from ...masking.selection import compose, module_masks
from ...support.progress import progress
from ...training.predicting import accuracy
from ..config import Config
from ..findings import Explored
from ..store import Run
from .measuring import derived
from .modularizing import modularized, sampled
from .networks import data_of, network
from .reuse import in_form

SHOWN = ("module-masked", "module-folded")


def explored(
    config: Config,
    thresholds: Sequence[float],
    subtasks: Sequence[Sequence[int]],
    device: torch.device,
) -> Explored:
    """Return the modules of each threshold, and what those of sub-tasks score untrained.

    Nothing is trained but the modular network itself, should the store not have it.
    """
    grid, chosen = list(thresholds), [list(classes) for classes in subtasks]

    def make(_run: Run) -> dict[str, Any]:
        modular = network(config, "modular", device)
        samples = sampled(config, device).train
        parts = [data_of(config, device)[2].subset(classes) for classes in chosen]
        known: dict[tuple[int, bytes], list[float]] = {}  # many thresholds keep the same kernels

        def score(number: int, modules: torch.Tensor) -> list[float]:
            union = compose(modules, chosen[number])
            key = (number, union.cpu().numpy().tobytes())
            if key not in known:
                at = (modular, union, chosen[number], samples)
                known[key] = [accuracy(in_form(form, *at), parts[number]) for form in SHOWN]
            return known[key]

        scores = []
        for threshold in progress("thresholds", grid):
            modules = module_masks(samples, threshold)
            scores.append([score(number, modules) for number in range(len(chosen))])
        by_form = torch.tensor(scores, dtype=torch.float64).permute(2, 0, 1).tolist()
        return dict(zip(SHOWN, by_form, strict=True))

    run = derived("explored", config, device, make, "modular", thresholds=grid, subtasks=chosen)
    modules = [modularized(config, threshold, device) for threshold in grid]
    return Explored(run.name, modules, chosen, run.result())
