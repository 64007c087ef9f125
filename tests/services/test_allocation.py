"""Choosing pools: what must hold for every demand and every stock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chain.addresses import Address
from chain.energy import SUN_PER_TRX
from services.allocation import (
    SMALLEST_DELEGATION_SUN,
    Allocation,
    EnergyRate,
    PoolStock,
    allocate,
    sellable_energy,
)

RATE = EnergyRate(total_limit=180_000_000_000, total_weight=18_000_000_000)
NAMES = [Address(f"T{letter * 33}") for letter in "ABCDEFGH"]

rates = st.builds(
    EnergyRate,
    total_limit=st.just(180_000_000_000),
    total_weight=st.integers(2_000_000_000, 30_000_000_000),
)
stocks = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 200_000_000_000)),
    max_size=8,
    unique_by=lambda stock: stock[0],
).map(lambda found: [PoolStock(pool, stake) for pool, stake in found])


def trx(amount: int) -> int:
    return amount * 1_000_000


@given(energy=st.integers(1, 3_000_000), found=stocks, rate=rates)
def test_an_allocation_delivers_what_was_sold_and_never_more_than_a_pool_has(
    energy: int, found: list[PoolStock], rate: EnergyRate
) -> None:
    allocations = allocate(energy, found, rate)
    if allocations is None:
        # Each piece must be at least 1 TRX, so the very last sun of a stock may stay unsold.
        assert sellable_energy(found, rate) < energy + len(found) * rate.energy_of(
            SMALLEST_DELEGATION_SUN
        ) + len(found)
        return
    have = {stock.pool: stock.stake_sun for stock in found}
    assert sum(allocation.energy for allocation in allocations) == energy
    for allocation in allocations:
        assert allocation.stake_sun <= have[allocation.pool]
        assert allocation.stake_sun >= SMALLEST_DELEGATION_SUN
        assert allocation.stake_sun % SUN_PER_TRX == 0, "calls count whole TRX only"
        assert rate.energy_of(allocation.stake_sun) >= allocation.energy
    assert len({allocation.pool for allocation in allocations}) == len(allocations)


@given(energy=st.integers(1, 3_000_000), found=stocks, rate=rates)
def test_no_smaller_number_of_pools_could_deliver(
    energy: int, found: list[PoolStock], rate: EnergyRate
) -> None:
    allocations = allocate(energy, found, rate)
    if allocations is None or len(allocations) == 1:
        return
    largest = sorted((rate.energy_of(stock.stake_sun) for stock in found), reverse=True)
    assert sum(largest[: len(allocations) - 1]) < energy


@given(energy=st.integers(1, 3_000_000), found=stocks, rate=rates)
def test_the_order_of_the_pools_does_not_matter(
    energy: int, found: list[PoolStock], rate: EnergyRate
) -> None:
    assert allocate(energy, found, rate) == allocate(energy, list(reversed(found)), rate)


def test_the_smallest_pool_that_suffices_is_taken() -> None:
    found = [
        PoolStock(NAMES[0], trx(100_000)),
        PoolStock(NAMES[1], trx(8_000)),
        PoolStock(NAMES[2], trx(5_000)),
    ]
    assert allocate(65_000, found, RATE) == (Allocation(NAMES[1], 65_000, trx(6_500)),)


def test_an_order_larger_than_any_pool_is_split_with_the_largest_first() -> None:
    found = [PoolStock(NAMES[0], trx(4_000)), PoolStock(NAMES[1], trx(5_000))]
    assert allocate(65_000, found, RATE) == (
        Allocation(NAMES[1], 50_000, trx(5_000)),
        Allocation(NAMES[0], 15_000, trx(1_500)),
    )


def test_nothing_is_promised_beyond_the_stock() -> None:
    assert allocate(65_001, [PoolStock(NAMES[0], trx(6_500))], RATE) is None
    assert allocate(1, [], RATE) is None
