"""How a notebook was made: kept in the notebook itself, beside the rows that it found."""

from __future__ import annotations

import dataclasses
import html
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
from IPython.display import HTML

from ..cnnsplitter import Settings
from ..data import short_name
from ..parameters import Study
from ..provenance import commit, machine, now, versions
from ..runs import METHODS, USED, Config, find, named

METADATA = "mwt_record"  # the key in the output's metadata
BEGAN = time.perf_counter()  # the notebook's first cell imports this


class Record:
    """The last output of a notebook: a folded note for readers, data for the workflow."""

    def __init__(self, study: Study, results: pd.DataFrame, search: Settings | None = None) -> None:
        config = dataclasses.asdict(study.config)
        del config["seed"]
        self.data: dict[str, Any] = {
            "commit": commit(),
            "machine": machine(study.device),
            "versions": versions(),
            "seconds": round(time.perf_counter() - BEGAN, 1),
            "date": now(),
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
            "rows": results.astype(object).where(results.notna(), None).to_dict("records"),
        }

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        note = {key: self.data[key] for key in ("commit", "date", "seconds", "machine")}
        note |= {key: listed(runs) for key, runs in self.data["runs"].items() if runs}
        note |= {key: listed(self.data[key]) for key in ("parameters", "versions")}
        lines = "".join(
            f"<dt>{key}</dt><dd>{html.escape(str(text))}</dd>" for key, text in note.items()
        )
        text = (
            '<details class="mwt-record"><summary>How this was made</summary>'
            f"<dl>{lines}</dl></details>"
        )
        return {"text/html": text, "text/plain": str(note)}, {METADATA: self.data}


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


def banner(study: Study, more: str = "") -> HTML:
    """Return the line that says on every page what was run, and what it is not."""
    config = study.config
    return HTML(
        f'<p class="mwt-banner"><strong>{config.model}</strong> on '
        f"<strong>{html.escape(short_name(config.dataset))}</strong>, "
        f"profile <strong>{study.profile}</strong>, "
        f"width {config.width:g}, images of {config.image_size} × {config.image_size}, "
        f"{config.epochs} epochs, {seeds_in_words(study)}. "
        f"{html.escape(f'{study.about} {more}')}{weights_from(config)}{found_published(study)}</p>"
    )


def found_published(study: Study) -> str:
    """Say that networks were not trained here, where they come with the project."""
    found = [find("trained", config, method) for config in study.configs for method in METHODS]
    if not any(run.finished() and run.published for run in found):
        return ""
    return " Its networks were not trained here: they are published with the project."


def seeds_in_words(study: Study) -> str:
    """Return which seeds there are, of which the first is shown where not all can be."""
    seeds = [str(config.seed) for config in study.configs]
    return f"one run (seed {seeds[0]})" if len(seeds) == 1 else f"seeds {', '.join(seeds)}"


def in_words(settings: Settings) -> str:
    """Say what CNNSplitter's search was given."""
    sensitive, other = (
        ", ".join(f"{ratio:g}" for ratio in ratios)
        for ratios in (settings.ratios_sensitive, settings.ratios_other)
    )
    return (
        f"CNNSplitter searches with {settings.population} solutions a class for "
        f"{settings.generations} generations; its first modules begin with {sensitive} of the "
        f"kernel groups in sensitive layers and {other} in others. Solutions are scored on "
        + (
            f"{settings.images} validation images of each class."
            if settings.images
            else "all validation images."
        )
    )


def weights_from(config: Config) -> str:
    """Say which weights were not trained here."""
    files = [f"{method} from <code>{Path(path).name}</code>" for method, path in config.released]
    return f" Weights of the paper's authors: {', '.join(files)}." if files else ""


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
