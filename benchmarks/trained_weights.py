"""What a modular training from trained weights saves, on the networks of a profile.

    python benchmarks/trained_weights.py OUT.csv [PROFILE] [MODEL ...] [--epochs 8]

The standard networks come from the store of runs, or are trained first. The modular copy of each is
trained on for some epochs, and so is the same network from nothing, with the profile's settings.
OUT.csv says for each epoch, 0 being the start: validation accuracy, and the class modules at
threshold 0.9, found from 50 training images a class. The book shows it; the walk
`notebooks/walks/trained-weights.py` measures the same on a smaller network, and longer.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from torch import nn

import mwt
from mwt.results import benchmarks
from mwt.study import parameters
from mwt.study.parameters import Study
from mwt.study.profiles import load_profile
from mwt.study.stages import networks
from mwt.training.seeding import seeded


def starts(study: Study, epochs: int) -> Iterator[pd.DataFrame]:
    """Train a network of a profile from both starts; yield the rows of each."""
    config, device = study.config, study.device
    train, validation, _ = networks.data_of(config, device)
    some = train.first(50)

    def modularity(modular: nn.Module) -> dict[str, float]:
        modules = mwt.module_masks(mwt.sample_masks(modular, some))
        return {
            "accuracy": mwt.accuracy(modular, validation),
            "kernel_retention_rate": mwt.metrics.kernel_retention_rate(modules),
            "coupling": mwt.metrics.coupling(modules),
        }

    standard = networks.network(config, "standard", device)
    with seeded(config.seed, device):
        trained = mwt.to_modular(standard).to(device)
    nothing = networks.untrained_network(config, "modular", device)
    usual = mwt.accuracy(standard, validation)
    for start, modular in (("nothing", nothing), ("trained weights", trained)):
        before = {"epoch": 0, **modularity(modular)}
        history = mwt.fit(
            modular,
            train,
            validation,
            epochs=epochs,
            lr=config.learning_rate("modular"),
            batch_size=config.batch_size,
            schedule=config.schedule,
            alpha=config.alpha,
            beta=config.beta,
            seed=config.seed,
            amp=config.amp(device),
            channels_last=config.channels_last,
            on_epoch=modularity,
            label=f"{config.model} from {start}",
        )
        found = pd.DataFrame([before, *history])[list(before)]
        yield found.assign(network=config.model, start=start, standard=usual)


def main() -> None:
    """Measure the networks that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("profile", nargs="?", default="quick")
    parser.add_argument("models", nargs="*")
    parser.add_argument("--epochs", type=int, default=8)
    asked = parser.parse_args()
    rows = []
    for model in asked.models or load_profile(asked.profile)["models"]:
        study = parameters.read({"profile": asked.profile, "model": model})
        rows += starts(study, asked.epochs)
        how = benchmarks.made(study.device) | {"profile": asked.profile}
        benchmarks.write(asked.out, pd.concat(rows), how)
    print(pd.concat(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
