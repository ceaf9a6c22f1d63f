"""``python -m mwt.study PROFILE MODEL METHOD [DATASET] [NAME=VALUE ...]``: train one network.

It goes into the store of runs, where the notebooks find it. The names are those of their
parameters, ``lr=0.05``, or of other settings of a profile, ``schedule=cosine``: what is made with
these is found by a profile that says the same.
"""

import ast
from typing import Annotated

import typer

from ..support.command import run
from ..support.errors import UsageError, choose
from . import parameters, stages
from .config import METHODS

WORDS = typer.Argument(metavar="[DATASET] [NAME=VALUE]...", help="such as cifar10 epochs=20")


def main(
    profile: str, model: str, method: str, words: Annotated[list[str] | None, WORDS] = None
) -> None:
    """Train a network, unless the store has it."""
    words = words or []
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
        network = stages.trained(config, method, study.device)
        score = stages.scored(config, method, study.device)
        print(f"{network.run}: test accuracy {score.accuracy:.4f}")


def parsed(text: str) -> object:
    """Return the number, the truth value or the list that a text is in Python, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


if __name__ == "__main__":
    run(main)
