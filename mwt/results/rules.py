"""A claim of the paper and the rule by which a number is judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .measured import Measured

HOLDS, WEAKER, NOT, NOT_RUN = VERDICTS = (
    "holds here",
    "weaker here",
    "does not hold here",
    "no verdict",
)


@dataclass(frozen=True)
class Claim:
    """A claim of the paper and the rule by which it is judged; see ``claims.yaml``."""

    id: str
    title: str
    words: str
    place: str
    reported: float
    unit: str
    networks: Sequence[str]
    datasets: Sequence[str]
    measure: str
    meaning: str
    better: str
    tolerance: float
    within_because: str
    bound: float
    because: str
    shown: dict[str, Any]
    beside: dict[str, str] | None = None
    but: str | None = None
    ends: tuple[float, float] | None = None
    slack: float | None = None

    @property
    def against_cnnsplitter(self) -> bool:
        """Whether it compares with CNNSplitter, which a profile may run for fewer networks."""
        return "cnnsplitter" in self.measure


def verdict(claim: Claim, number: Measured) -> str:
    """Judge a number by a claim's rule."""
    sign = {"less": -1, "more": 1}[claim.better]
    if sign * (number.value - claim.bound) <= 0 or turns_back(claim, number):
        return NOT
    near = sign * (number.value - claim.reported) >= -claim.tolerance
    return HOLDS if near else WEAKER


def turns_back(claim: Claim, number: Measured) -> bool:
    """Whether a curve goes the other way by more than a claim about it allows."""
    return claim.slack is not None and number.against > claim.slack


def close_to_limit(claim: Claim, number: Measured) -> bool:
    """Whether a number without an interval is so close to a limit that its verdict is not safe.

    Close is less than the claim's tolerance from where its verdict changes.
    """
    if number.interval:
        return False
    worse = {"less": 1, "more": -1}[claim.better]
    limits = (claim.reported + worse * claim.tolerance, claim.bound)
    return any(abs(number.value - limit) < claim.tolerance for limit in limits)


def at_ends(claim: Claim, number: Measured) -> list[str]:
    """Return the verdicts at both ends of a number's interval, where they are not the same."""
    found = [
        verdict(claim, replace(number, value=end)) for end in number.interval or (number.value,)
    ]
    return found if len(set(found)) > 1 else []
