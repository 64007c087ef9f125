from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chain.energy import (
    SUN_PER_TRX,
    energy_for_calls,
    energy_of_stake,
    stake_for_calls,
    stake_for_energy,
)

LIMIT = 180_000_000_000
weights = st.integers(1_000_000, 100_000_000_000)


@pytest.mark.parametrize(
    ("trx", "weight", "energy"),
    [
        # As accounts of a java-tron net reported them.
        (7_000, 18_002_999_970, 69_988),
        (6_998.499999, 18_002_999_970, 69_973),
        (992_990, 18_002_999_970, 9_928_245),
    ],
)
def test_energy_is_what_the_network_says(trx: float, weight: int, energy: int) -> None:
    assert energy_of_stake(round(trx * 1_000_000), LIMIT, weight) == energy


@given(st.integers(0, 1_000_000_000), weights)
@example(142_695_361, 24_160_716_150)  # the doubles round up: a sun less than exact is enough
@example(25_331_839, 20_771_852_273)
@example(2_364_027, 15_531_000_000)  # the doubles round down: one more is needed
@example(5_308_560, 19_880_000_000)
def test_the_stake_is_enough_and_not_a_sun_more(energy: int, weight: int) -> None:
    sun = stake_for_energy(energy, LIMIT, weight)
    assert energy_of_stake(sun, LIMIT, weight) >= energy
    assert sun == 0 or energy_of_stake(sun - 1, LIMIT, weight) < energy


@given(st.integers(0, 1_000_000_000), weights)
@example(464_000, 20_970_000_000)  # exactly enough, which the doubles round down
def test_calls_can_spend_what_their_stake_is_for(energy: int, weight: int) -> None:
    sun = stake_for_calls(energy, LIMIT, weight)
    assert sun % SUN_PER_TRX == 0
    assert energy_for_calls(sun, LIMIT, weight) >= energy
    assert sun == 0 or energy_for_calls(sun - 1, LIMIT, weight) < energy


@given(st.integers(0, 10**17), weights)
def test_calls_never_have_more_than_the_limit(sun: int, weight: int) -> None:
    calls, limit = energy_for_calls(sun, LIMIT, weight), energy_of_stake(sun, LIMIT, weight)
    assert calls <= limit
    assert calls == energy_for_calls(sun // SUN_PER_TRX * SUN_PER_TRX, LIMIT, weight)


def test_a_contract_call_counts_whole_trx_only() -> None:
    weight = 18_000_100_000
    assert energy_of_stake(13_028_572_381, LIMIT, weight) == 130_285
    assert energy_for_calls(13_028_572_381, LIMIT, weight) == 130_279
    assert stake_for_calls(130_285, LIMIT, weight) == 13_029_000_000


@given(st.integers(0, 10**16), weights)
def test_the_fraction_is_cut_off(sun: int, weight: int) -> None:
    exact = Fraction(sun * LIMIT, weight * 1_000_000)
    energy = energy_of_stake(sun, LIMIT, weight)
    # The network's doubles matter only where the exact figure is all but a whole number.
    blur = (1 + exact) / 10**12
    assert -blur < exact - energy < 1 + blur


@given(st.integers(0, 10**17), st.integers(0, 10**12), weights)
def test_more_stake_never_yields_less(sun: int, more: int, weight: int) -> None:
    assert energy_of_stake(sun + more, LIMIT, weight) >= energy_of_stake(sun, LIMIT, weight)


@pytest.mark.parametrize(("limit", "weight"), [(0, 1), (1, 0), (-1, 1), (1, -1)])
def test_there_is_no_energy_without_totals(limit: int, weight: int) -> None:
    with pytest.raises(ValueError, match="no energy to share"):
        energy_of_stake(1, limit, weight)
    with pytest.raises(ValueError, match="no energy to share"):
        stake_for_energy(1, limit, weight)


def test_no_stake_is_sought_for_negative_energy() -> None:
    with pytest.raises(ValueError, match="no amount"):
        stake_for_energy(-1, LIMIT, 1)
