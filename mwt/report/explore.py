"""``python -m mwt.report.explore PROFILE MODEL DATASET FILE``: write what the explorer shows.

On a grid of thresholds 0.05 apart module masks are nested, also where a layer lowers its threshold:
what one threshold keeps, all lower ones keep. So one number for each class and kernel is enough:
how many thresholds keep it, from which coupling follows, too. Of pairs and triples of classes there
is how many test images their modules got right, at the profile's threshold.
"""

from pathlib import Path
from typing import Any

import torch

from ..data import class_names, short_name
from ..study import parameters, stages
from ..study.findings import Modularized, SmallSubtasks
from ..study.parameters import Study
from ..study.store import USED, named
from ..study.subtasks import subtask_name
from ..support.command import run
from ..support.files import save_json
from ..support.progress import progress

STEPS = 20
GRID = [round(step / STEPS, 2) for step in range(1, STEPS + 1)]
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"  # JavaScript's parseInt(digit, 36)


def steps_kept(modules: list[torch.Tensor]) -> list[str]:
    """Return, for each class, a digit for each kernel: at how many steps of the grid it is kept.

    Parameters
    ----------
    modules
        Module masks ``(classes, K)`` of ascending thresholds.

    Raises
    ------
    ValueError
        If a kernel is kept at a threshold, but not at a lower one.
    """
    kept = torch.stack(modules)
    if bool((kept[1:] & ~kept[:-1]).any()):
        raise ValueError("module masks of ascending thresholds are not nested")
    return ["".join(DIGITS[step] for step in row) for row in kept.sum(dim=0).tolist()]


def as_json(study: Study, found: list[Modularized], small: SmallSubtasks) -> dict[str, Any]:
    """Return all that the explorer needs to know of a network.

    Its modules at ascending thresholds, and at one of them the accuracy of small sub-tasks.
    """
    config = study.config
    return {
        "model": config.model,
        "dataset": short_name(config.dataset),
        "seed": config.seed,
        "classes": list(class_names(config.dataset)),
        "layers": list(found[0].layers),
        "thresholds": [result.threshold for result in found],
        "kept": steps_kept([result.modules for result in found]),
        "cohesion": [result.cohesion for result in found],
        "small_subtasks": {
            "threshold": small.threshold,
            "classes": [subtask_name(classes) for classes in small.subtasks],
            "test_images": small.test_images,
            "correct": small.correct,
        },
        "made": named(found[0].run).record()["made"],
        "used": list(USED),
    }


def main(profile: str, model: str, dataset: str, file: Path) -> None:
    """Write what the explorer shows of a network."""
    study = parameters.read({"profile": profile, "model": model, "dataset": dataset})
    found = [
        stages.modularized(study.config, threshold, study.device)
        for threshold in progress("thresholds", GRID)
    ]
    small = stages.small_subtasks(study.config, study.threshold, study.device)
    save_json(file, as_json(study, found, small))


if __name__ == "__main__":
    run(main)
