"""What a modular training from trained weights saves, on a network of a profile.

    python benchmarks/trained_weights.py [PROFILE] [MODEL] [EPOCHS]

The standard network comes from the store of runs, or is trained first. Its modular copy is trained
on for a few epochs, and so is the same network from nothing, with the profile's settings. After
each epoch: validation accuracy, and the class modules at threshold 0.9, found from 50 training
images a class. `notebooks/walks/trained-weights.py` measures the same on a smaller network.
"""

import sys

import pandas as pd
from torch import nn

import mwt
from mwt.study import parameters
from mwt.study.stages import networks
from mwt.training.seeding import seeded


def main(profile: str = "quick", model: str = "resnet18", epochs: str = "6") -> None:
    study = parameters.read({"profile": profile, "model": model})
    config, device = study.configs[0], study.device
    train, validation, _ = networks.data_of(config, device)
    some = train.first(50)

    def modularity(modular: nn.Module) -> dict[str, float]:
        modules = mwt.module_masks(mwt.sample_masks(modular, some))
        return {
            "accuracy": mwt.accuracy(modular, validation),
            "KRR": mwt.metrics.kernel_retention_rate(modules),
            "cohesion of modules": mwt.metrics.cohesion(
                mwt.sample_masks(modular, validation), modules
            ),
            "coupling of modules": mwt.metrics.coupling(modules),
        }

    def rows(start: str, modular: nn.Module) -> pd.DataFrame:
        before = {"epoch": 0, **modularity(modular)}
        history = mwt.fit(
            modular,
            train,
            validation,
            epochs=int(epochs),
            lr=config.learning_rate("modular"),
            batch_size=config.batch_size,
            schedule=config.schedule,
            alpha=config.alpha,
            beta=config.beta,
            seed=config.seed,
            amp=config.amp(device),
            channels_last=config.channels_last,
            on_epoch=modularity,
            label=start,
        )
        return pd.DataFrame([before, *history])[list(before)].assign(start=start)

    standard = networks.network(config, "standard", device)
    with seeded(config.seed, device):
        trained = mwt.to_modular(standard).to(device)
    starts = {
        "nothing": networks.untrained_network(config, "modular", device),
        "trained weights": trained,
    }
    found = pd.concat([rows(start, modular) for start, modular in starts.items()])
    print(f"standard network: accuracy {mwt.accuracy(standard, validation):.3f}")
    print(found.set_index(["start", "epoch"]).round(3).to_string())


if __name__ == "__main__":
    main(*sys.argv[1:])
