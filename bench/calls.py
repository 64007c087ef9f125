"""What the node is asked in a minute in which nothing happens, with few and with many orders."""

from __future__ import annotations

import asyncio

import httpx

from bench.figures import Figure
from bench.naive import POLL_SECONDS, NaivePoller
from bench.people import address
from bench.shop import Databases, LocalNode, Shop, local_node, open_orders, open_shop, strangers
from services.jobs import Jobs

_ORDERS = (0, 1_000, 100_000)
_BLOCKS = 40
_BLOCK_SECONDS = 0.4
_BLOCKS_PER_MINUTE = 20
_NAIVE_ORDERS = 1_000


async def bench(databases: Databases) -> list[Figure]:
    figures = []
    async with (
        local_node(0) as node,
        databases.database() as dsn,
        open_shop(dsn, node.url, node.solidity_url) as shop,
    ):
        # A shop's first minutes, in which it opens its books, are no idle ones.
        await _ours(node, shop)
        await shop.services.audit.watch_due()
        have = 0
        for orders in _ORDERS:
            await open_orders(
                shop.database,
                strangers(orders - have, have),
                now=await node.now(),
                first_amount_sun=10_000_000 + have,
            )
            have = orders
            per_minute = await _ours(node, shop)
            figures.append(
                Figure(
                    f"node calls a minute, {orders:,} open orders, idle",
                    per_minute,
                    "calls",
                    "≤ 25, flat",
                    await _naive(node) if orders == _NAIVE_ORDERS else orders * 60 / POLL_SECONDS,
                    computed=orders != _NAIVE_ORDERS,
                    note=f"{_BLOCKS} blocks, one each {_BLOCK_SECONDS} s, all jobs running; as of "
                    "20 blocks a minute. The audit adds 5 in ten minutes"
                    if not orders
                    else "",
                )
            )
    return figures


async def _ours(node: LocalNode, shop: Shop) -> float:
    """With the clock of the chain quicker, and the scanner's quicker by as much."""
    jobs = Jobs(shop.services.jobs(_BLOCK_SECONDS))
    listening = asyncio.create_task(shop.database.listen(jobs.wake))
    jobs.start()
    try:
        await asyncio.sleep(1)
        before = await node.report()
        await node.clock(_BLOCK_SECONDS)
        await asyncio.sleep(_BLOCKS * _BLOCK_SECONDS)
        await node.clock(0)
        after = await node.report()
    finally:
        await jobs.stop(5)
        listening.cancel()
    calls = sum(after["calls"].values()) - sum(before["calls"].values())
    return float(calls * _BLOCKS_PER_MINUTE / (after["head"] - before["head"]))


async def _naive(node: LocalNode) -> float:
    """A round of polling by as many tasks as there are orders, in real time."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=50)
    before = sum((await node.report())["calls"].values())
    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        poller = NaivePoller(node.explorer_url, http, address("payments"), limit=20)
        tasks = [
            asyncio.create_task(
                poller.wait_for(1, POLL_SECONDS * number / _NAIVE_ORDERS, lambda: None)
            )
            for number in range(_NAIVE_ORDERS)
        ]
        await asyncio.sleep(POLL_SECONDS)
        calls: int = sum((await node.report())["calls"].values()) - before
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return calls * 60 / POLL_SECONDS
