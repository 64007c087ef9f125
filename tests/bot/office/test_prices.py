"""The prices' room: what staff see of prices, and how a new one is typed, previewed, published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from composition import prepare
from services.acts import ActFault
from services.customers import Language
from tests.bot.people import Person, World, ask_a_quote, labels, words
from tests.bot.samples import TEXTS
from tests.support.shop import TRX, USER, Shop, address

ENGLISH = TEXTS[Language.EN]
HOUR = timedelta(hours=1)


async def offered(shop: Shop) -> dict[timedelta, int]:
    return {price.duration: price.sun_per_energy for price in await shop.services.quotes.prices()}


async def log(shop: Shop) -> list[Any]:
    async with shop.database.transaction() as tx:
        rows = await tx.connection.fetch("SELECT * FROM audit_log ORDER BY id")
    return list(rows)


async def publish(operator: Person, reason: str) -> str:
    """From the price that is being typed to the published one; what the last card says."""
    await operator.taps("Publish")
    card = await operator.says(reason)
    assert "Quotes and orders that are open keep their price." in words(card)
    return words(await operator.taps("Yes, do it"))


async def test_a_price_is_typed_previewed_and_published_and_open_quotes_keep_theirs(
    world: World, operator: Person, ann: Person
) -> None:
    quoted = await ask_a_quote(ann)
    assert "2.83 TRX" in words(quoted)
    said = words(await operator.says("/prices"))
    assert "1 hour\n40 sun per energy, an order costs 1 TRX at least" in said
    card = await operator.taps("1 hour")
    assert "Transfers: 1, 2.83 TRX, burning 6.43 TRX" in words(card)
    card = await operator.taps("Change")
    await operator.taps("+5")
    card = await operator.taps("−1")
    assert "44 sun per energy" in words(card)
    assert "Transfers: 1, 2.83 TRX → 3.12 TRX (+10 %), burning 6.43 TRX" in words(card)
    assert "Transfers: 10, 28.29 TRX → 31.12 TRX (+10 %), burning 64.29 TRX" in words(card)
    assert "Type a whole number of sun" in words(await operator.says("lots"))
    assert "95 sun per energy" in words(await operator.says("95"))
    assert "Burning is not dearer" in words(operator.newest)
    await operator.says("50")
    await operator.taps("Minimum")
    await operator.says("2.5")
    await operator.taps("Steps")
    assert "Steps have to go up" in words(await operator.says("700000: 60"))
    card = await operator.says("700000: 45\n1400000: 42")
    assert "from 1,400,000 energy on: 42 sun" in words(card)
    assert "an order costs 2.5 TRX at least" in words(card)
    assert (await publish(operator, "energy is short")).startswith("✅ Published.")
    assert (await offered(world.shop))[HOUR] == 50

    # Ann's quote was made before, and costs what it said.
    await ann.taps(labels(quoted)[0])
    [order] = (await world.shop.services.orders.page(USER, 0)).orders
    assert 2_828_560 < order.amount_sun < 2_830_000
    assert "3.54 TRX" in words(await ask_a_quote(ann, "ben"))

    [entry] = await log(world.shop)
    assert (entry["act"], entry["subject"]) == ("price_change", "price 3600")
    assert (entry["reason"], entry["actor_id"]) == ("energy is short", operator.user.id)
    assert (entry["before"]["price"]["sun"], entry["after"]["price"]["sun"]) == (40, 50)
    await prepare(world.shop.settings, world.shop.database, world.shop.services)
    assert (await offered(world.shop))[HOUR] == 50, "it outlives a restart"


async def test_a_price_is_planned_comes_by_itself_and_stands_in_the_history(
    world: World, operator: Person
) -> None:
    shop = world.shop
    await operator.says("/prices")
    await operator.taps("1 hour")
    await operator.taps("Change")
    await operator.says("30")
    await operator.taps("From when")
    assert "a time to come" in words(await operator.says("2020-01-01 00:00"))
    card = await operator.says("2026-11-23 18:00 UTC")
    assert "It holds from 23 Nov 18:00 UTC" in words(card)
    said = await publish(operator, "cheap evening")
    assert "Planned from 23 Nov 18:00 UTC" in said
    assert (await offered(shop))[HOUR] == 40
    shop.advance(7 * 3600)
    await shop.block()
    assert (await offered(shop))[HOUR] == 30

    await operator.says("/prices")
    await operator.taps("1 hour")
    await operator.taps("Change")
    await operator.says("36")
    await publish(operator, "enough")
    said = words(await operator.taps("Before"))
    now, evening, first = said.split("\n\n")[1:]
    assert "36 sun" in now
    assert f"by {operator.user.id}, enough" in now
    assert evening.startswith("From 23 Nov 18:00 UTC")
    assert "until" in evening
    assert "30 sun" in evening
    assert first.startswith("From before the log")
    assert "40 sun" in first


async def test_a_duration_is_added_and_another_removed_but_never_the_last(
    world: World, operator: Person
) -> None:
    await operator.says("/prices")
    await operator.taps("Sell another duration")
    assert "Type hours" in words(await operator.says("for ever"))
    assert "1 day is for sale already" in words(await operator.says("1d"))
    await operator.says("6")
    card = await operator.says("60")
    assert "This duration is not for sale yet." in words(card)
    await publish(operator, "asked for")
    assert (await offered(world.shop))[timedelta(hours=6)] == 60
    for label in ("1 day", "3 days", "6 hours"):
        await operator.says("/prices")
        await operator.taps(label)
        await operator.taps("Stop selling")
        await operator.says("nobody buys it")
        assert words(await operator.taps("Yes, do it")).startswith("✅ It is not sold any more.")
    assert await offered(world.shop) == {HOUR: 40}
    await operator.says("/prices")
    await operator.taps("1 hour")
    await operator.taps("Stop selling")
    assert operator.toast == "It is the only duration on sale: sell another first."
    assert [entry["act"] for entry in await log(world.shop)] == [
        "price_change",
        *["price_remove"] * 3,
    ]


async def test_a_price_below_what_the_pools_cost_is_warned_of(
    world: World, operator: Person
) -> None:
    async with world.shop.database.transaction() as tx:
        await tx.pools.change(address("pool"), {"cost_sun": 30_000})
    await operator.says("/prices")
    await operator.taps("1 hour")
    card = await operator.taps("Change")
    assert "One transfer costs you about 2.13 TRX" in words(card)
    assert "🚨" not in words(card)
    card = await operator.says("25")
    assert "🚨 That is below what the pools cost you." in words(card)
    assert 70_714 * 30_000 // 1000 > 70_714 * 25 > TRX


async def test_prices_that_somebody_else_changed_meanwhile_are_not_overwritten(
    world: World, operator: Person, viewer: Person
) -> None:
    await operator.says("/prices")
    await operator.taps("1 hour")
    await operator.taps("Change")
    await operator.says("41")
    await operator.taps("Publish")
    await operator.says("first")
    sure = operator.newest
    await operator.says("/prices")
    await operator.taps("1 hour", operator.newest.message_id)
    await operator.taps("Change")
    await operator.says("42")
    await publish(operator, "second")
    await operator.taps("Yes, do it", sure.message_id)
    assert operator.toast == ENGLISH.office.common.act_refused(ActFault.GONE)
    assert (await offered(world.shop))[HOUR] == 42
    card = await viewer.says("/prices")
    assert "Sell another duration" not in labels(card)
    assert labels(await viewer.taps("1 hour")) == ["Before", "‹ Back"]
