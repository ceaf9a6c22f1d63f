"""What the pages of questions have in common: networks, and sentences on their numbers."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ...results.measured import Measured, over_seeds
from ...results.measures import Network, runs_by_network
from ...results.names import display_name, display_names
from ...results.seeds import NOT_COMPARABLE
from ...results.tidy import select
from ...study import parameters
from ...study.config import Config
from ...study.parameters import Study

FOR, AGAINST, OPEN, NEUTRAL = "for", "against", "open", "neutral"
GAIN = "A number below 0 is a gain."
Measure = Callable[[Network], Measured]


@dataclass(frozen=True)
class Said:
    """A sentence that follows from the results.

    Attributes
    ----------
    text
        The sentence, with its numbers.
    sign
        Whether it speaks for the paper (`FOR`), against it (`AGAINST`), leaves it `OPEN`, or only
        tells something (`NEUTRAL`).
    """

    text: str
    sign: str = NEUTRAL


@dataclass(frozen=True, eq=False)
class Case:
    """A network on a data set, as a profile has it.

    Attributes
    ----------
    study
        What the profile asks for.
    model, dataset
        The network, and its data.
    trainings
        Its results, once for each seed.
    results
        The rows of all seeds.
    """

    study: Study
    model: str
    dataset: str
    trainings: Sequence[Network]
    results: pd.DataFrame

    @property
    def name(self) -> str:
        """The network's name, as sentences have it."""
        return display_name(self.model)

    @property
    def data(self) -> str:
        """The name of the data set."""
        return display_name(self.dataset)

    @property
    def title(self) -> str:
        """Network and data."""
        return f"{self.name}, {self.data}"

    @cached_property
    def at(self) -> pd.DataFrame:
        """The rows at the operating point, and those that have no threshold."""
        threshold = self.results["threshold"]
        return self.results[threshold.isna() | (threshold == self.study.threshold)]

    def number(self, measure: Measure) -> Measured:
        """Return what a measure gives, as a mean over the seeds."""
        return over_seeds([measure(one) for one in self.trainings])


Numbers = Mapping[Case, Measured]
WITHOUT_BATCH_NORM = ("simcnn", "rescnn")  # as standard networks


def cases(results: pd.DataFrame, study: Study) -> list[Case]:
    """Return the networks of a profile's results."""
    return [
        Case(study, model, dataset, trainings, select(results, model=model, dataset=dataset))
        for (model, dataset), trainings in runs_by_network(results, study).items()
    ]


def measured(some: Iterable[Case], measure: Measure) -> dict[Case, Measured]:
    """Return the number of each network that has one."""
    found = {case: case.number(measure) for case in some}
    return {case: number for case, number in found.items() if not number.missing}


def parted(numbers: Numbers, limit: float, better: str = "less") -> tuple[Numbers, ...]:
    """Part numbers by a limit: those on the better side, those beyond it, those in doubt.

    A number is in doubt if the limit lies within its interval; one without an interval never is.
    """
    parts: tuple[dict[Case, Measured], ...] = ({}, {}, {})
    for case, number in numbers.items():
        low, high = number.interval or (number.value, number.value)
        if low <= limit < high:
            parts[2][case] = number
        else:
            parts[(number.value > limit) == (better == "less")][case] = number
    return parts


def by_limit(
    numbers: Numbers,
    limit: float,
    sentences: tuple[str, str, str],
    better: str = "less",
    style: str = ".1f",
    ours: bool = False,
) -> list[Said]:
    """Say which networks are on the better side of a limit, which beyond, which in doubt.

    Parameters
    ----------
    numbers
        What is compared.
    limit
        With what.
    sentences
        For those three: ``{Count}`` is how many networks they are, ``{list}`` their numbers.
    better
        Whether ``less`` or ``more`` is better.
    style
        How to write a number.
    ours
        Whether it is about something of ours, which speaks neither for the paper nor against it.
    """
    signs = (NEUTRAL,) * 3 if ours else (FOR, AGAINST, OPEN)
    return [
        Said(
            sentence.format(Count=counted(part, numbers), list=listed(part, style)),
            sign,
        )
        for part, sentence, sign in zip(
            parted(numbers, limit, better), sentences, signs, strict=True
        )
        if part
    ]


def listed(numbers: Numbers, style: str = ".1f", interval: bool = True) -> str:
    """Return every network with its number: ``VGG16 3.1 [2.1, 4.1]; SimCNN 0.2 [-0.9, 1.3]``."""
    return "; ".join(
        f"{case.name} {text(number, style, interval)}" for case, number in numbers.items()
    )


def text(number: Measured, style: str = ".1f", interval: bool = True) -> str:
    """Return a number, and in brackets its 95 % interval if it has one."""
    said = f"{number.value:{style}}"
    if interval and number.interval:
        low, high = number.interval
        said += f" [{low:{style}},\N{NO-BREAK SPACE}{high:{style}}]"
    zero = f"{0:{style}}"
    said = re.sub(rf"-{re.escape(zero)}(?![0-9])", zero, said)
    return said.replace("-", "\N{MINUS SIGN}")


def span(numbers: Numbers, style: str = ".2f") -> str:
    """Return the least and the most of several numbers: ``0.35 to 0.38``."""
    values = sorted(number.value for number in numbers.values())
    ends = dict.fromkeys(f"{value:{style}}" for value in (values[0], values[-1]))
    return " to ".join(ends).replace("-", "\N{MINUS SIGN}")


def names(some: Iterable[Case]) -> str:
    """Return the names of networks as a sentence has them: ``VGG16, SimCNN and ResCNN``."""
    return display_names(case.model for case in some)


def counted(part: Numbers, whole: Numbers) -> str:
    """Say how many networks of all: ``All 4 networks``, ``2 of 4 networks``."""
    if len(part) == len(whole):
        return f"All {len(whole)} networks" if len(whole) > 1 else names(whole)
    return f"{len(part)} of {len(whole)} networks"


def number(case: Case, measure: Measure, style: str, interval: bool = False) -> str | float:
    """Return a measure as a table's cell: the number, why it was refused, or not a number."""
    found = case.number(measure)
    if found.refused:
        return NOT_COMPARABLE
    return float("nan") if found.missing else text(found, style, interval)


def settings(case: Case) -> Config:
    """Return a network's own settings; those of a case's study are its first network's."""
    return parameters.read({"profile": case.study.profile, "model": case.model}).config


def without_batch_norm(losses: Numbers) -> list[Said]:
    """Say what else may be behind a gain over a standard network without batch norm."""
    gained = [c for c, n in losses.items() if n.value < 0 and c.model in WITHOUT_BATCH_NORM]
    if not gained:
        return []
    rates = any(settings(c).standard_lr for c in gained)
    more = ", and their learning rates differ" if rates else ""
    return [
        Said(
            f"{names(gained)}: the standard network has no batch norm, the modular one has "
            f"it{more}. So the gain may come from these differences, and not from modular "
            "training.",
            OPEN,
        )
    ]
