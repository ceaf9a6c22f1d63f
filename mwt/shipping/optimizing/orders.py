"""The order and the numbers of channels that make a group of tensors cheapest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

ROUND = 8  # what libraries compute at a time: channels in blocks of so many
WASTE = 1.25  # times as many channels as needed are the most that is rounded up to
# What it takes to copy a number, in multiply-adds: measured, channels last, on one CPU core.
PADDING, INDEXING = 40, 250
TRIED = 4  # so many sets of channels are tried in every order

Elements = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """Where the elements of a tensor are.

    Attributes
    ----------
    slots
        The element of each channel; None of one that is all zero.
    start
        Place of the first channel in the order of the group; None if the order is its own.
    """

    slots: tuple[int | None, ...]
    start: int | None

    def within(self, other: Layout) -> bool:
        """Tell whether the channels are a piece of another tensor's."""
        if self.start is None or other.start is None:
            return False
        end = self.start + len(self.slots)
        return other.start <= self.start and end <= other.start + len(other.slots)


@dataclass(frozen=True)
class Group:
    """Tensors whose channels belong together.

    Attributes
    ----------
    prices
        By list of elements, what one more channel costs: multiply-adds at each position, in the
        layers that write and read tensors with these elements.
    fills
        By list of elements, the longer ones that zeros are put between them for.
    maps
        Whether convolutions write them, so that rounding up pays.
    """

    prices: Mapping[Elements, float]
    fills: Mapping[Elements, Sequence[Elements]]
    maps: bool

    def best(self) -> dict[Elements, Layout]:
        """Return the cheapest of the layouts that are tried."""
        tried = (self.layouts(order) for order in self.orders())
        return min(tried, key=lambda found: found[1])[0]

    def orders(self) -> Iterator[list[int]]:
        """Yield orders of the elements in which most lists are in one piece."""
        lists = sorted(self.prices, key=lambda each: -self.prices[each] * len(each))
        every = list(dict.fromkeys(element for each in lists for element in sorted(each)))
        if len(lists) == 1:
            yield list(lists[0])
            return
        for first in permutations(lists[:TRIED]):
            blocks = [every]
            for each in [*first, *lists[TRIED:]]:
                blocks = refined(blocks, set(each))
            yield [element for block in blocks for element in block]

    def layouts(self, order: list[int]) -> tuple[dict[Elements, Layout], float]:
        """Return a layout for each list, chosen one after the other, and what they cost."""
        chosen: dict[Elements, Layout] = {}
        total = 0.0
        for each in sorted(self.prices, key=len, reverse=True):  # where zeros come in comes first
            targets = [chosen[longer] for longer in self.fills.get(each, ())]
            costs = {
                layout: (len(layout.slots) - len(each)) * self.prices[each]
                + sum(copying(layout, target) for target in targets)
                for layout in self.possible(each, order, targets)
            }
            chosen[each] = min(costs, key=costs.__getitem__)
            total += costs[chosen[each]]
        return chosen, total

    def possible(self, each: Elements, order: list[int], targets: list[Layout]) -> Iterator[Layout]:
        """Yield layouts of a list: its piece of the order, its own order, what it is filled to."""
        places = [place for place, element in enumerate(order) if element in set(each)]
        size = self.rounded(places[-1] + 1 - places[0])
        every = self.rounded(len(order))
        yield piece(order, each, max(0, min(places[0], every - size)), size)
        spare = self.rounded(len(each)) - len(each)
        yield Layout((*each, *[None] * spare), None)
        for target in targets:
            if target.start is not None:
                yield piece(order, each, target.start, len(target.slots))

    def rounded(self, count: int) -> int:
        """Return the number of channels that so many become."""
        more = math.ceil(count / ROUND) * ROUND
        return more if self.maps and more <= WASTE * count else count


def piece(order: list[int], each: Elements, start: int, size: int) -> Layout:
    """Return a piece of the order as a layout of some elements; others are zero there."""
    wanted = set(each)
    shown = [element if element in wanted else None for element in order[start : start + size]]
    return Layout((*shown, *[None] * (size - len(shown))), start)


def copying(source: Layout, target: Layout) -> float:
    """Return what it costs to put a tensor's channels where another's are."""
    if source.start == target.start is not None and len(source.slots) == len(target.slots):
        return 0
    return len(target.slots) * (PADDING if source.within(target) else INDEXING)


def refined(blocks: list[list[int]], wanted: set[int]) -> list[list[int]]:
    """Split blocks so that what is wanted is in as few pieces as possible."""
    met = [number for number, block in enumerate(blocks) if wanted.intersection(block)]
    result = []
    for number, block in enumerate(blocks):
        inside = [element for element in block if element in wanted]
        outside = [element for element in block if element not in wanted]
        first = number == met[0] and len(met) > 1
        result += [outside, inside] if first else [inside, outside]
    return [block for block in result if block]
