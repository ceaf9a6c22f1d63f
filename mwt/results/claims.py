"""The paper's claims, and what a run says of each: computed from its results, never typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas as pd

from ..data import short_name
from ..study.parameters import Study
from ..study.profiles import load_profile
from ..support.files import read_yaml
from .measured import Measured, over_seeds, sample, these
from .measures import MEASURES, Network, runs_by_network
from .names import display_name, display_names
from .rules import NOT_RUN, VERDICTS, Claim, at_ends, close_to_limit, verdict

Numbers = Mapping[tuple[str, str], Measured]  # by model and data set


@dataclass(frozen=True)
class Judgement:
    """What the results on one data set say of a claim.

    Attributes
    ----------
    dataset
        The data set.
    models
        The networks that decide.
    judged
        Their number; None if there is none.
    overall
        The number of all networks on this data set; None if nothing was measured.
    verdict
        One of `VERDICTS`.
    lacks
        Why it was not run; else empty.
    """

    dataset: str
    models: tuple[str, ...]
    judged: Measured | None
    overall: Measured | None
    verdict: str
    lacks: str = ""

    @property
    def name(self) -> str:
        """The networks and the data set that decide."""
        return f"{display_names(self.models)} on {display_name(self.dataset)}"


@dataclass(frozen=True)
class Finding:
    """What a run says of a claim.

    Attributes
    ----------
    claim
        The claim.
    networks
        Its number for each network that was measured, by model and data set.
    beside
        For each of these networks the other measures, by what they are of.
    judgements
        What each data set says that the claim is judged on.
    reduced
        Whether it compares with a search of CNNSplitter's that was not the published one.
    """

    claim: Claim
    networks: Numbers
    beside: dict[tuple[str, str], dict[str, Measured]]
    judgements: tuple[Judgement, ...]
    reduced: bool = False

    @property
    def decides(self) -> Judgement:
        """The least favourable judgement of those that could be reached."""
        reached = [one for one in self.judgements if one.verdict != NOT_RUN]
        return max(reached or self.judgements[:1], key=lambda one: VERDICTS.index(one.verdict))

    @property
    def judged(self) -> Measured | None:
        """The number that decides; None if the claim was not run."""
        return self.decides.judged

    @property
    def overall(self) -> Measured | None:
        """The number of all networks on the data set that decides."""
        return self.decides.overall

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        return self.decides.verdict

    @property
    def close(self) -> bool:
        """Whether its number has no interval and is close to a limit of the rule."""
        return self.judged is not None and close_to_limit(self.claim, self.judged)

    @property
    def doubtful(self) -> bool:
        """Whether another verdict is within reach."""
        return bool(self.doubts) or self.close

    @property
    def doubts(self) -> list[str]:
        """The verdicts at both ends of the interval, where they are not the same."""
        return at_ends(self.claim, self.judged) if self.judged else []


@cache
def claims() -> tuple[Claim, ...]:
    """Return the claims in the order of the file."""
    entries = read_yaml(Path(__file__).with_name("claims.yaml"))
    return tuple(Claim(**entry) for entry in entries)


def judged(results: pd.DataFrame, study: Study) -> list[Finding]:
    """Return what the results of a profile say of every claim.

    Parameters
    ----------
    results
        Rows of ``results.csv``; none if nothing was run.
    study
        Its threshold is the operating point, its classes are the sub-task, and its profile says
        for which networks CNNSplitter was to be run.
    """
    trained = runs_by_network(results, study)
    splits = load_profile(study.profile)["cnnsplitter"]["models"]
    usual = short_name(study.config.dataset)
    found = [judge(claim, trained, usual, splits) for claim in claims()]
    return [
        replace(one, reduced=bool(study.search and one.judged and one.claim.against_cnnsplitter))
        for one in found
    ]


def judge(
    claim: Claim,
    trained: Mapping[tuple[str, str], Sequence[Network]],
    usual: str,
    splits: Sequence[str],
) -> Finding:
    """Return what the results say of one claim.

    Parameters
    ----------
    claim
        The claim.
    trained
        Every network by model and data set, once for each seed.
    usual
        The data set that stands in for those of the claim where there are results of none of them.
    splits
        The networks for which CNNSplitter was to be run.
    """
    every = {
        key: over_seeds([MEASURES[claim.measure](one) for one in trained[key]]) for key in trained
    }
    found = {key: number for key, number in every.items() if not number.missing}
    beside = {
        key: {
            label: over_seeds([MEASURES[measure](one) for one in trained[key]])
            for label, measure in (claim.beside or {}).items()
        }
        for key in found
    }
    held = list(dict.fromkeys(dataset for _, dataset in trained))
    stand_in = [usual] if usual in held or not held else held[:1]
    datasets = [dataset for dataset in claim.datasets if dataset in held] or stand_in
    return Finding(
        claim, found, beside, tuple(on(claim, every, dataset, splits) for dataset in datasets)
    )


def on(claim: Claim, numbers: Numbers, dataset: str, splits: Sequence[str]) -> Judgement:
    """Judge a claim by the networks that it is about on one data set: by all of them or not."""
    models = tuple(claim.networks)
    if claim.against_cnnsplitter:
        models = tuple(m for m in models if m in splits) or models
    there = {m: n for (m, d), n in numbers.items() if d == dataset and not n.missing}
    overall = sample(list(there.values())) if there else None
    lacks = "; ".join(
        why_not(model, numbers.get((model, dataset))) for model in models if model not in there
    )
    if lacks:
        return Judgement(dataset, models, None, overall, NOT_RUN, lacks)
    number = these([there[model] for model in models])
    return Judgement(dataset, models, number, overall, verdict(claim, number))


def why_not(model: str, number: Measured | None) -> str:
    """Say why a network has no number."""
    name = display_name(model)
    if number is None:
        return f"{name} is missing"
    return f"{name}: {number.refused}" if number.refused else f"{name} lacks this number"
