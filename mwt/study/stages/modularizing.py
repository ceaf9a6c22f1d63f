"""From a trained network to its modules, and how modular they are."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ... import metrics
from ...data import Dataset
from ...masking.samples import KernelUse, SampleMasks, sample_masks
from ...masking.selection import module_masks
from ...support.files import save_tensors
from ...support.stopwatch import Stopwatch
from ...surgery.activation import activation_masks
from ..config import Config
from ..findings import Modularized, Sampled
from ..store import Run
from .measuring import derived
from .networks import data_of, network

COLLECT: dict[str, Callable[[nn.Module, Dataset], SampleMasks]] = {
    "modular": sample_masks,
    "standard": activation_masks,
}
TENSORS = "tensors.safetensors"


def sampled(config: Config, device: torch.device, method: str = "modular") -> Sampled:
    """Return how the classes of the training data use the kernels.

    Those of a standard network say which of its kernels fire.
    """

    def make(run: Run) -> dict[str, Any]:
        net, train = network(config, method, device), data_of(config, device)[0]
        watch = Stopwatch(device)
        samples = COLLECT[method](net, train)
        module_masks(samples)  # which takes next to nothing, whatever the threshold
        seconds, wall_seconds = watch.read()
        keep(run, samples, "frequency", "mean")
        times = {"seconds": seconds, "wall_seconds": wall_seconds}
        return {**times, "layers": samples.layers}

    run = derived("frequencies", config, device, make, method)
    use = KernelUse(layers=layers_of(run), **kept(run, device))
    test = partial(cohesion_by_layer, config, device, method)
    return Sampled(run.name, run.machine(), use, run.result()["seconds"], test)


def masks_of_test(config: Config, device: torch.device, method: str = "modular") -> SampleMasks:
    """Return the sample masks of the test data, which cohesion is measured on."""

    def make(run: Run) -> dict[str, Any]:
        samples = COLLECT[method](network(config, method, device), data_of(config, device)[2])
        keep(run, samples, "frequency", "mean", "binary", "labels")
        return {"layers": samples.layers}

    run = derived("test-masks", config, device, make, method)
    return SampleMasks(layers=layers_of(run), **kept(run, device))


def keep(run: Run, samples: SampleMasks, *names: str) -> None:
    """Write some of the tensors of sample masks into a run's folder."""
    save_tensors(run.path / TENSORS, {name: getattr(samples, name) for name in names})


@lru_cache(maxsize=4)
def kept(run: Run, device: torch.device) -> dict[str, Tensor]:
    """Return the tensors of a finished run; a study asks for the same few again and again."""
    return load_file(run.path / TENSORS, device=str(device))


def layers_of(run: Run) -> tuple[tuple[str, int], ...]:
    """Return name and number of kernels of each masked layer."""
    return tuple((name, kernels) for name, kernels in run.result()["layers"])


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
            "kernel_retention_rate": metrics.kernel_retention_by_class(modules),
            "cohesion": metrics.cohesion_by_class(masks_of_test(config, device, method), modules),
            "coupling": metrics.coupling(modules),
        }

    run = derived("modularized", config, device, make, method, threshold=threshold)
    measured = run.result()
    return Modularized(
        run=run.name,
        method=method,
        threshold=threshold,
        modules=modules,
        sampled=found,
        kernel_retention_rate=measured["kernel_retention_rate"],
        cohesion=measured["cohesion"],
        coupling=measured["coupling"],
    )


def cohesion_by_layer(
    config: Config, device: torch.device, method: str, threshold: float
) -> list[float]:
    """Return the cohesion of the modules within each masked layer, measured on the test data."""

    def make(_run: Run) -> dict[str, Any]:
        samples = masks_of_test(config, device, method)
        sizes = [kernels for _, kernels in samples.layers]
        modules = module_masks(sampled(config, device, method).train, threshold)
        parts = zip(samples.binary.split(sizes, 1), modules.split(sizes, 1), strict=True)
        found = [metrics.cohesion(replace(samples, binary=bits), own) for bits, own in parts]
        return {"cohesion": found}

    run = derived("by-layer", config, device, make, method, threshold=threshold)
    return run.result()["cohesion"]
