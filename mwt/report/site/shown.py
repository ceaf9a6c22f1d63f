"""What a book holds of a profile: its results, and how they came about."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from ...data import short_name
from ...results.claims import Finding, judged
from ...results.executed import pages
from ...results.names import display_name
from ...results.seeds import count_in_words, one_run, several
from ...results.tidy import read_results
from ...study import parameters
from ...study.parameters import Study
from .execution import Execution, execution

GRID = "hyperparameters"  # whose networks are not the study's
WIDTHS = {1.0: "full width", 0.5: "half width"}
NetworkKey = tuple[str, str]  # model and data set


@dataclass(frozen=True)
class Shown:
    """A profile of a book.

    Attributes
    ----------
    folder
        Of its results.
    results
        Its rows.
    study
        What the profile asks for, of the first of its networks that has results.
    """

    folder: Path
    results: pd.DataFrame
    study: Study

    @property
    def name(self) -> str:
        """The profile's name."""
        return self.folder.name

    @property
    def first(self) -> NetworkKey:
        """The network whose numbers stand for the profile where there is room for one."""
        return self.study.config.model, short_name(self.study.config.dataset)

    @cached_property
    def networks(self) -> dict[NetworkKey, list[Execution]]:
        """The executed notebooks of each network."""
        found = pages(self.folder).items()
        return {network: [execution(path) for path in paths] for network, paths in found}

    @cached_property
    def findings(self) -> list[Finding]:
        """What the results say of each claim of the paper."""
        return judged(self.results, self.study)

    @property
    def data(self) -> str:
        """The data sets in words: ``CIFAR-10 and SVHN``."""
        return " and ".join(display_name(name) for name in self.results["dataset"].unique())

    @property
    def settings(self) -> str:
        """How wide the networks are, and how long they were trained: ``half width, 20 epochs``."""
        return executions_in_words(made for some in self.networks.values() for made in some)

    @property
    def title(self) -> str:
        """Data, settings and name, which no other profile of the book has."""
        return f"{self.data}, {self.settings} ({self.name})"

    @property
    def seeds(self) -> str:
        """Of how many seeds the numbers are."""
        return count_in_words(self.results) if several(self.results) else one_run(self.results)

    def settings_of(self, network: NetworkKey) -> str:
        """Return the settings of one network."""
        return executions_in_words(self.networks.get(network, []))


def read_profile(folder: Path) -> Shown:
    """Read what a book holds of a profile; once, since many pages show it."""
    changed = max(path.stat().st_mtime_ns for path in folder.glob("*.*"))
    return _read_profile(folder, changed)


@lru_cache(maxsize=8)
def _read_profile(folder: Path, _changed: int) -> Shown:
    results = read_results(folder / "results.csv")
    study = parameters.read({"profile": folder.name})
    there = list(pages(folder))
    if there and (study.config.model, short_name(study.config.dataset)) not in there:
        model, dataset = there[0]
        study = parameters.read({"profile": folder.name, "model": model, "dataset": dataset})
    return Shown(folder, results, study)


def executions_in_words(notebooks: Iterable[Execution]) -> str:
    """Say with which width and how many epochs notebooks were run, as their records have it."""
    given = [made.record["parameters"] for made in notebooks if made.source != GRID]
    widths = sorted({one["width"] for one in given})
    epochs = sorted({one["epochs"] for one in given})
    texts = [WIDTHS.get(width, f"width {width:g}") for width in widths]
    if epochs:
        span = " to ".join(str(count) for count in sorted({epochs[0], epochs[-1]}))
        texts.append(f"{span} epoch{'' if span == '1' else 's'}")
    return ", ".join(texts)
