"""The executed notebooks of a profile's results, by network and data set."""

from itertools import chain
from pathlib import Path

from ..study.profiles import load_profile
from ..support.files import project_root, read_yaml


def titles() -> dict[str, str]:
    """Return the titles of the notebooks by name, in the order of the contents."""
    listed = read_yaml(project_root() / "notebooks/notebooks.yaml")
    return {name: of["title"] for name, of in listed.items()}


def pages(results: Path) -> dict[tuple[str, str], list[Path]]:
    """Return the executed notebooks of a profile's results, by model and data set."""
    profile = load_profile(results.name)
    found = {}
    for dataset in profile["datasets"]:
        for model in profile["models"]:
            paths = [results / f"{name}-{model}-{dataset}.ipynb" for name in titles()]
            found[model, dataset] = [path for path in paths if path.exists()]
    return {network: paths for network, paths in found.items() if paths}


def notebooks(results: Path) -> list[Path]:
    """Return all executed notebooks of a profile's results, in the order of the contents."""
    return list(chain(*pages(results).values()))
