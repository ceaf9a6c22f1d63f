"""What the explorer shows: modules and folded accuracy over a fine grid of thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..extraction import extract
from ..findings import Explored
from ..modules import compose, module_masks
from ..progress import progress
from ..runs import Config, Run, found_or_made
from ..training import accuracy
from .modularizing import modularized, sampled
from .networks import data_of, trained


def explored(
    config: Config,
    thresholds: Sequence[float],
    subtasks: Sequence[Sequence[int]],
    device: torch.device,
) -> Explored:
    """Return the modules of each threshold, and what the folded modules of sub-tasks score.

    Nothing is trained but the modular network itself, should the store not have it.
    """
    grid, chosen = list(thresholds), [list(classes) for classes in subtasks]

    def make(_run: Run) -> dict[str, Any]:
        modular = trained(config, "modular", device).model
        samples = sampled(config, device)[0]
        parts = [data_of(config, device)[2].subset(classes) for classes in chosen]
        known: dict[tuple[int, bytes], float] = {}  # many thresholds keep the same kernels

        def score(number: int, modules: torch.Tensor) -> float:
            union = compose(modules, chosen[number])
            key = (number, union.cpu().numpy().tobytes())
            if key not in known:
                folded = extract(modular, union, chosen[number], fold=samples)
                known[key] = accuracy(folded, parts[number])
            return known[key]

        scores = []
        for threshold in progress("thresholds", grid):
            modules = module_masks(samples, threshold)
            scores.append([score(number, modules) for number in range(len(chosen))])
        return {"folded": scores}

    run = found_or_made(
        "explored", config, device, make, "modular", thresholds=grid, subtasks=chosen
    )
    modules = [modularized(config, threshold, device) for threshold in grid]
    return Explored(run.name, modules, chosen, run.result()["folded"])
