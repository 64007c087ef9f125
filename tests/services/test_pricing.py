"""Prices and unique amounts: exact integers, in sun."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services import pricing
from services.pricing import Need, Step, Tariff

HOUR, DAY = 3600, 86_400


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    """Any tariff, also one whose steps go up and down."""
    steps = draw(
        st.lists(
            st.builds(Step, st.integers(1, 10**6), st.integers(1, 1_000)),
            max_size=4,
            unique_by=lambda step: step.from_energy,
        )
    )
    return Tariff(
        sun_per_energy=draw(st.integers(1, 1_000)),
        minimum_sun=draw(st.integers(0, 10**7)),
        steps=tuple(sorted(steps, key=lambda step: step.from_energy)),
        surge_percent=draw(st.integers(0, 300)),
    )


@st.composite
def needs(draw: st.DrawFn) -> Need:
    first = draw(st.integers(1, 10**6))
    return Need(first=first, next=draw(st.integers(1, first)), own=draw(st.integers(0, 2 * 10**6)))


def test_the_figures_of_one_transfer_to_a_holder() -> None:
    energy = pricing.with_margin(64_285, 10)
    assert energy == 70_714
    assert Tariff(40, 1_000_000).price_sun(energy) == 2_828_560
    assert pricing.burn_sun(64_285, 100) == 6_428_500


def test_a_small_order_costs_the_minimum() -> None:
    assert Tariff(40, 1_000_000).price_sun(10) == 1_000_000
    assert Tariff(40, 1_000_000).price_sun(0) == 0


def test_a_large_order_costs_less_for_each_unit() -> None:
    tariff = Tariff(40, steps=(Step(1_000_000, 36), Step(5_000_000, 30)))
    assert tariff.price_sun(100_000) == 4_000_000
    assert tariff.price_sun(1_000_000) == 36_000_000
    assert tariff.price_sun(2_000_000) == 72_000_000
    assert tariff.price_sun(5_000_000) == 150_000_000
    # 40 for each would be 39,999,960: more than a larger order costs.
    assert tariff.price_sun(999_999) == 36_000_000


def test_the_surge_comes_on_top_and_the_minimum_last() -> None:
    assert Tariff(40, 1_000_000, surge_percent=25).price_sun(70_714) == 3_535_700
    assert Tariff(1, surge_percent=50).price_sun(3) == 5
    assert Tariff(40, 1_000_000, surge_percent=100).price_sun(100) == 1_000_000


def test_the_first_transfer_is_dearer_than_those_that_follow() -> None:
    need = Need(first=143_314, next=70_714)
    assert [need.energy(count) for count in range(4)] == [0, 143_314, 214_028, 284_742]
    assert Need(first=143_314, next=70_714, own=150_000).energy(2) == 64_028
    assert Need(first=143_314, next=70_714, own=150_000).energy(1) == 0


@given(st.integers(1, 10**9), st.integers(0, 100))
def test_the_margin_is_never_rounded_away(energy: int, percent: int) -> None:
    padded = pricing.with_margin(energy, percent)
    assert padded * 100 >= energy * (100 + percent)
    assert (padded - 1) * 100 < energy * (100 + percent)


@given(tariffs(), st.lists(st.integers(0, 2 * 10**6), min_size=2, max_size=9))
def test_more_energy_never_costs_less(tariff: Tariff, amounts: list[int]) -> None:
    edges = {step.from_energy + by for step in tariff.steps for by in (-1, 0, 1)}
    prices = [tariff.price_sun(energy) for energy in sorted({*amounts, *edges})]
    assert all(less <= more for less, more in pairwise(prices))


@given(tariffs(), st.integers(1, 2 * 10**6))
def test_nobody_pays_less_than_the_minimum_or_more_than_without_steps(
    tariff: Tariff, energy: int
) -> None:
    price = tariff.price_sun(energy)
    assert price >= tariff.minimum_sun
    highest = max([tariff.sun_per_energy, *(step.sun_per_energy for step in tariff.steps)])
    assert price <= max(
        tariff.minimum_sun, -(-energy * highest * (100 + tariff.surge_percent) // 100)
    )


@given(tariffs(), st.integers(0, 10**10))
def test_the_most_energy_for_some_trx(tariff: Tariff, amount: int) -> None:
    energy = tariff.affordable_energy(amount)
    assert tariff.price_sun(energy) <= amount
    assert tariff.price_sun(energy + 1) > amount


@given(tariffs(), needs(), st.integers(0, 10**10))
def test_trx_buys_the_most_transfers_that_cost_no_more(
    tariff: Tariff, need: Need, amount: int
) -> None:
    count = pricing.affordable_transfers(amount, need, tariff)
    assert tariff.price_sun(need.energy(count)) <= amount
    assert tariff.price_sun(need.energy(count + 1)) > amount


@given(tariffs(), needs(), st.integers(1, 1000))
def test_what_transfers_cost_buys_as_many(tariff: Tariff, need: Need, transfers: int) -> None:
    price = tariff.price_sun(need.energy(transfers))
    assert pricing.affordable_transfers(price, need, tariff) >= transfers


@given(needs(), st.integers(0, 10**9))
def test_the_most_transfers_within_some_energy(need: Need, energy: int) -> None:
    count = need.transfers_within(energy)
    assert need.energy(count) <= energy
    assert need.energy(count + 1) > energy


CURVE = [(DAY, Tariff(170)), (HOUR, Tariff(40)), (3 * DAY, Tariff(360))]


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
