"""What more time costs: never less for more, and as much in two steps as in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.price_curve import price_difference_sun

HOUR = 3600
_PRICES = [(HOUR, 40), (24 * HOUR, 170), (72 * HOUR, 360)]

durations = st.integers(min_value=1, max_value=9_000 * HOUR)
prices = st.lists(
    st.tuples(durations, st.integers(min_value=1, max_value=10**12)),
    min_size=1,
    max_size=6,
    unique_by=lambda price: price[0],
)


def test_the_line_goes_through_every_duration_on_offer() -> None:
    for seconds, sun in _PRICES:
        assert price_difference_sun(_PRICES, 0, seconds) == sun


def test_between_and_beyond_them_it_is_straight() -> None:
    assert price_difference_sun(_PRICES, 0, HOUR // 2) == 20
    # 190 for the 48 hours from one to three days, and as much for each 48 hours more.
    assert price_difference_sun(_PRICES, 72 * HOUR, 120 * HOUR) == 190
    assert price_difference_sun([(HOUR, 40)], HOUR, 3 * HOUR) == 80


def test_a_part_of_a_sun_counts_as_one() -> None:
    assert price_difference_sun([(HOUR, 1)], 0, 1) == 1


def test_without_prices_nothing_can_be_said() -> None:
    with pytest.raises(ValueError, match="no duration"):
        price_difference_sun([], 0, HOUR)


@given(prices, durations, durations, durations)
def test_more_time_never_costs_less_and_never_nothing_back(
    offered: list[tuple[int, int]], before: int, first: int, second: int
) -> None:
    less, more = sorted((first, second))
    shorter = price_difference_sun(offered, before, before + less)
    longer = price_difference_sun(offered, before, before + more)
    assert 0 <= shorter <= longer


@given(prices, durations, durations)
def test_twice_so_long_costs_as_much_in_two_steps_as_in_one(
    offered: list[tuple[int, int]], before: int, step: int
) -> None:
    once = price_difference_sun(offered, before, before + 2 * step)
    twice = price_difference_sun(offered, before, before + step) + price_difference_sun(
        offered, before + step, before + 2 * step
    )
    assert once <= twice <= once + 1, "only the rounding may differ"
