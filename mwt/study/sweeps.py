"""A grid of one's own: a modular network for every combination of some values, from a YAML file.

``python -m mwt.study.sweeps FILE`` checks a grid and lists its networks, ``... FILE NUMBER`` trains
one of them, unless the store has it.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from ..support.command import run
from ..support.errors import UsageError
from ..support.files import read_yaml
from . import parameters, stages
from .parameters import Study
from .profiles import check_keys

KEYS = ("profile", "grid", "settings")
NAMES = {*parameters.TRAINING, "model", "dataset"} - {"device", "released"}
SETTINGS = {*NAMES, "device", "threshold"}


@dataclass(frozen=True)
class Sweep:
    """The networks of a grid.

    Attributes
    ----------
    points
        For each network the values of the grid, by name; the last name changes fastest.
    studies
        For each network all its parameters, each with one seed.
    """

    points: tuple[dict[str, Any], ...]
    studies: tuple[Study, ...]

    @property
    def varied(self) -> list[str]:
        """The names of the grid, without the seed."""
        return [name for name in self.points[0] if name != "seed"]


def load_sweep(file: Path | str, threshold: float | None = None) -> Sweep:
    """Read a grid, and check each network's parameters.

    Parameters
    ----------
    file
        A YAML file with a ``profile``, a ``grid`` of names with lists of values, and ``settings``
        of all networks.
    threshold
        The operating point, in (0, 1]; None: the settings' or the profile's.

    Raises
    ------
    UsageError
        For a file that is not there or is no such grid, or with a parameter's first mistake.
    """
    given = read_grid(Path(file))
    names, values = given["grid"].keys(), given["grid"].values()
    points = tuple(dict(zip(names, one, strict=True)) for one in itertools.product(*values))
    common = given["settings"] | {"profile": given["profile"]}
    common |= {} if threshold is None else {"threshold": threshold}
    return Sweep(points, tuple(parameters.read(common | point) for point in points))


def read_grid(path: Path) -> dict[str, Any]:
    """Return what a grid's file holds, its layout checked."""
    if not path.is_file():
        raise UsageError(f"{path} is not there: give a grid's file, such as sweeps/example.yaml.")
    try:
        given: Any = read_yaml(path)
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is no YAML ({error}): see sweeps/example.yaml.") from error
    check_keys(str(path), given, KEYS, all_of_them=False)
    given = {"profile": "quick", "grid": {}, "settings": {}} | given
    check_keys(f"grid in {path}", given["grid"], NAMES, all_of_them=False)
    check_keys(f"settings in {path}", given["settings"], SETTINGS, all_of_them=False)
    for name, values in given["grid"].items():
        if not isinstance(values, list) or not values or len({*map(str, values)}) < len(values):
            raise UsageError(f"{name} in {path}: give a list of at least one value, each once.")
        if name in given["settings"]:
            raise UsageError(f"{name} is under grid and under settings in {path}: keep one.")
    if not given["grid"]:
        raise UsageError(f"{path} has no grid: say which values to try, as beta: [0.5, 1.5].")
    return given


def main(
    file: Path, number: Annotated[int | None, typer.Argument(help="of a network, from 0")] = None
) -> None:
    """Check a grid and list its networks; or train one of them."""
    sweep = load_sweep(file)
    if number is None:
        for position, point in enumerate(sweep.points):
            print(f"{position}: {', '.join(f'{name} {value}' for name, value in point.items())}")
    elif not 0 <= number < len(sweep.points):
        raise UsageError(f"network {number}: {file} has 0 to {len(sweep.points) - 1}.")
    else:
        study = sweep.studies[number]
        score = stages.scored(study.config, "modular", study.device)
        print(f"{sweep.points[number]}: test accuracy {score.accuracy:.4f}")


if __name__ == "__main__":
    run(main)
