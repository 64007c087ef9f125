"""Prices: versions, steps, times of validity, the surge, and what a restart does to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.contracts import DelegateResource, Resource
from composition import prepare
from db.prices import PriceRow
from services.inventory import Capacity
from services.prices import publish_prices
from services.surge import SurgeStep, surge_percent
from tests.support.shop import START, TRX, USER, Shop, address, open_shop

HOUR = PriceRow("", Decimal(1), 40, 1_000_000)


async def on_offer(shop: Shop) -> dict[timedelta, int]:
    return {price.duration: price.sun_per_energy for price in await shop.services.quotes.prices()}


async def quote_sun(shop: Shop, transfers: int) -> int:
    [price, *_] = await shop.services.quotes.prices()
    found = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=transfers, price_id=price.id
    )
    return found.price_sun


async def test_larger_orders_cost_less_for_each_unit(database: str) -> None:
    steps = [{"from_energy": 700_000, "sun_per_energy": 30}]
    prices: list[dict[str, object]] = [{"duration_hours": 1, "sun_per_energy": 40, "steps": steps}]
    async with open_shop(database, prices=prices, pools={"pool": 500_000}) as shop:
        assert await quote_sun(shop, 3) == 3 * 70_714 * 40
        # Nine at 40 would cost more than as many as reach the step.
        assert await quote_sun(shop, 9) == 700_000 * 30
        assert await quote_sun(shop, 10) == 10 * 70_714 * 30


async def test_the_valid_price_that_began_last_is_on_offer(shop: Shop) -> None:
    day = timedelta(days=1)
    await publish_prices(
        shop.database,
        [
            HOUR,
            replace(HOUR, sun_per_energy=30, valid_from=START + day),
            replace(
                HOUR,
                sun_per_energy=20,
                valid_from=START + 2 * day,
                valid_until=START + 3 * day,
            ),
            replace(HOUR, duration_hours=Decimal(24), valid_until=START + day),
        ],
    )
    seen = []
    for _ in range(4):
        seen.append(await on_offer(shop))
        shop.advance(86_400)
        await shop.block()
    hour = timedelta(hours=1)
    assert seen == [{hour: 40, timedelta(days=1): 40}, {hour: 30}, {hour: 20}, {hour: 30}]


async def test_a_quote_keeps_its_price_when_prices_change(shop: Shop) -> None:
    [price, *_] = await shop.services.quotes.prices()
    made = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=1, price_id=price.id
    )
    await publish_prices(shop.database, [replace(HOUR, sun_per_energy=99)])
    order = await shop.services.orders.place(USER, made.id)
    assert made.price_sun < order.amount_sun <= made.price_sun + 999


async def test_a_published_price_is_never_changed(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        with pytest.raises(asyncpg.RestrictViolationError, match="publish a new one"):
            await tx.connection.execute("UPDATE price_configs SET minimum_sun = 1")


async def test_what_an_operator_changed_outlives_a_restart(shop: Shop) -> None:
    changed = PriceRow("by hand", Decimal(1), 55, 1_000_000)
    async with shop.database.transaction() as tx:
        await tx.prices.publish([changed])
    await prepare(shop.settings, shop.database, shop.services)
    assert await on_offer(shop) == {timedelta(hours=1): 55}


async def test_a_changed_configuration_is_published(shop: Shop) -> None:
    async with shop.database.transaction() as tx:
        await tx.prices.publish([PriceRow("by hand", Decimal(1), 55, 1_000_000)])
    assert await publish_prices(shop.database, [replace(HOUR, sun_per_energy=44)])
    assert await on_offer(shop) == {timedelta(hours=1): 44}
    assert not await publish_prices(shop.database, [replace(HOUR, sun_per_energy=44)])
    # Back to a price that there was before.
    await prepare(shop.settings, shop.database, shop.services)
    assert (await on_offer(shop))[timedelta(hours=1)] == 40


async def test_little_free_energy_makes_it_dearer(database: str) -> None:
    surge = [
        {"free_percent": 50, "add_percent": 25},
        {"free_percent": 10, "add_percent": 100},
    ]
    async with open_shop(database, energy={"surge": surge}, pools={"pool": 500_000}) as shop:
        usual = 70_714 * 40
        seen = [await quote_sun(shop, 1)]  # all of it is free
        for lent in (300_000, 160_000):
            shop.send(
                DelegateResource(address("pool"), address("ben"), lent * TRX, Resource.ENERGY),
                "pool",
            )
            await shop.block()
            shop.services.inventory._cached = None
            seen.append(await quote_sun(shop, 1))
        assert seen == [usual, usual * 125 // 100, usual * 2]
        [price, *_] = await shop.services.quotes.prices()
        typical = await shop.services.quotes.typical()
        assert typical.price_sun == usual * 2
        made = await shop.services.quotes.quote(
            USER, recipient=address("ann"), transfers=1, price_id=price.id
        )
        assert made.surge_percent == 100
        async with shop.database.transaction() as tx:
            assert (await tx.quotes.get(made.id)).surge_percent == 100


@given(
    st.lists(
        st.builds(SurgeStep, st.integers(1, 100), st.integers(1, 1000)),
        unique_by=lambda step: step.free_percent,
    ),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_the_surge_is_that_of_the_lowest_share_there_is_less_than(
    steps: list[SurgeStep], free: int, total: int
) -> None:
    percent = surge_percent(Capacity(free, total), steps)
    reached = [step for step in steps if total and free / total < step.free_percent / 100 - 1e-12]
    if not reached:
        assert percent in (0, *(step.add_percent for step in steps))
        return
    lowest = min(reached, key=lambda step: step.free_percent)
    assert percent in {
        step.add_percent for step in steps if step.free_percent <= lowest.free_percent
    }
