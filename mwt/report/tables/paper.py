"""The paper's table: what it reports, beside what others and what was measured here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from IPython.display import HTML

from ...models import MODELS
from ...results.names import display_name
from ...results.reported import reported
from ...results.seeds import plus_minus
from ...results.tidy import select
from ...study.profiles import PAPER, load_profile
from .base import cell, html_table, three_decimals

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

    def line(self, model: str, dataset: str) -> dict[str, Any] | None:
        """Return the line of a network; None if nothing of it was measured."""
        whole = select(self.results, model=model, dataset=dataset, classes="all")
        at = whole[whole["threshold"].isna() | (whole["threshold"] == self.threshold)]
        found = {
            label: cell(at, quantity, method=method)
            for label, (quantity, method, _, _) in MEASURES.items()
        }
        if not any(isinstance(text, str) for text in found.values()):
            return None
        return begun(model, self.settings[model, dataset]) | found

    @property
    def datasets(self) -> list[str]:
        """The data sets with results."""
        return list(self.results["dataset"].unique())


def paper_tables(profiles: Sequence[Here]) -> list[HTML]:
    """Return a table for each of the paper's data sets, then for each other one with results.

    Parameters
    ----------
    profiles
        What was measured here, in the order in which to show it.
    """
    papers: list[str] = load_profile(PAPER)["datasets"]
    others = dict.fromkeys(d for one in profiles for d in one.datasets if d not in papers)
    return [
        table_of(profiles, dataset, sources() if dataset == papers[0] else "")
        for dataset in (*papers, *others)
    ]


def table_of(profiles: Sequence[Here], dataset: str, notes: str = "") -> HTML:
    """Return what others reported, and what was measured here, of all networks on a data set."""
    lines = []
    for model in MODELS:
        here = [line for one in profiles if (line := one.line(model, dataset))]
        lines += [*by_others(model, dataset), *(here or [begun(model, NOT_RUN)])]
    measured = "".join(
        f"Profile <code>{one.profile}</code>: threshold {one.threshold:g}. "
        f"{plus_minus(select(one.results, dataset=dataset))} "
        for one in profiles
        if dataset in one.datasets
    )
    frame = pd.DataFrame(lines, columns=["network", "whose", *MEASURES])
    frame = frame.set_index("network").rename_axis(display_name(dataset))
    return html_table(frame, f"On {display_name(dataset)}. {measured}{notes}", kind="mwt-named")


def sources() -> str:
    """Say where the numbers of others are from."""
    table, rerun = reported()["table_2"], reported()["moda_rerun"]
    return (
        f"Paper: {table['source']}; {table['trust']}. MODA's re-run: {rerun['source']}; "
        f"{rerun['trust']}. The paper's KRR counts 3,904 kernels of ResNet18 and 4,224 of VGG16; "
        "here it counts the kernels that have masks, which are 4,736 and 4,160 at full width."
    )


def begun(model: str, how: str) -> dict[str, Any]:
    """Return how a line of this study begins."""
    return {"network": display_name(model), "whose": f"here: {how}"}


def by_others(model: str, dataset: str) -> list[dict[str, Any]]:
    """Return a line for each of those who reported something of a network."""
    lines: list[dict[str, Any]] = []
    for group, whose in (("table_2", "paper"), ("moda_rerun", "MODA's re-run")):
        told = reported()[group]
        rows = pd.DataFrame(told["rows"], columns=told["columns"]).rename(columns=RERUN)
        for _, row in select(rows, model=model, dataset=dataset).iterrows():
            texts = {
                label: three_decimals(row[column] / unit)
                for label, (_, _, column, unit) in MEASURES.items()
                if column in row
            }
            lines.append({"network": display_name(model), "whose": whose} | texts)
    return lines
