"""The paper's table: what it reports, beside what others and what was measured here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from IPython.display import HTML

from ...models import MODELS
from ...profiles import PAPER, load_profile
from ..figures import reported
from ..results import select
from ..seeds import plus_minus
from ..style import written
from .base import THREE, cell, shown

MEASURES = {  # our quantity and method, the column of the reported table, and its unit
    "standard accuracy": ("accuracy", "standard", "standard_accuracy_pct", 100),
    "modular accuracy": ("accuracy", "modular", "modular_accuracy_pct", 100),
    "KRR": ("kernel_retention_rate", "modular", "krr_pct", 100),
    "cohesion": ("cohesion", "modular", "cohesion", 1),
    "coupling": ("coupling", "modular", "coupling", 1),
}
RERUN = {"mwt_accuracy_pct": "modular_accuracy_pct"}  # what MODA's authors call a column otherwise
NOT_RUN = "not run"


@dataclass(frozen=True)
class Here:
    """What was measured here with a profile.

    Attributes
    ----------
    profile
        Its name.
    results
        Its rows.
    threshold
        Its operating point.
    settings
        How each network was trained, in words, by model and data set.
    """

    profile: str
    results: pd.DataFrame
    threshold: float
    settings: Mapping[tuple[str, str], str]

    def line(self, model: str, dataset: str) -> dict[str, str] | None:
        """Return the line of a network; None if nothing of it was measured."""
        whole = select(self.results, model=model, dataset=dataset, classes="all")
        at = whole[whole["threshold"].isna() | (whole["threshold"] == self.threshold)]
        found = {
            label: cell(at, quantity, method=method)
            for label, (quantity, method, _, _) in MEASURES.items()
        }
        if all(isinstance(text, float) for text in found.values()):
            return None
        texts = {k: text if isinstance(text, str) else NOT_RUN for k, text in found.items()}
        whose = ", ".join(filter(None, ["here", self.settings.get((model, dataset), "")]))
        return named(model, dataset, whose) | texts

    @property
    def networks(self) -> list[tuple[str, str]]:
        """The networks with results, by model and data set."""
        there = self.results[["model", "dataset"]].drop_duplicates()
        return sorted(
            there.itertuples(index=False, name=None), key=lambda n: list(MODELS).index(n[0])
        )


def paper(profiles: Sequence[Here]) -> list[HTML]:
    """Return the paper's main table with what was measured on its data, then on other data.

    Parameters
    ----------
    profiles
        What was measured here, in the order in which to show it.
    """
    datasets = load_profile(PAPER)["datasets"]
    lines = []
    for dataset in datasets:
        for model in MODELS:
            here = [line for one in profiles if (line := one.line(model, dataset))]
            none = named(model, dataset, "here") | dict.fromkeys(MEASURES, NOT_RUN)
            lines += [*by_others(model, dataset), *(here or [none])]
    on_papers = [one for one in profiles if {d for _, d in one.networks} & set(datasets)]
    table, rerun = reported()["table_2"], reported()["moda_rerun"]
    caption = (
        f"{measured(on_papers)}Paper: {table['source']}; {table['trust']}. MODA's re-run: "
        f"{rerun['source']}; {rerun['trust']}. The paper's KRR of ResNet18 is of 3,904 kernels, "
        "its VGG16's of 4,224; here it is of those that have masks, 4,736 and 4,160 at full width."
    )
    tables = [table_of(lines, caption)]
    apart = [
        line
        for one in profiles
        for model, dataset in one.networks
        if dataset not in datasets and (line := one.line(model, dataset))
    ]
    if apart:
        others = [one for one in profiles if {d for _, d in one.networks} - set(datasets)]
        tables.append(table_of(apart, f"Other data than the paper's. {measured(others)}"))
    return tables


def table_of(lines: Sequence[Mapping[str, str]], caption: str) -> HTML:
    """Return lines as a table."""
    return shown(pd.DataFrame(lines).set_index("network"), caption)


def named(model: str, dataset: str, whose: str) -> dict[str, str]:
    """Return how a line begins: which network, and who measured it."""
    return {"network": written(model), "data": written(dataset), "whose": whose}


def by_others(model: str, dataset: str) -> list[dict[str, str]]:
    """Return a line for each of those who reported something of a network."""
    lines = []
    for group, whose in (("table_2", "paper"), ("moda_rerun", "MODA's re-run")):
        told = reported()[group]
        rows = pd.DataFrame(told["rows"], columns=told["columns"]).rename(columns=RERUN)
        for _, row in select(rows, model=model, dataset=dataset).iterrows():
            texts = {
                label: THREE(row[column] / unit) if column in row else "–"
                for label, (_, _, column, unit) in MEASURES.items()
            }
            lines.append(named(model, dataset, whose) | texts)
    return lines


def measured(profiles: Sequence[Here]) -> str:
    """Say at which threshold and of which seeds the numbers of profiles are."""
    return "".join(
        f"Profile <code>{one.profile}</code>: threshold {one.threshold:g}. "
        f"{plus_minus(one.results)} "
        for one in profiles
    )
