"""What the networks of a grid gave, and which of them no other one beats."""

from collections.abc import Sequence
from statistics import mean

import pandas as pd

from ..study.findings import Modularized, Scored
from ..study.sweeps import Sweep
from .rows import modularity

MEASURES = ("accuracy", "kernel_retention_rate", "cohesion", "coupling")


def measured(sweep: Sweep, found: Sequence[tuple[Scored, Modularized]]) -> pd.DataFrame:
    """Return a row for each network: the grid's values, and what was measured.

    Parameters
    ----------
    sweep
        The grid.
    found
        For each of its networks the accuracy, and its modules.
    """
    return pd.DataFrame(
        point | {"accuracy": score.accuracy} | dict(modularity(modules))
        for point, (score, modules) in zip(sweep.points, found, strict=True)
    )


def over_seeds(points: pd.DataFrame, varied: Sequence[str]) -> pd.DataFrame:
    """Return the means over the seeds, the fewest kernels first, and which are on the front.

    Parameters
    ----------
    points
        As `measured` returns them.
    varied
        The names of the grid, without the seed.

    Returns
    -------
    DataFrame
        The grid's names; the measures, each with its least and greatest in ``NAME_low`` and
        ``NAME_high``; ``seeds``, how many; and ``front``: whether no other network is at least as
        accurate with at most as many kernels, and better in one of the two.
    """
    groups = points.groupby(list(varied), sort=False, dropna=False) if varied else None
    parts = groups if groups is not None else [((), points)]
    lines = []
    for values, some in parts:
        line: dict[str, object] = dict(zip(varied, values, strict=True))
        for name in MEASURES:
            ends = {f"{name}_low": some[name].min(), f"{name}_high": some[name].max()}
            line |= {name: mean(some[name]), **ends}
        lines.append(line | {"seeds": len(some)})
    table = pd.DataFrame(lines).sort_values(
        ["kernel_retention_rate", "accuracy"], ascending=[True, False], ignore_index=True
    )
    # All before it keep at most as many kernels: it must be more accurate than each of them.
    best_before = table["accuracy"].cummax().shift(fill_value=-1.0)
    return table.assign(front=table["accuracy"] > best_before)
