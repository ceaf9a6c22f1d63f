"""``python -m mwt PROFILE MODEL METHOD [DATASET] [NAME=VALUE ...]``: train one network.

It goes into the store of runs, where the notebooks find it. The names are those of their
parameters, ``lr=0.05``, or of other settings of a profile, ``schedule=cosine``: what is made with
these is found by a profile that says the same.
"""

import ast
import sys

from . import experiments, parameters
from .errors import UsageError, choose

USAGE = (
    "usage: python -m mwt PROFILE MODEL METHOD [DATASET] [NAME=VALUE ...], such as: "
    "quick resnet18 modular epochs=20"
)


def main(arguments: list[str]) -> int:
    """Train what is asked for, unless the store has it."""
    places = [word for word in arguments if "=" not in word]
    pairs = [word.split("=", 1) for word in arguments if "=" in word]
    if len(places) not in (3, 4):
        print(USAGE, file=sys.stderr)
        return 2
    profile, model, method, *dataset = places
    try:
        for name, _ in pairs:
            choose("parameter", name, parameters.TRAINING)
        given = {name: parsed(value) for name, value in pairs}
        given |= {"profile": profile, "model": model}
        study = parameters.read(given | ({"dataset": dataset[0]} if dataset else {}))
        choose("method", method, experiments.METHODS)
        network = experiments.trained(study.config, method, study.device)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{network.run}: test accuracy {network.accuracy:.4f}, {network.train_seconds:.0f} s")
    return 0


def parsed(text: str) -> object:
    """Return the number, the truth value or the list that a text is in Python, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
