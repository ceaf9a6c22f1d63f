"""``python -m mwt PROFILE MODEL METHOD [DATASET]``: train one network into the store of runs."""

import sys

from . import experiments, parameters
from .errors import UsageError, choose


def main(arguments: list[str]) -> int:
    """Train what is asked for, unless the store has it."""
    if len(arguments) not in (3, 4):
        print(
            "usage: python -m mwt PROFILE MODEL METHOD [DATASET], such as: quick resnet18 modular",
            file=sys.stderr,
        )
        return 2
    profile, model, method, *dataset = arguments
    try:
        given = {"profile": profile, "model": model}
        study = parameters.read(given | ({"dataset": dataset[0]} if dataset else {}))
        choose("method", method, experiments.METHODS)
        network = experiments.trained(study.config, method, study.device)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{network.run}: test accuracy {network.accuracy:.4f}, {network.train_seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
