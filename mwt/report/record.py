"""How a notebook was made: kept in the notebook itself, beside the rows that it found."""

from __future__ import annotations

import dataclasses
import datetime
import html
import importlib.metadata
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import torch
from IPython.display import HTML

from ..files import home
from ..parameters import Study
from .results import COLUMNS

METADATA = "mwt_record"  # the key in the output's metadata
PACKAGES = ("torch", "torchvision", "numpy", "fvcore")


BEGAN = time.perf_counter()  # the notebook's first cell imports this


class Record:
    """The last output of a notebook: a folded note for readers, data for the workflow."""

    def __init__(self, study: Study, results: pd.DataFrame) -> None:
        config = dataclasses.asdict(study.config)
        self.data: dict[str, Any] = {
            "commit": commit(),
            "machine": machine(study.device),
            "versions": versions(),
            "seconds": round(time.perf_counter() - BEGAN, 1),
            "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "parameters": {
                "profile": study.profile,
                **config,
                "threshold": study.threshold,
                "classes": study.classes,
            },
            "rows": results.astype(object).where(results.notna(), None).to_dict("records"),
        }

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        note = {key: self.data[key] for key in ("commit", "date", "seconds", "machine")}
        note |= {key: listed(self.data[key]) for key in ("parameters", "versions")}
        lines = "".join(
            f"<dt>{key}</dt><dd>{html.escape(str(text))}</dd>" for key, text in note.items()
        )
        text = (
            '<details class="mwt-record"><summary>How this was made</summary>'
            f"<dl>{lines}</dl></details>"
        )
        return {"text/html": text, "text/plain": str(note)}, {METADATA: self.data}


def banner(study: Study) -> HTML:
    """Return the line that says on every page what was run, and what it is not."""
    config = study.config
    return HTML(
        f'<p class="mwt-banner"><strong>{config.model}</strong> on '
        f"<strong>{config.dataset}</strong>, profile <strong>{study.profile}</strong>, "
        f"width {config.width:g}, {config.epochs} epochs, seed {config.seed}. "
        f"{html.escape(study.about)}</p>"
    )


def listed(values: dict[str, Any]) -> str:
    """Return ``name value, name value``."""
    return ", ".join(f"{name} {value}" for name, value in values.items())


def commit() -> str:
    """Return the commit of the code, with a mark where files differ from it."""
    command = ["git", "-C", str(home()), "describe", "--always", "--dirty=+changes", "--abbrev=10"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "not in a git checkout"


def machine(device: torch.device) -> str:
    """Return the processor, or the GPU, and the operating system in words."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}, {system}"
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {torch.get_num_threads()} thread(s), {system}"


def versions() -> dict[str, str]:
    """Return the versions of the packages that numbers depend on."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def records(notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    """Return the records in an executed notebook."""
    return [
        output["metadata"][METADATA]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if METADATA in output.get("metadata", {})
    ]


def collected(folder: Path) -> pd.DataFrame:
    """Return the rows of all executed notebooks of a folder, each once, sorted."""
    found = [
        pd.DataFrame(record["rows"], columns=COLUMNS)
        for path in sorted(folder.glob("*.ipynb"))
        for record in records(nbformat.read(path, as_version=4))
    ]
    rows = pd.concat(found, ignore_index=True)
    keys = [column for column in COLUMNS if column not in ("value", "run")]
    return rows.drop_duplicates(keys).sort_values(keys, ignore_index=True)
