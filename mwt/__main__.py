"""``python -m mwt PROFILE MODEL METHOD [DATASET] [NAME=VALUE ...]``: train one network.

It goes into the store of runs, where the notebooks find it. The names are those of their
parameters, ``lr=0.05``, or of other settings of a profile, ``schedule=cosine``: what is made with
these is found by a profile that says the same.
"""

import ast

from . import experiments, parameters
from .command import run
from .errors import UsageError, choose
from .runs import METHODS

USAGE = (
    "python -m mwt PROFILE MODEL METHOD [DATASET] [NAME=VALUE ...], such as: "
    "python -m mwt quick resnet18 modular epochs=20"
)


def main(profile: str, model: str, method: str, *words: str) -> None:
    """Train what is asked for, unless the store has it."""
    choose("method", method, METHODS)
    pairs = dict(word.split("=", 1) for word in words if "=" in word)
    for name in pairs:
        choose("parameter", name, parameters.TRAINING)
    datasets = [word for word in words if "=" not in word]
    if len(datasets) > 1:
        raise UsageError(f"{' '.join(datasets)}: give one data set, and values as NAME=VALUE.")
    given = {name: parsed(value) for name, value in pairs.items()}
    given |= {"profile": profile, "model": model}
    given |= {"dataset": datasets[0]} if datasets else {}
    study = parameters.read(given)
    for config in study.configs:
        network = experiments.trained(config, method, study.device)
        score = experiments.scored(config, method, study.device)
        print(f"{network.run}: test accuracy {score.accuracy:.4f}")


def parsed(text: str) -> object:
    """Return the number, the truth value or the list that a text is in Python, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


if __name__ == "__main__":
    run(main, USAGE)
