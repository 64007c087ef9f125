"""A ban: nothing new is sold from its commit on, and what was paid for is delivered."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from services.acts import Act
from services.extensions import ExtensionFault, ExtensionRefused
from services.order_views import Stage
from services.orders import OrderFault, OrderRefused
from services.people import subject_of
from services.staff import Actor, Role
from tests.services.test_extensions import extension, rental
from tests.support.shop import ADMIN, USER, Shop, address, open_shop

OWNER = Actor(ADMIN, Role.OWNER)


async def ban(shop: Shop, user: int = USER) -> None:
    proposal = await shop.services.acts.propose(
        OWNER, Act.BAN, subject=subject_of(user), arguments={"user": user}, reason="stole"
    )
    await shop.services.people.ban(OWNER, proposal.nonce)


async def quoted(shop: Shop) -> UUID:
    price = (await shop.services.quotes.prices())[0]
    quote = await shop.services.quotes.quote(
        USER, recipient=address("ann"), transfers=1, price_id=price.id, destination=None
    )
    return quote.id


async def test_whoever_is_banned_is_sold_nothing_new_and_gets_what_they_paid_for(
    database: str,
) -> None:
    """Only the door of the bot looked at the ban; what came by another was sold."""
    async with open_shop(database, energy={"early_end_percent": 50}) as shop:
        running = await rental(shop)
        offer = (await shop.services.extensions.offers(USER, running.id)).offers[0]
        ordered, quote = await shop.order(), await quoted(shop)
        await ban(shop)

        with pytest.raises(OrderRefused) as no_order:
            await shop.services.orders.place(USER, quote)
        assert no_order.value.fault is OrderFault.BANNED
        with pytest.raises(ExtensionRefused) as no_time:
            await shop.services.extensions.place(
                USER, running.id, duration=offer.duration, price_sun=offer.price_sun
            )
        assert no_time.value.fault is ExtensionFault.BANNED

        shop.pay(ordered)
        await shop.block(3)
        assert (await shop.look(ordered)).stage is Stage.DELIVERED
        assert (await shop.services.orders.page(USER, 1)).orders[0].number == ordered.number
        # What was agreed when they paid: the unused share is on their balance.
        await shop.services.early_ends.end(USER, running.id)
        await shop.block(4)
        assert (await shop.look(running)).stage is Stage.ENDED
        assert await shop.balance() > 0


async def test_an_extension_that_was_ordered_before_the_ban_can_be_paid(database: str) -> None:
    async with open_shop(database, energy={"early_end_percent": 50}) as shop:
        running = await rental(shop)
        more = await extension(shop, running)
        await ban(shop)
        shop.pay(more)
        await shop.block(3)
        assert (await shop.look(more)).stage is Stage.DELIVERED


async def test_a_ban_and_an_order_at_the_same_time_come_one_after_the_other(
    database: str,
) -> None:
    """The order would be placed by what was true before the ban was committed."""
    async with open_shop(database) as shop:
        running, quote = await rental(shop), await quoted(shop)
        offer = (await shop.services.extensions.offers(USER, running.id)).offers[0]
        async with shop.database.transaction() as tx:
            assert await tx.people.ban(USER, by=ADMIN, reason="stole")
            placing = asyncio.create_task(shop.services.orders.place(USER, quote))
            prolonging = asyncio.create_task(
                shop.services.extensions.place(
                    USER, running.id, duration=offer.duration, price_sun=offer.price_sun
                )
            )
            await asyncio.sleep(0.3)
            assert not placing.done()
            assert not prolonging.done()
        done = await asyncio.gather(placing, prolonging, return_exceptions=True)
        assert [getattr(each, "fault", each) for each in done] == [
            OrderFault.BANNED,
            ExtensionFault.BANNED,
        ]
        assert len((await shop.services.orders.page(USER, 1)).orders) == 1


async def test_an_order_that_comes_first_makes_the_ban_wait(database: str) -> None:
    async with open_shop(database) as shop:
        quote = await quoted(shop)
        async with shop.database.transaction() as tx:
            assert not await tx.customers.is_banned(USER)
            banning = asyncio.create_task(ban(shop))
            await asyncio.sleep(0.2)
            assert not banning.done()
        await banning
        with pytest.raises(OrderRefused):
            await shop.services.orders.place(USER, quote)


async def test_of_many_orders_and_a_ban_none_is_later_than_the_ban(database: str) -> None:
    async with open_shop(database) as shop:
        quotes = [await quoted(shop) for _ in range(4)]
        placing = [asyncio.create_task(shop.services.orders.place(USER, each)) for each in quotes]
        await ban(shop)
        async with shop.database.transaction() as tx:
            placed = await tx.orders.count(USER)
        done = await asyncio.gather(*placing, return_exceptions=True)
        assert sum(not isinstance(each, BaseException) for each in done) == placed
        async with shop.database.transaction() as tx:
            assert await tx.orders.count(USER) == placed
