"""What a profile publishes beside its pages: the small results of every run, and some weights."""

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat

from ..data import class_names
from ..data.sources import SOURCES
from ..results.executed import notebooks
from ..results.record import records
from ..study import parameters, stages
from ..study.config import METHODS, Config
from ..study.seals import SEAL, sealed
from ..study.stages.networks import weights_of
from ..study.store import find_run, named
from ..support.errors import UsageError
from ..support.files import save_json

SMALL = ("tensors.safetensors", "modules.safetensors")  # frequencies; CNNSplitter's module masks
LARGEST = 8_000_000  # bytes of a file of weights
LICENCE = "MIT"
AGAIN = "run `make book` again, and `make publish` with the same MWT_HOME"


def runs_behind(results: Path) -> Iterator[str]:
    """Yield the names of the runs that executed notebooks and the explorer's files used."""
    for path in notebooks(results):
        for record in records(nbformat.read(path, as_version=4)):
            if "used" not in record:
                raise UsageError(f"{path} does not say which runs it used: {AGAIN}.")
            yield from record["used"]
    for path in results.glob("explorer-*.json"):
        yield from json.loads(path.read_text())["used"]


def copy_runs(names: Iterable[str], folder: Path) -> None:
    """Copy what is small of runs: results and module masks; neither weights nor anything by image.

    Raises
    ------
    UsageError
        If a run is in no store.
    """
    for name in sorted(set(names)):
        run = named(name)
        if not run.finished():
            raise UsageError(
                f"the run {name} is neither in {run.path.parent} nor published: {AGAIN}."
            )
        (folder / name).mkdir(parents=True)
        record = run.record()
        if SEAL not in record:  # of before there were checksums
            record = sealed(run.path, record)
        line = json.dumps(record, separators=(",", ":"))  # not indented: there are hundreds
        (folder / name / "result.json").write_text(line + "\n")
        for file in SMALL:
            if (run.path / file).exists():
                shutil.copyfile(run.path / file, folder / name / file)


def copy_weights(profile: dict[str, Any], folder: Path) -> None:
    """Copy the weights of the networks that a profile names, each file with its card.

    Raises
    ------
    UsageError
        If a network was not trained, is not in half precision, or has too large a file.
    """
    folder.mkdir()
    for model in profile["publish"]["weights"]:
        study = parameters.read({"profile": profile["profile"], "model": model})
        for method in METHODS:
            file = weights_file(study.config, method)
            shutil.copyfile(file, folder / f"{model}-{method}.safetensors")
            card = card_of(study, method) | {"bytes": file.stat().st_size}
            save_json(folder / f"{model}-{method}.json", card)


def weights_file(config: Config, method: str) -> Path:
    """Return the file of a network that may be published."""
    run = find_run("trained", config, method)
    if not config.half_weights:
        raise UsageError(
            f"{config.model}'s weights are not in half precision: say half_weights: true among the "
            "profile's defaults, and `make book` again."
        )
    if not run.finished():
        raise UsageError(f"the run {run.name} is not finished: {AGAIN}.")
    file = weights_of(run)
    if file.stat().st_size > LARGEST:
        raise UsageError(
            f"{file} has {file.stat().st_size:,} bytes, but {LARGEST:,} may be published: name "
            "another network under `publish` in the profile, or give it a smaller width."
        )
    return file


def card_of(study: parameters.Study, method: str) -> dict[str, Any]:
    """Return how a published network came about."""
    config = study.config
    run = find_run("trained", config, method)
    record = run.record()
    score = stages.scored(config, method, study.device)
    history = record["result"]["history"]
    source = SOURCES[config.dataset]
    return {
        "name": f"{config.model}-{study.profile}",
        "method": method,
        "model": config.model,
        "dataset": config.dataset,
        "classes": class_names(config.dataset),
        "mean": source.mean,
        "std": source.std,
        "settings": record["asked"],
        "test_accuracy": score.accuracy,
        "test_images": score.test_images,
        "seconds": history[-1]["seconds"],
        "wall_seconds": history[-1]["wall_seconds"],
        "run": run.name,
        **record["made"],
        "digest": record["result"]["weights"],
        "licence": LICENCE,
    }
