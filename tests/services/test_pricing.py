"""Prices and unique amounts: exact integers, in sun."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services import pricing


def test_the_figures_of_one_transfer_to_a_holder() -> None:
    energy = pricing.with_margin(64_285, 10)
    assert energy == 70_714
    assert pricing.price_sun(energy, 40, 1_000_000) == 2_828_560
    assert pricing.burn_sun(64_285, 100) == 6_428_500


def test_a_small_order_costs_the_minimum() -> None:
    assert pricing.price_sun(10, 40, 1_000_000) == 1_000_000


@given(st.integers(1, 10**9), st.integers(0, 100))
def test_the_margin_is_never_rounded_away(energy: int, percent: int) -> None:
    padded = pricing.with_margin(energy, percent)
    assert padded * 100 >= energy * (100 + percent)
    assert (padded - 1) * 100 < energy * (100 + percent)


@given(
    st.integers(0, 10**12),
    st.integers(1, 10**6),
    st.integers(1, 1000),
    st.integers(0, 10**7),
)
def test_what_trx_buys_costs_no_more_than_the_trx(
    amount: int, energy: int, unit: int, minimum: int
) -> None:
    count = pricing.affordable_transfers(
        amount, energy_per_transfer=energy, sun_per_energy=unit, minimum_sun=minimum
    )
    if count:
        assert pricing.price_sun(count * energy, unit, minimum) <= amount
    if amount >= minimum:
        assert (count + 1) * energy * unit > amount


@given(st.integers(1, 10**9), st.integers(1, 50), st.data())
def test_a_unique_amount_is_free_and_close_to_the_price(
    price: int, tail: int, data: st.DataObject
) -> None:
    taken = data.draw(st.sets(st.integers(price + 1, price + tail)))
    amount = pricing.unique_amount(price, tail_sun=tail, reserved=taken, random=Random(7))
    if len(taken) == tail:
        assert amount is None
    else:
        assert amount is not None
        assert amount not in taken
        assert price < amount <= price + tail
