"""What trained networks answer and cost, and how what is derived from them is found."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

from ... import metrics
from ...data import Dataset
from ...support.files import save_tensors
from ...training.predicting import correct, predict
from ..config import METHODS, Config
from ..findings import Cost, Costs, Networks, Scored
from ..store import Run, found_or_made
from .networks import data_of, network, run_of, trained

LATENCY_BATCH = 100


def derived(
    stage: str,
    config: Config,
    device: torch.device,
    make: Callable[[Run], dict[str, Any]],
    method: str = "both",
    **more: Any,
) -> Run:
    """Return the run of what is derived from trained networks, found or made.

    It is found by their weights, not by their settings alone: a network that was trained again, or
    came from elsewhere, is never combined with what was derived from another.

    Parameters
    ----------
    stage
        ``answers``, ``scored``, ``costs``, ``frequencies``, ``test-masks``, ``modularized``,
        ``by-layer``, ``cut``, ``module-costs``, ``finetuned``, ``small-subtasks``,
        ``small-standard``, ``full-width-costs``, ``cnnsplitter`` or ``split-reuse``.
    config, device, make, method, more
        As `found_or_made` takes them.
    """
    methods = METHODS if method == "both" else (method,)
    weights = {m: run_of(config, m, device).result()["weights"] for m in methods}
    return found_or_made(stage, config, device, make, method, weights=weights, **more)


def answers(config: Config, method: str, device: torch.device) -> torch.Tensor:
    """Return a network's logits ``(N, classes)`` of the test images, which it is asked once."""

    def make(run: Run) -> dict[str, Any]:
        logits = predict(network(config, method, device), data_of(config, device)[2])
        save_tensors(run.path / "logits.safetensors", {"logits": logits})
        return {}

    return stored_logits(derived("answers", config, device, make, method), device)


@lru_cache(maxsize=4)
def stored_logits(run: Run, device: torch.device) -> torch.Tensor:
    """Return the logits of a finished run."""
    return load_file(run.path / "logits.safetensors", device=str(device))["logits"]


def scored(config: Config, method: str, device: torch.device) -> Scored:
    """Return a network's accuracy on the test images."""

    def make(_run: Run) -> dict[str, Any]:
        logits, labels = answers(config, method, device), data_of(config, device)[2].labels
        return {"accuracy": correct(logits, labels), "test_images": len(labels)}

    run = derived("scored", config, device, make, method)
    found = run.result()
    return Scored(run.name, accuracy=found["accuracy"], test_images=found["test_images"])


def both_networks(
    config: Config, device: torch.device, tensorboard: Path | str | None = None
) -> Networks:
    """Return the standard and the modular network: trained, scored and measured."""
    both = {method: trained(config, method, device, tensorboard) for method in METHODS}

    def make(_run: Run) -> dict[str, Any]:
        nets = {method: network(config, method, device) for method in METHODS}
        return measure_costs(nets, data_of(config, device)[2])

    run = derived("costs", config, device, make)
    scores = {method: scored(config, method, device) for method in METHODS}
    return Networks(both, scores, costs_of(run))


def measure_costs(nets: dict[str, nn.Module], data: Dataset) -> dict[str, Any]:
    """Return what each network costs: multiply-adds, parameters, milliseconds for 100 images."""
    # The same number of images whatever the data, or latencies would not compare.
    index = torch.arange(LATENCY_BATCH, device=data.labels.device) % len(data)
    images = data.normalized(data.images[index])
    seconds = metrics.latency(list(nets.values()), images)
    return {
        method: {
            "flops": metrics.flops(net, data.shape),
            "parameters": metrics.parameters(net),
            "latency_ms": 1000 * taken,
        }
        for (method, net), taken in zip(nets.items(), seconds, strict=True)
    }


def costs_of(run: Run) -> Costs[Cost]:
    """Return what a run found that measured costs."""
    of = {
        method: Cost(
            flops=found["flops"], parameters=found["parameters"], latency_ms=found["latency_ms"]
        )
        for method, found in run.result().items()
    }
    return Costs(run.name, run.machine(), of)
