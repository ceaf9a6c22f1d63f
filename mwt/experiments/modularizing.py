"""From a trained network to its modules, and how modular they are."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from .. import metrics
from ..files import save_tensors
from ..findings import Modularized
from ..firing import firing_masks
from ..modules import SampleMasks, module_masks, sample_masks
from ..runs import Config, Run, found_or_made
from .networks import data_of, trained


def sampled(
    config: Config, device: torch.device, method: str = "modular"
) -> tuple[SampleMasks, SampleMasks, float]:
    """Return the sample masks of the training and the test data, and the seconds they took.

    Those of a standard network say which of its kernels fire.
    """
    train, _, test = data_of(config, device)
    collect = sample_masks if method == "modular" else firing_masks

    def make(run: Run) -> dict[str, Any]:
        network = trained(config, method, device).model
        began = time.perf_counter()
        samples = collect(network, train)
        metrics.synchronize(device)
        seconds = time.perf_counter() - began
        for part, masks in (("train", samples), ("test", collect(network, test))):
            tensors = {name: getattr(masks, name) for name in ("binary", "frequency", "mean")}
            save_tensors(run.path / f"{part}.safetensors", tensors)
        return {"seconds": seconds, "layers": samples.layers}

    run = found_or_made("masks", config, device, make, method)
    parts = (stored(run, part, device) for part in ("train", "test"))
    samples = [
        SampleMasks(labels=data.labels, layers=layers, **tensors)
        for data, (layers, tensors) in zip((train, test), parts, strict=True)
    ]
    return samples[0], samples[1], run.result()["seconds"]


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
    train, test, seconds = sampled(config, device, method)
    began = time.perf_counter()
    modules = module_masks(train, threshold)
    metrics.synchronize(device)
    seconds += time.perf_counter() - began

    def make(_run: Run) -> dict[str, Any]:
        return {
            "kernel_retention_rate": modules.double().mean(dim=1).tolist(),
            "cohesion": metrics.cohesion_by_class(test, modules),
            "coupling": metrics.coupling(modules),
            "modularize_seconds": seconds,
        }

    run = found_or_made("modularized", config, device, make, method, threshold=threshold)
    return Modularized(run.name, method, threshold, modules, train.layers, **run.result())
