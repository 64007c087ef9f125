"""What more time costs: along the line through the prices of the durations on offer. Pure.

From nothing for no time to the price of the shortest duration, on to that of the next, and beyond
the longest as steeply as before it. A longer time never costs less than a shorter one.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise


def price_difference_sun(
    prices: Iterable[tuple[int, int]], before_seconds: int, after_seconds: int
) -> int:
    """What lasting until `after_seconds` costs more than until `before_seconds`, rounded up.

    `prices` are the durations on offer in seconds, each with its price in sun. Raises ValueError
    without any.
    """
    points = _points(prices)
    return -(-_difference(points, before_seconds, after_seconds) // 1)


def _difference(points: list[tuple[int, int]], before_seconds: int, after_seconds: int) -> Fraction:
    return _at(points, after_seconds) - _at(points, before_seconds)


def _points(prices: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The corners of the line; where a longer duration is sold for less, it is level."""
    points = [(0, 0)]
    for seconds, sun in sorted(prices):
        points.append((seconds, max(sun, points[-1][1])))
    if len(points) == 1:
        raise ValueError("no duration is on offer")
    return points


def _at(points: list[tuple[int, int]], seconds: int) -> Fraction:
    """The height of the line, in sun."""
    for (left, low), (right, high) in pairwise(points):
        if seconds <= right or right == points[-1][0]:
            return low + Fraction((high - low) * (seconds - left), right - left)
    raise AssertionError("the last piece goes on without end")
