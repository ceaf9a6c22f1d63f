"""``python -m mwt.report.live PROFILE MODEL DATASET FILE``: write a network that a page can run.

The page "See it live" computes in the reader's browser. Its network is the study's modular one,
with matrices rounded to half precision; what torch answers to some test images with these very
weights is written beside it.
"""

import base64
import copy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..data import Dataset, class_names, load, short_name
from ..data.sources import SOURCES
from ..masking.blocks import masked_blocks
from ..study import parameters, stages
from ..study.parameters import Study
from ..study.store import named
from ..study.weights import round_to_half
from ..support.command import run
from ..support.errors import UsageError
from ..support.files import save_json
from ..surgery.extraction import extract
from ..training.predicting import correct, predict
from .steps import steps

PER_CLASS = 4  # test images of each class that the page offers: the first ones
DECIMALS = 5


def rounded_network(study: Study) -> nn.Module:
    """Return a copy of the study's modular network with matrices of half precision."""
    net = copy.deepcopy(stages.network(study.config, "modular", study.device))
    round_to_half(net)
    return net


def alone(modular: nn.Module, modules: Tensor, data: Dataset) -> Tensor:
    """Return what the module of each class alone says of its own class.

    Parameters
    ----------
    modular
        The network that the modules are cut from; they keep their mask generators.
    modules
        Module masks ``(classes, K)``.
    data
        Any images.

    Returns
    -------
    Tensor
        ``(N, classes)``: the logit of each class by the module of this class.
    """
    own = [
        predict(extract(modular, mask, [label], generators=True), data)
        for label, mask in enumerate(modules)
    ]
    return torch.cat(own, dim=1)


def digits(net: nn.Module, dataset: str, test: Dataset) -> dict[str, Any]:
    """Return the first test images of each class in their own size, and the network's logits.

    ``test`` are the images in the size that the network reads.
    """
    offered = load(dataset)[2].first(PER_CLASS)
    return {
        "labels": offered.labels.tolist(),
        "size": offered.shape[1],
        "images": [base64.b64encode(one.numpy().tobytes()).decode() for one in offered.images],
        "logits": rounded(predict(net, test.first(PER_CLASS))),
    }


def rounded(values: Tensor) -> list[list[float]]:
    """Return numbers with as many decimals as a comparison needs."""
    return [[round(value, DECIMALS) for value in row] for row in values.tolist()]


def as_json(study: Study) -> dict[str, Any]:
    """Return all that the page needs: network, module masks, test images, and how it was made."""
    config = study.config
    dataset = short_name(config.dataset)
    if dataset not in SOURCES or len(SOURCES[dataset].mean) != 1:
        raise UsageError(
            f"dataset {config.dataset}: a reader draws in one colour, so give one of "
            f"{', '.join(name for name, source in SOURCES.items() if len(source.mean) == 1)}."
        )
    trained = stages.trained(config, "modular", study.device)
    net = rounded_network(study)
    modules = stages.modularized(config, study.threshold, study.device).modules
    test = load(config.dataset, size=config.image_size, device=study.device)[2]
    logits = predict(net, test)
    return {
        "model": config.model,
        "dataset": dataset,
        "seed": config.seed,
        "classes": list(class_names(config.dataset)),
        "image": {"size": config.image_size, "mean": test.mean[0], "std": test.std[0]},
        "threshold": study.threshold,
        "layers": [[name, block.kernels] for name, block in masked_blocks(net)],
        "modules": ["".join(str(int(bit)) for bit in mask) for mask in modules],
        "accuracy": {
            "test_images": len(test),
            "rounded": correct(logits, test.labels),
            "as_trained": stages.scored(config, "modular", study.device).accuracy,
            "alone": correct(alone(net, modules, test), test.labels),
        },
        "digits": digits(net, config.dataset, test),
        "run": trained.run,
        "made": named(trained.run).record()["made"],
        "steps": steps(net),
    }


def main(profile: str, model: str, dataset: str, file: Path) -> None:
    """Write the network that the page runs."""
    study = parameters.read({"profile": profile, "model": model, "dataset": dataset})
    save_json(file, as_json(study))


if __name__ == "__main__":
    run(main)
