"""How the cost of a part grows with a size: its law, where it holds, what it says beyond."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

# Of ILSVRC 2012, its training images cropped as usual (Russakovsky et al., 2015).
IMAGENET = {"images": 1_281_167, "classes": 1_000, "pixels": 224**2}
NEAR = 1.25  # times, at most, that a law may be off at the sizes it holds for
FEWEST = 4  # sizes that a law must hold for: it has three numbers


@dataclass(frozen=True)
class Law:
    """``fixed + factor * size ** exponent``, fitted to the logarithms of measured costs.

    Attributes
    ----------
    fixed, factor, exponent
        Of the law; none is below 0. Costs that hardly change have an exponent of 0.
    first, last
        The sizes between which it was measured: it is within `NEAR` times of each between them.
    """

    fixed: float
    factor: float
    exponent: float
    first: float
    last: float

    def at(self, size: float) -> float:
        """Return what the law says of a size."""
        return self.fixed + self.factor * size**self.exponent


def law(sizes: Sequence[float], costs: Sequence[float]) -> Law | None:
    """Return the law of the largest sizes, as many as it fits; None if it fits fewer than four.

    Parameters
    ----------
    sizes, costs
        Above 0; as many of both.
    """
    order = np.argsort(sizes)
    x, y = (np.asarray(values, float)[order] for values in (sizes, costs))
    for start in range(len(x) - FEWEST + 1):
        found = fitted(x[start:], y[start:])
        off = max(
            max(found.at(a) / b, b / found.at(a)) for a, b in zip(x[start:], y[start:], strict=True)
        )
        if off <= NEAR:
            return found
    return None


def fitted(x: np.ndarray, y: np.ndarray) -> Law:
    """Return the law that is nearest to costs ``y``: least squares of differences of logarithms."""
    ends = float(x[0]), float(x[-1])
    if y.max() <= NEAR * y.min():
        return Law(float(np.exp(np.log(y).mean())), 0.0, 0.0, *ends)
    scale = x[-1]  # so that all three numbers are of one order

    def off(numbers: np.ndarray) -> np.ndarray:
        fixed, factor, exponent = numbers
        return np.log(fixed + factor * (x / scale) ** exponent) - np.log(y)

    start = np.array([y[0] / 2, y[-1], 1.0])
    fixed, factor, exponent = least_squares(
        off, start, bounds=([0, 1e-12, 0], np.inf), x_scale=start
    ).x
    return Law(float(fixed), float(factor / scale**exponent), float(exponent), *ends)


def laws(rows: pd.DataFrame) -> dict[tuple[str, str], Law | None]:
    """Return the law of the seconds of each part over each size that was changed.

    Parameters
    ----------
    rows
        Columns ``part``, ``axis``, ``size``, ``seconds``: what `benchmarks/growth.py` writes.
    """
    return {
        (str(part), str(axis)): law(some["size"].tolist(), some["seconds"].tolist())
        for (part, axis), some in rows.groupby(["part", "axis"], sort=False)
    }


@dataclass(frozen=True)
class Beyond:
    """What laws say of a part at sizes that were not measured.

    Attributes
    ----------
    seconds
        The time.
    times
        How many times the largest measured time that is.
    """

    seconds: float
    times: float


def beyond(rows: pd.DataFrame, part: str, sizes: Mapping[str, float]) -> Beyond | None:
    """Return what a part takes at given sizes, if each size acts by itself; None without laws.

    The time at the sizes that stay the same while others change, times what each law says of going
    from there to the given size.

    Parameters
    ----------
    rows
        As for `laws`, with a column for each axis.
    part
        Named in ``rows``.
    sizes
        By axis; an axis that the part was not measured over does not count.
    """
    some = rows[rows["part"] == part]
    found = [(axis, one) for (_, axis), one in laws(some).items()]
    if any(one is None for _, one in found):
        return None
    base = {axis: some.loc[some["axis"] != axis, axis].iloc[0] for axis, _ in found}
    at_base = (some[list(base)] == pd.Series(base)).all(axis=1)
    seconds = float(some.loc[at_base, "seconds"].median())
    for axis, one in found:
        if one is not None and axis in sizes:
            seconds *= one.at(sizes[axis]) / one.at(base[axis])
    return Beyond(seconds, seconds / float(some["seconds"].max()))
