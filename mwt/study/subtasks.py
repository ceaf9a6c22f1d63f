"""Sub-tasks: which classes a module is for."""

import math
import random
from collections.abc import Iterable, Sequence
from itertools import combinations

from ..support.checks import check_number

DRAW = 0  # decides which sub-tasks are drawn


def subtask_name(classes: Iterable[int]) -> str:
    """Return a sub-task as the column ``classes`` of the results names it: ``"0 1 2"``."""
    return " ".join(map(str, classes))


def nested(classes: Sequence[int], sizes: Sequence[int], num_classes: int) -> list[list[int]]:
    """Return sub-tasks of growing size: the given classes first, then the others in order."""
    in_order = [*classes, *(c for c in range(num_classes) if c not in classes)]
    return [in_order[:size] for size in sizes]


def drawn(sizes: Sequence[int], per_size: int, num_classes: int) -> list[list[int]]:
    """Return distinct random sub-tasks of each size; all there are, where those are fewer.

    The same for every network and seed, so that what they give can be compared.

    Parameters
    ----------
    sizes
        Numbers of classes.
    per_size
        How many sub-tasks of each size.
    num_classes
        Classes of the data set.

    Returns
    -------
    list of list of int
        Ascending classes; sizes in the order given.

    Raises
    ------
    UsageError
        For a number of sub-tasks below 1.
    """
    check_number("per_size", per_size, int, 1)
    chance = random.Random(DRAW)
    chosen: list[list[int]] = []
    for size in sizes:
        if math.comb(num_classes, size) <= per_size:
            chosen += map(list, combinations(range(num_classes), size))
            continue
        found: set[tuple[int, ...]] = set()
        while len(found) < per_size:
            found.add(tuple(sorted(chance.sample(range(num_classes), size))))
        chosen += map(list, sorted(found))
    return chosen
