"""Energy and bandwidth: what stakes yield, how use recovers, and where it goes with the stake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import Resource
from sandbox.tron.accounts import Account, Holding
from sandbox.tron.chain import LocalChain
from sandbox.tron.parameters import TRX
from sandbox.tron.resources import (
    FULL_WINDOW,
    WINDOW,
    Market,
    after_taking_back,
    after_use,
    delegatable,
    free_used,
    left,
    recovered,
    taken_back,
    used,
)
from sandbox.tron.state import ENERGY_WEIGHT
from tests.sandbox.tron.support import (
    CUSTOMER,
    HOLDER,
    HOUR_S,
    POOL,
    STRANGER,
    carry_out,
    delegated,
    reclaimed,
    usdt,
)

ENERGY = Market(180_000_000_000, 18_000_000_000)
NOW = 600_000_000

energies = st.integers(min_value=0, max_value=10**10)
stakes = st.integers(min_value=0, max_value=10**15)
slots = st.integers(min_value=0, max_value=3 * WINDOW)


def test_one_trx_yields_ten_energy() -> None:
    assert ENERGY.units(6_500 * TRX) == 65_000
    assert ENERGY.units(TRX - 1) == 9
    assert ENERGY.units_for_calls(TRX - 1) == 0
    assert ENERGY.stake(65_000) == 6_500 * TRX


def test_use_recovers_evenly_over_a_day() -> None:
    holding = after_use(Holding(acquired=6_500 * TRX), 65_000, NOW)
    assert used(holding, NOW) == 65_000
    assert used(holding, NOW + WINDOW // 4) == 48_750
    assert used(holding, NOW + WINDOW // 2) == 32_500
    assert used(holding, NOW + WINDOW - 1) == 2
    assert used(holding, NOW + WINDOW) == 0


def test_fresh_use_stretches_the_window_by_its_share() -> None:
    holding = after_use(Holding(), 60_000, NOW)
    holding = after_use(holding, 30_000, NOW + WINDOW // 2)
    # 30,000 left for half a day and 30,000 for a day: three quarters of a day for both.
    assert holding.used == 60_000
    assert holding.window == FULL_WINDOW * 3 // 4


@given(amount=energies, more=energies, first=slots, second=slots)
def test_use_is_never_negative_and_only_fades(
    amount: int, more: int, first: int, second: int
) -> None:
    holding = after_use(Holding(), amount, NOW)
    holding = after_use(holding, more, NOW + first)
    # Rounding up per slot may add a unit per use and window.
    assert 0 <= holding.used <= amount + more + 2
    assert 0 < holding.window <= FULL_WINDOW
    earlier, later = sorted((first, first + second))
    assert 0 <= used(holding, NOW + later) <= used(holding, NOW + earlier)
    assert used(holding, NOW + first + WINDOW) == 0


@given(amount=energies, elapsed=slots)
def test_looking_does_not_change_what_is_seen(amount: int, elapsed: int) -> None:
    holding = after_use(Holding(), amount, NOW)
    now = NOW + elapsed
    assert recovered(holding, now).used == used(holding, now)


@given(own=stakes, acquired=stakes, share=st.fractions(0, 1), use=st.fractions(0, 1), after=slots)
def test_use_goes_back_with_the_stake(
    own: int, acquired: int, share: object, use: object, after: int
) -> None:
    stake = int(acquired * share)  # type: ignore[operator]
    receiver = Holding(own=own, acquired=acquired)
    receiver = after_use(receiver, int(ENERGY.units(receiver.yielding) * use), NOW)  # type: ignore[operator]
    before = used(receiver, NOW + after)
    if not receiver.yielding:
        return
    rest, moved = taken_back(receiver, stake, ENERGY, NOW + after)
    assert rest.acquired == acquired - stake
    assert moved >= 0
    assert rest.used == before - moved >= 0
    assert moved <= ENERGY.units(stake)
    owner = after_taking_back(Holding(own=stake), rest, moved, NOW + after)
    assert owner.used == moved
    assert owner.window <= FULL_WINDOW


@given(own=stakes, acquired=stakes, use=energies, after=slots)
def test_delegatable_is_the_largest_stake_that_its_use_can_spare(
    own: int, acquired: int, use: int, after: int
) -> None:
    holding = after_use(Holding(own=own, acquired=acquired), use, NOW)
    account = Account(POOL.address, energy=holding)
    size = delegatable(account, Resource.ENERGY, ENERGY, NOW + after)
    in_use = ENERGY.stake(used(holding, NOW + after))

    def spared(stake: int) -> bool:
        # What was lent to the account covers its use first, its own stake the rest.
        return own - stake >= max(0, in_use - acquired)

    assert size <= own
    if size >= 0:
        assert spared(size)
        assert not spared(size + 1)


def test_no_weight_yields_nothing() -> None:
    assert Market(180_000_000_000, 0).units(TRX) == 0
    assert left(Holding(own=TRX), Market(180_000_000_000, 0), NOW) == 0


def test_free_bandwidth_recovers_over_a_day() -> None:
    assert free_used(600, NOW, NOW) == 600
    assert free_used(600, NOW, NOW + WINDOW // 2) == 300
    assert free_used(600, NOW, NOW + WINDOW) == 0


@pytest.mark.parametrize(
    ("hours", "unavailable_share"), [(1, 23 / 24), (3, 21 / 24), (6, 18 / 24), (24, 0)]
)
def test_a_used_rental_blocks_its_stake_until_it_recovers(
    chain: LocalChain, hours: int, unavailable_share: float
) -> None:
    rented = 13_829
    carry_out(chain, delegated(rented), POOL)
    receipt = carry_out(chain, usdt(1, STRANGER.address), CUSTOMER, fee_limit=50 * TRX)
    assert receipt.energy_usage == 130_285
    before = _delegatable(chain)
    chain.advance_time(hours * HOUR_S - 6)
    carry_out(chain, reclaimed(rented), POOL)
    blocked = before + rented * TRX - _delegatable(chain)
    in_use = 130_285 / 180_000_000_000 * chain.view.number(ENERGY_WEIGHT) * TRX
    assert blocked == pytest.approx(in_use * unavailable_share, rel=0.001, abs=2 * TRX)


def test_an_unused_rental_comes_back_whole(chain: LocalChain) -> None:
    before = _delegatable(chain)
    carry_out(chain, delegated(13_829), POOL)
    assert _delegatable(chain) == before - 13_829 * TRX
    carry_out(chain, reclaimed(13_829), POOL)
    assert _delegatable(chain) == before


def test_the_ratio_can_be_changed(chain: LocalChain) -> None:
    carry_out(chain, delegated(10_000, HOLDER.address), POOL)
    for per_trx in (9.5, 11, 74.6):
        chain.set_energy_per_trx(per_trx)
        account = chain.account(HOLDER.address)
        assert account is not None
        energy = Market(chain.parameters.total_energy_limit, chain.view.number(ENERGY_WEIGHT))
        assert energy.units(account.energy.yielding) == pytest.approx(10_000 * per_trx, rel=1e-6)


def _delegatable(chain: LocalChain) -> int:
    account = chain.account(POOL.address)
    assert account is not None
    energy = Market(chain.parameters.total_energy_limit, chain.view.number(ENERGY_WEIGHT))
    return delegatable(account, Resource.ENERGY, energy, chain.head.time_ms // 3_000)
