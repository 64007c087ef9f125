"""The scanner when nodes disagree, when the chain forks under its feet, and when terms change."""

from __future__ import annotations

import asyncio
from copy import copy
from dataclasses import replace
from typing import Any, cast

import pytest

from chain.blocks import Block, BlockRef
from chain.node import NodeClient
from composition import build_services
from sandbox.tron.faults import NodeFault
from services.order_views import Stage
from services.orders import OrderFault, OrderRefused
from services.solid import SolidChain
from services.write_ahead import WriteAhead
from tests.support.shop import OTHER_USER, TRX, USER, Shop, address, open_shop, shop_settings


def disagreeing(node: NodeClient, **answers: object) -> NodeClient:
    """A client that answers as `node` does, but for what is given."""

    class Disagreeing:
        def __getattr__(self, name: str) -> Any:
            if name not in answers:
                return getattr(node, name)

            async def answer(*_: object, **__: object) -> object:
                return answers[name]

            return answer

    return cast(NodeClient, Disagreeing())


async def cursor_number(shop: Shop) -> int:
    async with shop.database.transaction() as tx:
        number: int = await tx.connection.fetchval("SELECT block_number FROM chain_cursor")
    return number


@pytest.mark.parametrize("depth", [1, 3])
async def test_a_fork_of_the_very_first_blocks_is_followed(shop: Shop, depth: int) -> None:
    shop.chain.fork(depth)
    await shop.block()
    assert await cursor_number(shop) == shop.chain.head.number
    order = await shop.order()
    shop.pay(order)
    await shop.block(3)
    assert (await shop.look(order)).stage is Stage.DELIVERED


async def test_a_head_from_a_strange_branch_neither_moves_the_cursor_nor_keeps_us_busy(
    shop: Shop,
) -> None:
    await shop.block(3)
    before = await cursor_number(shop)
    head = await shop.node.head()
    strange = Block(
        BlockRef(head.ref.number + 1, f"{head.ref.number + 1:016x}" + "ab" * 24, head.ref.time),
        head.ref.id[:16] + "cd" * 24,
        (),
    )
    scanner = copy(shop.services.scanner)
    scanner._node = disagreeing(shop.node, head=strange)
    async with asyncio.timeout(5):
        assert await scanner.scan() == 0
    assert await cursor_number(shop) == before


async def test_a_late_rewind_of_another_process_changes_nothing(shop: Shop) -> None:
    await shop.block(3)
    async with shop.database.transaction() as tx:
        seen, target, *_ = await tx.scanning.recent("payments")
    await shop.block()
    before = await cursor_number(shop)
    await shop.services.scanner._rewind(seen, target)
    assert await cursor_number(shop) == before, "the cursor has moved on since it was looked at"


async def test_nothing_is_dead_by_a_solid_block_that_we_have_not_read(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block()
    shop.faults.plan(NodeFault.LOSE_REQUEST, 100, methods=["broadcasthex"])
    await shop.block()
    shop.advance(120)
    shop.chain.produce_blocks(30)
    await shop.services.scanner.scan()
    solid = await shop.node.solid_head()
    # We follow one branch; another node's solid block is of another one.
    other = replace(solid, id=solid.id[:16] + "ab" * 24)
    node = disagreeing(shop.node, solid_head=other)
    solid_chain = SolidChain(node, shop.database)
    assert await WriteAhead(node, shop.database, solid_chain).bury_expired() == 0
    assert await shop.services.write_ahead.bury_expired() == 1


async def test_payments_to_an_address_used_before_are_still_read(shop: Shop) -> None:
    order = await shop.order()
    settings = shop_settings(
        shop.node_url, shop.solidity_url, {"pool": 50_000}, address=address("holder")
    )
    # The operator takes another payment address into use while an order is open.
    shop.services = build_services(settings, shop.database, shop.node)
    payment = shop.pay(order)
    stray = shop.pay(order, "ben", sun=3 * TRX)
    await shop.block(4)
    assert (await shop.look(order)).stage is Stage.DELIVERED
    assert (await shop.payment_status(payment))[0] == "delivered"
    assert (await shop.payment_status(stray))[0] == "delivered", "a flash rental"


async def test_two_orders_at_once_do_not_share_one_stock(database: str) -> None:
    async with open_shop(database, pools={"pool": 8_000}) as shop:
        price = (await shop.services.quotes.prices())[0]
        customers = ((USER, "ann"), (OTHER_USER, "ben"))
        quotes = [
            await shop.services.quotes.quote(
                user, recipient=address(name), transfers=1, price_id=price.id
            )
            for user, name in customers
        ]
        placed = await asyncio.gather(
            *(
                shop.services.orders.place(user, quote.id)
                for (user, _), quote in zip(customers, quotes, strict=True)
            ),
            return_exceptions=True,
        )
        refused = [each for each in placed if isinstance(each, OrderRefused)]
        assert [each.fault for each in refused] == [OrderFault.NOT_ENOUGH_ENERGY]
