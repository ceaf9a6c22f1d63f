"""From a trained network to its modules, and how modular they are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from .. import metrics
from ..data import Dataset
from ..files import save_tensors
from ..findings import Modularized, Sampled
from ..firing import firing_masks
from ..modules import SampleMasks, module_masks, sample_masks
from ..runs import Config, Run
from ..stopwatch import Stopwatch
from .measuring import derived
from .networks import data_of, trained


def sampled(config: Config, device: torch.device, method: str = "modular") -> Sampled:
    """Return the sample masks of the training and the test data.

    Those of a standard network say which of its kernels fire.
    """
    train, _, test = data_of(config, device)
    collect = sample_masks if method == "modular" else firing_masks

    def make(run: Run) -> dict[str, Any]:
        network = trained(config, method, device).model
        watch = Stopwatch(device)
        samples = collect(network, train)
        module_masks(samples)  # which takes next to nothing, whatever the threshold
        seconds, wall_seconds = watch.read()
        for part, masks in (("train", samples), ("test", collect(network, test))):
            tensors = {name: getattr(masks, name) for name in ("binary", "frequency", "mean")}
            save_tensors(run.path / f"{part}.safetensors", tensors)
        times = {"seconds": seconds, "wall_seconds": wall_seconds}
        return {**times, "layers": samples.layers}

    run = derived("masks", config, device, make, method)

    def part(name: str, data: Dataset) -> SampleMasks:
        layers, tensors = stored(run, name, device)
        return SampleMasks(labels=data.labels, layers=layers, **tensors)

    seconds = run.result()["seconds"]
    return Sampled(run.name, run.machine(), part("train", train), part("test", test), seconds)


@lru_cache(maxsize=4)
def stored(
    run: Run, part: str, device: torch.device
) -> tuple[tuple[tuple[str, int], ...], dict[str, Tensor]]:
    """Return the layers and the tensors of one part of a finished run of sample masks."""
    layers = tuple((name, kernels) for name, kernels in run.result()["layers"])
    return layers, load_file(run.path / f"{part}.safetensors", device=str(device))


def modularized(
    config: Config, threshold: float, device: torch.device, method: str = "modular"
) -> Modularized:
    """Return the module masks of a threshold and their measures.

    Which kernels a module keeps is decided on the training data; its cohesion is measured on the
    test data. The "modules" of a standard network are what fires for its classes: what modular
    training starts from.
    """
    found = sampled(config, device, method)
    modules = module_masks(found.train, threshold)

    def make(_run: Run) -> dict[str, Any]:
        return {
            "kernel_retention_rate": modules.double().mean(dim=1).tolist(),
            "cohesion": metrics.cohesion_by_class(found.test, modules),
            "coupling": metrics.coupling(modules),
        }

    run = derived("modularized", config, device, make, method, threshold=threshold)
    return Modularized(run.name, method, threshold, modules, found, **run.result())
