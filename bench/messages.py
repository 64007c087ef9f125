"""Telling ten thousand people: as quickly as Telegram lets, and no quicker."""

from __future__ import annotations

import asyncio
from time import monotonic

import httpx

from bench.figures import Figure
from bench.shop import (
    FIRST_CUSTOMER,
    Databases,
    Shop,
    local_node,
    open_orders,
    open_shop,
    process,
    strangers,
)
from bench.telegram import PER_SECOND, TOKEN
from bot.outbox import OutboxSender
from bot.session import open_bot

_CHATS = 2_000
_MESSAGES = 10_000
_SECONDS = 30.0
_NAIVE_SECONDS = 10.0
_NAIVE_AT_ONCE = 30


async def bench(databases: Databases) -> list[Figure]:
    async with (
        local_node(0) as node,
        databases.database() as dsn,
        open_shop(dsn, node.url, node.solidity_url) as shop,
        httpx.AsyncClient(timeout=60) as http,
    ):
        await open_orders(shop.database, strangers(_CHATS), now=await node.now())
        await _fill(shop)
        async with process("bench.telegram", str(_CHATS)) as (api_url, door):
            seconds = await _ours(shop, api_url)
            report = (await http.get(f"{door}/report")).json()
        async with process("bench.telegram", str(_CHATS)) as (api_url, door):
            naive_seconds = await _naive(api_url)
            naive = (await http.get(f"{door}/report")).json()
        async with shop.database.transaction() as tx:
            order_kept = not await tx.connection.fetchval(
                """
                SELECT EXISTS (SELECT 1 FROM outbox a JOIN outbox b USING (chat_id)
                    WHERE a.id < b.id AND b.state = 'sent' AND a.state = 'waiting')
                """
            )
    if not order_kept:
        raise RuntimeError("a message was sent before an earlier one of its chat")
    return [
        Figure(
            f"messages a second, {_MESSAGES:,} waiting in {_CHATS:,} chats",
            report["answers"].get("200", 0) / seconds,
            "",
            f"near {PER_SECOND}",
            naive["answers"].get("200", 0) / naive_seconds,
            more=True,
            note=f"{seconds:.0f} s of them; the order in each chat was kept",
        ),
        Figure(
            "refusals (429) a second meanwhile",
            report["answers"].get("429", 0) / seconds,
            "",
            "0 or few",
            naive["answers"].get("429", 0) / naive_seconds,
        ),
    ]


async def _fill(shop: Shop) -> None:
    """Five messages for each chat, in turn, of orders that have expired."""
    async with shop.database.transaction() as tx:
        await tx.connection.execute(
            """
            INSERT INTO outbox (key, chat_id, kind, order_id)
            SELECT n || ' ' || o.id, o.user_id, 'order_seen', o.id
            FROM generate_series(1, $1::int) n, energy_flash_orders o ORDER BY n, o.number
            """,
            _MESSAGES // _CHATS,
        )


async def _ours(shop: Shop, api_url: str) -> float:
    bot = open_bot(TOKEN, api_url)
    sender = OutboxSender(
        bot,
        outbox=shop.services.outbox,
        orders=shop.services.orders,
        customers=shop.services.customers,
        reports=shop.services.reports,
        alerts=shop.services.alerts,
        staff=shop.services.staff,
        explorer_url=shop.settings.tron.explorer_url,
    )
    start = monotonic()
    work = asyncio.create_task(_until_stopped(sender))
    try:
        await asyncio.sleep(_SECONDS)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        seconds = monotonic() - start
        await bot.session.close()
    return seconds


async def _until_stopped(sender: OutboxSender) -> None:
    """As the program does it: again every five seconds, if nothing wakes it."""
    while True:
        await sender.send_due()
        await asyncio.sleep(5)


async def _naive(api_url: str) -> float:
    """Thirty at a time, each refusal answered by trying again."""
    url = f"{api_url}/bot{TOKEN}/sendMessage"
    chats = iter(FIRST_CUSTOMER + n % _CHATS for n in range(_MESSAGES))
    start = monotonic()

    async def send(http: httpx.AsyncClient) -> None:
        for chat in chats:
            while monotonic() < start + _NAIVE_SECONDS:
                response = await http.post(url, json={"chat_id": chat, "text": "Your order"})
                if response.status_code == 200:
                    break

    async with httpx.AsyncClient(timeout=60) as http:
        await asyncio.gather(*(send(http) for _ in range(_NAIVE_AT_ONCE)))
    return monotonic() - start
