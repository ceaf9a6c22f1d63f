"""One set of versions: the project's needs, the lock, conda's file, and what is installed."""

import importlib.metadata
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
ENTRIES = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
LOCK = [Requirement(entry.split(" \\\n")[0]) for entry in ENTRIES]


def locked():
    """Exact version by name, of what the lock installs here."""
    here = [r for r in LOCK if r.marker is None or r.marker.evaluate()]
    return {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in here}


def test_the_lock_has_exact_versions_and_no_addresses():
    assert all(str(r.specifier).startswith("==") and r.url is None for r in LOCK)
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_every_locked_package_has_hashes_so_that_pip_takes_no_other_file():
    assert len(ENTRIES) > 200
    for entry in ENTRIES:
        hashes = entry.split(" \\\n")[1:]
        assert hashes, entry
        assert all(re.fullmatch(r" +--hash=sha256:[0-9a-f]{64}", line) for line in hashes), entry


def test_the_lock_satisfies_what_the_project_needs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needs = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    for need in map(Requirement, needs):
        assert need.specifier.contains(locked()[canonicalize_name(need.name)]), need


def test_conda_users_get_the_same_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    *conda, pip = environment["dependencies"]
    assert conda == ["python=3.11", "pip"]
    assert pip["pip"] == ["--requirement requirements.lock"]


@pytest.mark.parametrize("name", ["torch", "torchvision", "jupyter-book", "papermill", "fvcore"])
def test_what_is_installed_is_what_is_locked(name):
    assert importlib.metadata.version(name).partition("+")[0] == locked()[name]
