"""How a notebook was made: kept in the notebook itself, beside the rows that it found."""

import dataclasses
import html
import io
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import nbformat
import pandas as pd
import torch

from ..cnnsplitter import Settings
from ..study.parameters import Study
from ..study.provenance import commit, machine, now, versions
from ..study.store import USED, named
from ..support.stopwatch import BEGAN
from .tidy import read_results

METADATA = "mwt_record"  # the key in the output's metadata


class Made:
    """The last output of a notebook: a folded note on how it was made.

    Parameters
    ----------
    device
        What computed it.
    parameters
        The notebook's own, by name.
    """

    def __init__(self, device: torch.device | str = "cpu", **parameters: Any) -> None:
        self.data: dict[str, Any] = {
            "commit": commit(),
            "machine": machine(torch.device(device)),
            "versions": versions(),
            "seconds": round(time.perf_counter() - BEGAN, 1),
            "date": now(),
            "parameters": parameters,
        }

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        note = {key: self.data[key] for key in ("commit", "date", "seconds", "machine")}
        note |= {key: listed(runs) for key, runs in self.data.get("runs", {}).items() if runs}
        some = [key for key in ("parameters", "versions") if self.data[key]]
        note |= {key: listed(self.data[key]) for key in some}
        lines = "".join(
            f"<dt>{key}</dt><dd>{html.escape(str(text))}</dd>" for key, text in note.items()
        )
        text = (
            '<details class="mwt-record"><summary>How this was made</summary>'
            f"<dl>{lines}</dl></details>"
        )
        return {"text/html": text, "text/plain": str(note)}, {METADATA: self.data}


class Record(Made):
    """A `Made` of a notebook of the study, with the rows that it found for the workflow."""

    def __init__(self, study: Study, results: pd.DataFrame, search: Settings | None = None) -> None:
        config = dataclasses.asdict(study.config)
        del config["seed"]
        super().__init__(study.device)
        self.data |= {
            "parameters": {
                "profile": study.profile,
                **config,
                "seeds": [one.seed for one in study.configs],
                "threshold": study.threshold,
                "classes": study.classes,
                **({"search": dataclasses.asdict(search)} if search else {}),
            },
            "runs": made_at(results["run"].unique()),
            "used": list(USED),
            "rows": results.to_csv(index=False),  # a third of what they are as JSON
        }


def made_at(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return how many runs were made at which commit; one that was found may be older.

    Those that were published with the project have the machine that made them beside.
    """
    own: Counter[str] = Counter()
    published: Counter[str] = Counter()
    for run in map(named, names):
        made = run.record()["made"]
        if run.published:
            published[f"{made['commit']} on {made['machine']}"] += 1
        else:
            own[made["commit"]] += 1
    found = {"runs made at": own, "runs published with the project, made at": published}
    return {
        kind: {made: f"({count} runs)" for made, count in counts.items()}
        for kind, counts in found.items()
    }


def listed(values: dict[str, Any]) -> str:
    """Return ``name value, name value``, of a dictionary within it in brackets."""
    texts = {n: f"({listed(v)})" if isinstance(v, dict) else v for n, v in values.items()}
    return ", ".join(f"{name} {value}" for name, value in texts.items())


def records(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return the records in an executed notebook."""
    return [
        output["metadata"][METADATA]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if METADATA in output.get("metadata", {})
    ]


def rows_of(record: dict[str, Any]) -> pd.DataFrame:
    """Return the rows that a notebook found, with the columns of ``results.csv``."""
    return read_results(io.StringIO(record["rows"]))
