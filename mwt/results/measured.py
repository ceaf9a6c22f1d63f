"""A claim's number, and what several of them say together: over seeds, over networks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean

from .tidy import mean_and_interval


@dataclass(frozen=True)
class Measured:
    """A claim's number, in its unit: of one training, or the mean of several.

    Attributes
    ----------
    value
        The number; of a change, its size. Not a number if it was not measured.
    interval
        Its 95 % interval: of one training that of the test images, of a mean over seeds or over
        all networks Student's t over them; None for what has neither.
    ends
        Of a change: what it changes from, and to.
    against
        Of a change: the largest step that a curve makes the other way.
    seeds
        How many seeds it is the mean of; of several networks, the fewest.
    machines
        Of times: where they were taken.
    refused
        Why there is no number though its parts were measured; else empty.
    """

    value: float
    interval: tuple[float, float] | None = None
    ends: tuple[float, float] | None = None
    against: float = 0.0
    seeds: int = 1
    machines: tuple[str, ...] = ()
    refused: str = ""

    @property
    def missing(self) -> bool:
        """Whether there is no number."""
        return math.isnan(self.value)


def over_seeds(numbers: Sequence[Measured]) -> Measured:
    """Return the mean over the seeds that have the number; where one is refused, so is the mean."""
    refused = [number for number in numbers if number.refused]
    there = [number for number in numbers if not number.missing]
    if refused or not there:
        return refused[0] if refused else Measured(math.nan)
    return replace(sample(there), seeds=len(there))


def sample(numbers: Sequence[Measured]) -> Measured:
    """Return the mean of numbers that are a sample, its interval by Student's t; of one, itself."""
    if len(numbers) == 1:
        return numbers[0]
    _, low, high = mean_and_interval([number.value for number in numbers])
    return replace(average(numbers), interval=(low, high))


def these(numbers: Sequence[Measured]) -> Measured:
    """Return the mean of the numbers of the networks that a claim is about.

    The networks are no sample. The interval is that of a mean of independent numbers: the root of
    the sum of the squared half-widths, divided by their count; none if a number has none.
    """
    if len(numbers) == 1:
        return numbers[0]
    whole = average(numbers)
    if not all(number.interval for number in numbers):
        return whole
    below, above = (
        sum((n.value - n.interval[end]) ** 2 for n in numbers if n.interval) ** 0.5 / len(numbers)
        for end in (0, 1)
    )
    return replace(whole, interval=(whole.value - below, whole.value + above))


def average(numbers: Sequence[Measured]) -> Measured:
    """Return the mean without an interval."""
    pairs = [number.ends for number in numbers if number.ends]
    return Measured(
        mean(number.value for number in numbers),
        ends=(mean(p[0] for p in pairs), mean(p[1] for p in pairs)) if pairs else None,
        against=mean(number.against for number in numbers),
        seeds=min(number.seeds for number in numbers),
        machines=tuple(sorted({machine for number in numbers for machine in number.machines})),
    )
