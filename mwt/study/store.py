"""The store of finished runs, each found by what is asked for."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

from ..data import short_name
from ..support.errors import Missing
from ..support.files import locked, project_root, save_json, set_aside, store_root
from .config import Config
from .provenance import commit, machine, now, versions
from .seals import RESULT, damage, sealed
from .subtasks import subtask_name

RECIPE = 4  # raise it when the same configuration gives other results than before
OF_IMAGES = ("answers", "test-masks")  # stages that keep something of every image: too large


@dataclass(frozen=True)
class Run:
    """One run's folder: ``result.json`` is written last, so it marks a finished run.

    It has checksums (`seals`), so that a damaged run is none.
    """

    path: Path

    @property
    def name(self) -> str:
        """The folder's name, by which results refer to the run."""
        return self.path.name

    @property
    def published(self) -> bool:
        """Whether it came with the project and is not of one's own store."""
        return self.path.parent != store_root() / "runs"

    def finished(self) -> bool:
        """Tell whether the run has a result, and all is as it was written."""
        return (self.path / RESULT).exists() and not self.damage()

    def damage(self) -> str:
        """Say what is wrong with a run that has a result; nothing if it is whole."""
        if found := damage(self.path, complete=not self.published):
            return found
        record = self.record()
        parts = [record.get(part) for part in ("asked", "made", "result")]
        if not all(isinstance(part, dict) for part in parts) or "machine" not in record["made"]:
            return f"{RESULT} lacks a part"
        if not self.name.endswith(f"-{key(record['asked'])}"):
            return f"{RESULT} is another run's"
        return ""

    def result(self) -> dict[str, Any]:
        """Return what the run found."""
        return self.record()["result"]

    def machine(self) -> str:
        """Return the machine that made the run, and whose times are in it."""
        return self.record()["made"]["machine"]

    def record(self) -> dict[str, Any]:
        """Return what was ``asked``, how it was ``made``, and the ``result``."""
        return json.loads((self.path / RESULT).read_text())


def find_run(stage: str, config: Config, method: str = "both", **more: Any) -> Run:
    """Return the run of a stage for what is asked, finished or not (`named`)."""
    name = key(asked_for(stage, config, method, more))
    kind = stage if method == "both" else f"{stage}-{method}"
    folder = f"{kind}-{config.model}-{short_name(config.dataset)}-{name}"
    return named(folder)


def key(asked: Mapping[str, Any]) -> str:
    """Return what tells a run from all others: a digest of what was asked for."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:10]


def named(name: str) -> Run:
    """Return the run of a name: one's own, or the published one where that alone is finished.

    Where ``MWT_FRESH`` is set, nothing is taken from what the project publishes.
    """
    own = Run(store_root() / "runs" / name)
    if own.finished() or os.environ.get("MWT_FRESH", "0") not in ("", "0"):
        return own
    folders = (project_root() / "book" / "results").glob("*/runs")
    found = [run for run in (Run(f / name) for f in folders) if (run.path / RESULT).exists()]
    for run in found:
        if not run.damage():
            return run
        left_out(run)
    return own


@cache
def left_out(run: Run) -> None:
    """Say once that a published run is not used."""
    said = f"{run.path} is damaged ({run.damage()}): check it out again; it is not used."
    print(said, file=sys.stderr, flush=True)


def asked_for(stage: str, config: Config, method: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that a run is found by."""
    return {"stage": stage, "recipe": RECIPE, **config.asked(stage, method), **more}


def missing_in_words(stage: str, config: Config, method: str, more: Mapping[str, Any]) -> str:
    """Say what is not in the store, as the beginning of a sentence."""
    which = f"{stage} ({config.model} on {short_name(config.dataset)}, seed {config.seed}"
    which += "" if method == "both" else f", {method}"
    which += f", threshold {more['threshold']:g}" if "threshold" in more else ""
    which += f", classes {subtask_name(more['classes'])}" if "classes" in more else ""
    return f"{which}) is not in the store and cannot be made"


# The names of the runs that this process found or made, in order: what is behind its results.
USED: dict[str, None] = {}


def found_or_made(
    stage: str,
    config: Config,
    device: torch.device,
    make: Callable[[Run], dict[str, Any]],
    method: str = "both",
    **more: Any,
) -> Run:
    """Return the finished run of what is asked; if there is none, make it first.

    Parameters
    ----------
    stage
        Name of the kind of work: ``trained``, or what `derived` names.
    config, method, more
        What is asked for.
    device
        Where it is made, if need be: a run made on another one is found just the same, so that a
        laptop can read what a cluster trained.
    make
        Does the work, may leave files in the run's folder, and returns the result as JSON values.

    Raises
    ------
    Missing
        If data or weights are needed to make it and not there.
    """
    run = find_run(stage, config, method, **more)
    if stage not in OF_IMAGES:
        USED[run.name] = None
    if run.finished():
        return run
    # Another process may want the same run: it waits here and then finds it.
    with locked(run.path):
        if not run.finished():
            if (run.path / RESULT).exists():
                set_aside(run.path, run.damage())
            # Before the work: files may change while a network trains.
            asked = asked_for(stage, config, method, more)
            made = {"commit": commit(), "machine": machine(device), "versions": versions()}
            try:
                result = make(run)
            except Missing as error:  # what was asked for first says it, not what that builds on
                asked_first = missing_in_words(stage, config, method, more)
                raise Missing(error.needed, asked_first) from error.__cause__
            made["date"] = now()
            content = {"asked": asked, "made": made, "result": result}
            save_json(run.path / RESULT, sealed(run.path, content))
    return run
