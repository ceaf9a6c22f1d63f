"""What is asked for on the command line, checked value by value."""

import csv
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ...support.checks import resolve_device
from ...support.errors import UsageError, choose
from ...support.validation import Count, NotNegative, Positive, PositiveShare, one_of, validated
from ...training.loop import SCHEDULES

FORMS = ("generators", "folded", "plain")


@validated
class Request:
    """What to make of which network and data; the forms of a module are those of `mwt.extract`.

    Attributes
    ----------
    network, data
        As they were given: a name, or a file and a name in it; a data set, or a folder.
    classes
        A set of class names for each module; none: one module of all classes.
    output
        Folder of all that is written; None: named after network and data, in the current folder.
    image_size, flip
        As `mwt.data.load` takes them.
    weights
        File of trained weights to start from; None: those that the network comes with.
    arguments
        More arguments for the network's class or function, by name.
    epochs, batch_size, lr, schedule, alpha, beta, seed
        As `mwt.fit` takes them.
    device
        Where to train, such as ``"auto"``.
    threshold, form
        Of the modules.
    finetune, finetune_lr
        Epochs in which each module is trained on, and their learning rate.
    onnx
        Whether to write an ONNX file, too.

    Raises
    ------
    UsageError
        On construction, if a value is impossible.
    """

    network: str
    data: str
    classes: tuple[tuple[str, ...], ...] = ()
    output: Path | None = None
    image_size: Annotated[int, Field(ge=4)] | None = None
    flip: bool = False
    weights: Path | None = None
    arguments: tuple[tuple[str, Any], ...] = ()
    epochs: Count = 30
    batch_size: Count = 64
    lr: Positive = 0.2
    schedule: Annotated[str, one_of("schedule", SCHEDULES)] = "one-cycle"
    alpha: NotNegative = 0.5
    beta: NotNegative = 1.5
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    device: str = "auto"
    threshold: PositiveShare = 0.9
    form: Annotated[str, one_of("form", FORMS)] = "generators"
    finetune: Annotated[int, Field(ge=0)] = 0
    finetune_lr: Positive = 0.01
    onnx: bool = True

    def __post_init__(self) -> None:
        resolve_device(self.device)
        if self.finetune and any(len(names) == 1 for names in self.classes):
            raise UsageError(
                "--finetune trains a module to tell its classes apart: give each --classes two or "
                "more."
            )


def class_sets(texts: list[str], known: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the class names of each module.

    Parameters
    ----------
    texts
        Names with commas between them; one that has a comma itself is put in double quotes.
    known
        The classes of the data.

    Raises
    ------
    UsageError
        For a class that does not exist, with the nearest name, or one that is named twice.
    """
    sets = [named_classes(text, known) for text in texts]
    for number, names in enumerate(sets):
        if sorted(names) in [sorted(others) for others in sets[:number]]:
            raise UsageError(f"--classes {','.join(names)} is given twice: name each set once.")
    return tuple(sets)


def named_classes(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the class names in one text, each once."""
    if text in known:
        return (text,)
    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]
    if not any(names):
        raise UsageError(f"--classes {text!r} names no class: choose among {', '.join(known)}.")
    for name in names:
        choose("class", name, known)
        if names.count(name) > 1:
            raise UsageError(f"class {name!r} is given twice in --classes {text}: name it once.")
    return tuple(names)
