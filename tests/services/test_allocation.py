"""Choosing pools: every rule by itself, and what must hold for every demand and every stock."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterator, Sequence
from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.addresses import Address
from chain.energy import SUN_PER_TRX
from services.allocation import (
    SMALLEST_DELEGATION_SUN,
    Allocation,
    EnergyRate,
    PoolStock,
    allocate,
    largest_order_energy,
    less,
    sellable_energy,
)

# Ten energy for a TRX.
RATE = EnergyRate(total_limit=180_000_000_000, total_weight=18_000_000_000)
NAMES = [Address(f"T{letter * 33}") for letter in "ABCDEFGH"]
A, B, C, *_ = NAMES
ENERGY = 50_000
NEEDED_TRX = 5_000

# From ten energy for a TRX down to less than one, where a TRX alone is worth nothing.
rates = st.builds(
    EnergyRate,
    total_limit=st.just(180_000_000_000),
    total_weight=st.integers(2_000_000_000, 300_000_000_000),
)


def _pools(
    stakes: st.SearchStrategy[int], caps: st.SearchStrategy[int], *, least: int = 0, most: int
) -> st.SearchStrategy[list[PoolStock]]:
    # Mostly alike, so that the later rules have a say, and mostly able to deliver.
    seldom = st.sampled_from((0, 0, 0, 1))
    limits = st.sampled_from((None, None, None, 0, 1, 2))
    pool = st.builds(
        PoolStock,
        pool=st.sampled_from(NAMES),
        stake_sun=stakes,
        cap_sun=st.none() | caps,
        priority=seldom,
        free_transactions=st.sampled_from((1_000_000, 2, 1, 0)),
        paid_transactions=st.integers(0, 2),
        burn_sun=st.sampled_from((0, 280_000)),
        delegations_left=limits,
        busy=seldom,
        cost_sun=seldom,
    )
    return st.lists(pool, min_size=least, max_size=most, unique_by=lambda stock: stock.pool)


def trx(amount: float) -> int:
    return round(amount * SUN_PER_TRX)


# Some at a whole TRX, where all the boundaries are.
small = st.integers(0, 12).map(trx) | st.integers(0, trx(12))
stocks = _pools(st.integers(0, trx(200_000)), st.integers(0, trx(50_000)), most=8)
few_stocks = _pools(small, small, most=5)
# Mostly equally rich, and so few TRX that they often fit equally well.
rivals = _pools(small | st.sampled_from((trx(4), trx(4.5), trx(5), trx(7))), small, least=3, most=5)
# Unequal and unequally preferred, so that splits must weigh size against rank.
unequal = st.lists(
    st.builds(
        PoolStock,
        pool=st.sampled_from(NAMES),
        stake_sun=st.integers(1, 12).map(trx),
        priority=st.integers(0, 3),
    ),
    min_size=3,
    max_size=6,
    unique_by=lambda stock: stock.pool,
)
# Of the largest order that can be delivered.
percents = st.integers(1, 100)
lenders = st.frozensets(st.sampled_from(NAMES))


def can_give(stock: PoolStock) -> int:
    """The sun of the largest delegation, by the rules one after the other."""
    if stock.free_transactions + stock.paid_transactions == 0 or stock.delegations_left == 0:
        return 0
    sun = stock.stake_sun
    if stock.cap_sun is not None and stock.cap_sun < sun:
        sun = stock.cap_sun
    return sun // SUN_PER_TRX * SUN_PER_TRX


# ── what must always hold ──────────────────────────────────────────────────────────────────────


@given(found=stocks, rate=rates, lending=lenders, percent=percents)
def test_an_allocation_delivers_what_was_sold_and_never_more_than_a_pool_may(
    found: list[PoolStock], rate: EnergyRate, lending: frozenset[Address], percent: int
) -> None:
    energy = math.ceil(largest_order_energy(found, rate) * percent / 100)
    if energy == 0:
        return
    allocations = allocate(energy, found, rate, lending=lending)
    assert allocations is not None
    by_pool = {stock.pool: stock for stock in found}
    assert sum(allocation.energy for allocation in allocations) == energy
    for allocation in allocations:
        stock = by_pool[allocation.pool]
        assert allocation.energy > 0
        assert SMALLEST_DELEGATION_SUN <= allocation.stake_sun <= stock.stake_sun
        assert stock.cap_sun is None or allocation.stake_sun <= stock.cap_sun
        assert stock.delegations_left is None or stock.delegations_left > 0
        assert stock.free_transactions + stock.paid_transactions > 0
        assert allocation.stake_sun % SUN_PER_TRX == 0, "calls count whole TRX only"
        assert rate.energy_of(allocation.stake_sun) >= allocation.energy
        less_sun = allocation.stake_sun - SUN_PER_TRX
        assert less_sun == 0 or rate.energy_of(less_sun) < allocation.energy, "no TRX too many"
    assert len({allocation.pool for allocation in allocations}) == len(allocations)


@given(energy=st.integers(1, 200), found=few_stocks, rate=rates)
def test_an_order_is_refused_only_if_no_pools_together_could_deliver_it(
    energy: int, found: list[PoolStock], rate: EnergyRate
) -> None:
    allocations = allocate(energy, found, rate)
    assert (allocations is not None) == bool(list(_smallest_groups(energy, found, rate)))
    assert (allocations is not None) == (energy <= largest_order_energy(found, rate))


@given(found=few_stocks, rate=rates)
def test_the_largest_order_can_be_delivered_and_none_larger(
    found: list[PoolStock], rate: EnergyRate
) -> None:
    most = largest_order_energy(found, rate)
    assert most == 0 or allocate(most, found, rate) is not None
    assert allocate(most + 1, found, rate) is None


@given(energy=st.integers(1, 200), found=few_stocks, rate=rates)
def test_no_smaller_number_of_pools_could_deliver(
    energy: int, found: list[PoolStock], rate: EnergyRate
) -> None:
    allocations = allocate(energy, found, rate)
    groups = list(_smallest_groups(energy, found, rate))
    assert allocations is None or len(allocations) == len(groups[0])


@settings(max_examples=500)
@given(found=rivals | unequal, rate=rates, lending=lenders, percent=percents)
def test_the_pools_are_the_first_by_the_rules_that_the_smallest_number_leaves(
    found: list[PoolStock], rate: EnergyRate, lending: frozenset[Address], percent: int
) -> None:
    energy = math.ceil(largest_order_energy(found, rate) * percent / 100)
    if energy == 0:
        return
    allocations = allocate(energy, found, rate, lending=lending)
    assert allocations is not None
    ways = [
        way
        for group in _smallest_groups(energy, found, rate)
        for way in permutations(group)
        if sum(rate.energy_of(can_give(stock)) for stock in way) >= energy
    ]
    best = min(ways, key=lambda way: _merit(way, energy, rate, lending))
    assert [allocation.pool for allocation in allocations] == [stock.pool for stock in best]
    for allocation, stock in zip(allocations[:-1], best, strict=False):
        assert allocation.energy == rate.energy_of(can_give(stock)), "only the last gives a part"


def _smallest_groups(
    energy: int, found: Sequence[PoolStock], rate: EnergyRate
) -> Iterator[tuple[PoolStock, ...]]:
    """All groups of as few pools as can be that could deliver `energy` together."""
    for size in range(1, len(found) + 1):
        enough = [
            group
            for group in combinations(found, size)
            if sum(rate.energy_of(can_give(stock)) for stock in group) >= energy
        ]
        if enough:
            yield from enough
            return


def _merit(
    way: Sequence[PoolStock], energy: int, rate: EnergyRate, lending: Container[Address]
) -> tuple[object, ...]:
    """The lower the better: pools in turn, all but the last of them as whole as may be."""
    *whole, last = way
    rest = energy - sum(rate.energy_of(can_give(stock)) for stock in whole)
    left = last.stake_sun - rate.stake_for(rest)
    return (
        *(
            (
                *_standing(stock, lending),
                0 < stock.stake_sun - can_give(stock) < SUN_PER_TRX,
                -can_give(stock),
                stock.pool,
            )
            for stock in whole
        ),
        (*_standing(last, lending), 0 < left < SUN_PER_TRX, left, last.pool),
    )


def _standing(stock: PoolStock, lending: Container[Address]) -> tuple[object, ...]:
    step, trx_left = 0, stock.stake_sun // SUN_PER_TRX
    while trx_left:
        step, trx_left = step + 1, trx_left // 2
    return (
        -stock.priority,
        -step,
        stock.busy,
        stock.burn_sun if stock.free_transactions == 0 else 0,
        stock.cost_sun,
        stock.pool in lending,
    )


@given(
    energy=st.integers(1, 3_000_000),
    found=stocks,
    rate=rates,
    lending=lenders,
    random=st.randoms(use_true_random=False),
)
def test_the_order_of_the_pools_does_not_matter(
    energy: int,
    found: list[PoolStock],
    rate: EnergyRate,
    lending: frozenset[Address],
    random: Random,
) -> None:
    other = list(found)
    random.shuffle(other)
    once = allocate(energy, found, rate, lending=lending)
    assert once == allocate(energy, other, rate, lending=lending)


@given(energies=st.lists(st.integers(1, 600_000), max_size=20), found=stocks, rate=rates)
def test_orders_after_one_another_never_take_more_than_there_was(
    energies: list[int], found: list[PoolStock], rate: EnergyRate
) -> None:
    left = tuple(found)
    taken: dict[Address, list[int]] = {stock.pool: [] for stock in found}
    for energy in energies:
        allocations = allocate(energy, left, rate) or ()
        left = less(left, allocations)
        for allocation in allocations:
            taken[allocation.pool].append(allocation.stake_sun)
    for before, after in zip(found, left, strict=True):
        stakes = taken[before.pool]
        assert sum(stakes) <= before.stake_sun
        assert before.cap_sun is None or all(stake <= before.cap_sun for stake in stakes)
        assert len(stakes) <= before.free_transactions + before.paid_transactions
        assert before.delegations_left is None or len(stakes) <= before.delegations_left

        assert after.stake_sun == before.stake_sun - sum(stakes)
        assert after.busy == before.busy + len(stakes)
        assert after.free_transactions == max(0, before.free_transactions - len(stakes))
        paid = max(0, len(stakes) - before.free_transactions)
        assert after.paid_transactions == before.paid_transactions - paid
        if before.delegations_left is None:
            assert after.delegations_left is None
        else:
            assert after.delegations_left == before.delegations_left - len(stakes)


@given(found=few_stocks, rate=rates)
def test_what_is_sellable_can_be_delivered_by_one_delegation_after_the_other(
    found: list[PoolStock], rate: EnergyRate
) -> None:
    delivered = 0
    for stock in found:
        left: tuple[PoolStock, ...] = (stock,)
        while (most := largest_order_energy(left, rate)) > 0:
            allocations = allocate(most, left, rate)
            assert allocations is not None
            delivered += most
            left = less(left, allocations)
    # Where a TRX is worth less than one energy, the last of a delegation may be worth nothing and
    # is not lent with it.
    if rate.total_limit >= rate.total_weight:
        assert delivered == sellable_energy(found, rate)
    assert delivered >= sellable_energy(found, rate)


# ── the rules, each over all that come after it ────────────────────────────────────────────────


def pool_for(*found: PoolStock, lending: Container[Address] = frozenset()) -> Address:
    """The pool that delivers `ENERGY`, whichever way round the pools are given."""
    (allocation,) = allocate(ENERGY, found, RATE, lending=lending) or ()
    assert allocate(ENERGY, found[::-1], RATE, lending=lending) == (allocation,)
    assert allocation == Allocation(allocation.pool, ENERGY, trx(NEEDED_TRX))
    return allocation.pool


def test_fewest_transactions_come_before_the_operators_priority() -> None:
    preferred = [PoolStock(name, trx(NEEDED_TRX - 1), priority=9) for name in (A, B)]
    assert pool_for(*preferred, PoolStock(C, trx(NEEDED_TRX))) == C


def test_the_operators_priority_comes_before_wealth() -> None:
    assert pool_for(PoolStock(A, trx(90_000)), PoolStock(B, trx(6_000), priority=1)) == B


def test_rich_pools_come_before_idle_ones() -> None:
    assert pool_for(PoolStock(A, trx(8_000)), PoolStock(B, trx(16_400), busy=50)) == B


def test_pools_within_a_step_of_two_are_equally_rich() -> None:
    assert pool_for(PoolStock(A, trx(16_383), busy=1), PoolStock(B, trx(8_192))) == B


def test_load_is_spread_before_burning_is_spared() -> None:
    burning = PoolStock(B, trx(8_100), free_transactions=0, paid_transactions=1, burn_sun=280_000)
    assert pool_for(PoolStock(A, trx(6_000), busy=1), burning) == B


def test_burning_is_spared_before_the_operators_cost() -> None:
    burning = PoolStock(A, trx(6_000), free_transactions=0, paid_transactions=1, burn_sun=280_000)
    assert pool_for(burning, PoolStock(B, trx(6_000), burn_sun=280_000, cost_sun=60_000)) == B


def test_less_is_burned_where_both_must_burn() -> None:
    much = PoolStock(A, trx(6_000), free_transactions=0, paid_transactions=1, burn_sun=280_000)
    little = PoolStock(B, trx(6_000), free_transactions=0, paid_transactions=1, burn_sun=1_000)
    assert pool_for(much, little) == B


def test_the_operators_cost_comes_before_who_lends_already() -> None:
    found = PoolStock(A, trx(6_000), cost_sun=2), PoolStock(B, trx(6_000), cost_sun=1)
    assert pool_for(*found, lending={B}) == B


def test_a_pool_that_does_not_lend_to_the_receiver_comes_before_the_best_fit() -> None:
    found = PoolStock(A, trx(5_000)), PoolStock(B, trx(8_000))
    assert pool_for(*found, lending={A}) == B
    assert pool_for(*found, lending={A, B}) == A


def test_no_remainder_too_small_to_delegate_comes_before_the_smallest_remainder() -> None:
    assert pool_for(PoolStock(A, trx(5_000.5)), PoolStock(B, trx(5_001))) == B
    assert pool_for(PoolStock(A, trx(5_000.5)), PoolStock(B, trx(5_000))) == B


def test_the_smallest_remainder_comes_before_the_address() -> None:
    assert pool_for(PoolStock(A, trx(8_000)), PoolStock(B, trx(6_000))) == B


def test_pools_alike_are_taken_by_their_address() -> None:
    assert pool_for(PoolStock(B, trx(6_000)), PoolStock(A, trx(6_000))) == A


# ── splits ─────────────────────────────────────────────────────────────────────────────────────


def test_an_order_larger_than_any_pool_is_split_with_the_largest_first() -> None:
    found = [PoolStock(A, trx(4_000)), PoolStock(B, trx(5_000))]
    assert allocate(65_000, found, RATE) == (
        Allocation(B, 50_000, trx(5_000)),
        Allocation(A, 15_000, trx(1_500)),
    )


def test_a_split_prefers_pools_by_the_rules_as_far_as_their_number_stays_smallest() -> None:
    found = [
        PoolStock(A, trx(5_000)),
        PoolStock(B, trx(5_000)),
        PoolStock(C, trx(1_500), priority=1),
    ]
    assert allocate(65_000, found, RATE) == (
        Allocation(C, 15_000, trx(1_500)),
        Allocation(A, 50_000, trx(5_000)),
    )
    # A little more, and the preferred pool would make it three.
    assert allocate(65_001, found, RATE) == (
        Allocation(A, 50_000, trx(5_000)),
        Allocation(B, 15_001, trx(1_501)),
    )


def test_a_preferred_pool_takes_the_place_of_the_smallest_in_a_split() -> None:
    found = [
        PoolStock(A, trx(5_000)),
        PoolStock(B, trx(3_000)),
        PoolStock(C, trx(2_000), priority=1),
    ]
    assert allocate(65_000, found, RATE) == (
        Allocation(C, 20_000, trx(2_000)),
        Allocation(A, 45_000, trx(4_500)),
    )


def test_preferred_pools_share_the_room_that_a_split_leaves_them() -> None:
    d, e = NAMES[3:5]
    found = [
        *(PoolStock(name, trx(5_000)) for name in (A, B, C)),
        *(PoolStock(name, trx(3_000), priority=1) for name in (d, e)),
    ]
    # Three of the largest have 25,000 more than is wanted; each preferred pool costs 20,000 of it.
    assert allocate(125_000, found, RATE) == (
        Allocation(d, 30_000, trx(3_000)),
        Allocation(A, 50_000, trx(5_000)),
        Allocation(B, 45_000, trx(4_500)),
    )


def test_a_cap_splits_an_order_that_the_stake_would_suffice_for() -> None:
    found = [PoolStock(name, trx(90_000), cap_sun=trx(4_000.9)) for name in (A, B)]
    assert allocate(ENERGY, found, RATE) == (
        Allocation(A, 40_000, trx(4_000)),
        Allocation(B, 10_000, trx(1_000)),
    )


def test_a_pool_gives_to_an_order_once_however_much_its_cap_leaves() -> None:
    found = [PoolStock(A, trx(90_000), cap_sun=trx(4_000))]
    assert allocate(40_001, found, RATE) is None
    assert largest_order_energy(found, RATE) == 40_000
    assert sellable_energy(found, RATE) == 900_000


# ── limits ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "out",
    [
        PoolStock(A, trx(0.999999)),
        PoolStock(A, -trx(5)),
        PoolStock(A, trx(90_000), cap_sun=trx(0.5)),
        PoolStock(A, trx(90_000), free_transactions=0),
        PoolStock(A, trx(90_000), delegations_left=0),
    ],
    ids=["less than 1 TRX", "below its reserve", "cap", "bandwidth", "hourly limit"],
)
def test_a_pool_that_is_out_sells_nothing(out: PoolStock) -> None:
    assert allocate(1, [out], RATE) is None
    assert sellable_energy([out], RATE) == largest_order_energy([out], RATE) == 0


@pytest.mark.parametrize(
    "limited",
    [
        lambda: PoolStock(A, trx(90_000), cap_sun=trx(4_000), delegations_left=3),
        lambda: PoolStock(
            A, trx(90_000), cap_sun=trx(4_000), free_transactions=1, paid_transactions=2
        ),
    ],
    ids=["hourly limit", "bandwidth"],
)
def test_what_is_sellable_ends_with_the_delegations_that_are_left(
    limited: Callable[[], PoolStock],
) -> None:
    assert sellable_energy([limited()], RATE) == 120_000


def test_the_sellable_rest_below_a_cap_counts() -> None:
    assert sellable_energy([PoolStock(A, trx(9_500.7), cap_sun=trx(4_000))], RATE) == 95_000


def test_bandwidth_that_is_there_is_used_before_trx_is_burned() -> None:
    stock = PoolStock(A, trx(90), free_transactions=1, paid_transactions=5, burn_sun=280_000)
    (left,) = less([stock], [Allocation(A, 10, trx(1)), Allocation(A, 10, trx(1))])
    assert (left.free_transactions, left.paid_transactions) == (0, 4)
    assert left.stake_sun == trx(88)


def test_pools_alike_take_turns() -> None:
    left: tuple[PoolStock, ...] = tuple(PoolStock(name, trx(90_000)) for name in (A, B, C))
    turns = []
    for _ in range(6):
        allocations = allocate(100, left, RATE)
        assert allocations is not None
        turns += [allocation.pool for allocation in allocations]
        left = less(left, allocations)
    assert turns == [A, B, C, A, B, C]


def test_nothing_is_promised_beyond_the_stock() -> None:
    assert allocate(65_001, [PoolStock(A, trx(6_500))], RATE) is None
    assert allocate(1, [], RATE) is None


def test_nothing_cannot_be_allocated() -> None:
    with pytest.raises(ValueError, match="nothing"):
        allocate(0, [PoolStock(A, trx(6_500))], RATE)
