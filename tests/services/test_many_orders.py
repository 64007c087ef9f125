"""Many orders at once: what is asked of the database and of the node, never how long it takes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from chain.errors import Unavailable
from db.database import Database
from services.one_by_one import all_at_once
from services.order_views import Stage
from tests.support.shop import OTHER_USER, USER, Shop, address, open_shop


async def fill(database: Database, orders: int) -> None:
    """So many open orders of strangers, each for another amount."""
    async with database.transaction() as tx:
        await tx.connection.execute(
            """
            WITH q AS (
                INSERT INTO quotes (user_id, recipient_address, price_config_id, transaction_count,
                    energy_per_transaction, energy_next, price_sun, burn_sun, holds_until)
                SELECT (SELECT min(id) FROM users),
                       'T' || translate(lpad(n::text, 33, '1'), '0', 'z'),
                       (SELECT min(id) FROM price_configs),
                       1, 1, 1, 10000000 + n, 0, now()
                FROM generate_series(1, $1::int) n RETURNING *
            )
            INSERT INTO energy_flash_orders (quote_id, user_id, recipient_address, payment_address,
                trx_amount, due_sun, transaction_count, energy_per_transaction, energy_next,
                burn_sun, price_config_id, duration_hours, ordered_at, pay_until)
            SELECT id, user_id, recipient_address, $2, price_sun, price_sun, 1, 1, 1, 0,
                   price_config_id, 1, now(), now() + interval '1 day' FROM q
            """,
            orders,
            address("payments"),
        )
        await tx.connection.execute("ANALYZE energy_flash_orders")


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """All steps of a plan."""
    return [plan, *(each for part in plan.get("Plans", ()) for each in nodes(part))]


async def plans_of(shop: Shop, work: Any) -> list[dict[str, Any]]:
    """The steps of every plan that PostgreSQL makes for `work`, a repository's call."""
    async with shop.database.transaction() as tx:
        asked: list[tuple[str, tuple[object, ...]]] = []
        connection = tx.connection

        class Noted:
            async def fetch(self, query: str, *arguments: object) -> list[Any]:
                asked.append((query, arguments))
                return await connection.fetch(query, *arguments)

            async def fetchrow(self, query: str, *arguments: object) -> Any:
                asked.append((query, arguments))
                return await connection.fetchrow(query, *arguments)

        await work(type(tx.orders)(Noted()))  # type: ignore[arg-type]
        found: list[dict[str, Any]] = []
        for query, arguments in asked:
            [[plan]] = await connection.fetch(f"EXPLAIN (FORMAT JSON) {query}", *arguments)
            found += nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
        return found


@pytest.mark.parametrize("question", ["reserving", "of_payer", "payment_addresses"])
async def test_a_payment_is_matched_without_reading_all_open_orders(
    shop: Shop, question: str
) -> None:
    await fill(shop.database, 20_000)
    arguments: dict[str, Sequence[object]] = {
        "reserving": (address("payments"), 10_000_123),
        "of_payer": (address("payments"), address("ann"), OTHER_USER, 20),
        "payment_addresses": (),
    }
    steps = await plans_of(shop, lambda orders: getattr(orders, question)(*arguments[question]))
    orders = [step for step in steps if step.get("Relation Name") == "energy_flash_orders"]
    assert orders
    assert not [step for step in orders if step["Node Type"] == "Seq Scan"]


async def test_many_paid_orders_are_delivered_with_the_block_that_confirms_them(
    database: str,
) -> None:
    many = {"receiver_hour": 1000, "user_day": 1000, "pool_hour": 1000}
    async with open_shop(database, pools={"pool": 5_000_000}, open_orders=100, limits=many) as shop:
        # More than are decided in one transaction.
        placed = [
            await shop.order(user=user, recipient="ann")
            for user in (USER, OTHER_USER)
            for _ in range(55)
        ]
        await shop.block()
        for order in placed:
            shop.pay(order, "ben")
        await shop.block(2)
        assert len({waiting.txid for waiting in shop.chain.waiting}) == len(placed)
        await shop.block()
        assert {(await shop.look(order)).stage for order in placed} == {Stage.DELIVERED}


async def test_halving_finds_each_that_fails_and_does_the_others_once() -> None:
    done: list[int] = []
    failed: list[int] = []

    async def work(things: Sequence[int]) -> None:
        if {3, 4} & set(things):
            raise RuntimeError("not these")
        done.extend(things)

    async def note(thing: int) -> None:
        failed.append(thing)

    await all_at_once(list(range(9)), work, what="work on", failed=note)
    assert sorted(done) == [0, 1, 2, 5, 6, 7, 8]
    assert failed == [3, 4]


async def test_an_outage_is_not_looked_for_in_halves() -> None:
    tries = 0

    async def work(things: Sequence[int]) -> None:
        nonlocal tries
        tries += 1
        raise Unavailable("no node")

    with pytest.raises(Unavailable):
        await all_at_once([1, 2, 3, 4], work, what="work on")
    assert tries == 1


async def test_a_wake_up_that_was_undone_is_said_when_it_counts(shop: Shop) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(shop.database.listen(heard.put_nowait))
    try:
        assert await asyncio.wait_for(heard.get(), 5) == ""
        async with shop.database.transaction() as tx:
            with suppress(RuntimeError):
                async with tx.savepoint():
                    await tx.wake("delivery")
                    raise RuntimeError
            await tx.wake("delivery")
            await tx.wake("delivery")
        assert await asyncio.wait_for(heard.get(), 5) == "delivery"
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_what_was_never_sent_goes_before_what_is_sent_again(shop: Shop) -> None:
    first = await shop.order()
    second = await shop.order(user=OTHER_USER, recipient="ben")
    shop.pay(first)
    await shop.block(2)
    shop.pay(second, "ben")
    async with shop.database.transaction() as tx:
        await tx.connection.execute("UPDATE chain_transactions SET next_attempt_at = now()")
        await tx.connection.execute(
            """
            INSERT INTO chain_transactions (txid, kind, owner, receiver, balance_sun, raw,
                                            signature, timestamp_ms, expiration)
            SELECT repeat('ab', 32), kind, owner, receiver, balance_sun, raw, signature,
                   timestamp_ms + 1, expiration FROM chain_transactions
            """
        )
    async with shop.database.transaction() as tx:
        [claimed] = await tx.chain_transactions.claim_due(1, timedelta(seconds=10))
    assert claimed.txid == "ab" * 32
