"""From payments to delegations: a thousand at once, and one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import httpx

from bench.figures import Figure, middle, percentile
from bench.naive import POLL_SECONDS, NaiveLender, NaivePoller
from bench.people import FIRST_AMOUNT_SUN, POOLS, address, customer, key_hex
from bench.shop import ENERGY, Databases, LocalNode, Shop, local_node, open_orders, open_shop
from services.jobs import Jobs

_AT_ONCE = 1_000
_ROUNDS = 3
_NAIVE_AT_ONCE = 200
_SINGLE = 120
_NAIVE_SINGLE = 100
_BLOCK_SECONDS = 0.25
_POLL_SECONDS = 0.05
_CHAIN_SECONDS = 3.0
_PATIENCE_SECONDS = 120.0


async def bench_many(databases: Databases) -> list[Figure]:
    """A thousand orders whose payments stand in one block."""
    recorded, delivered = [], []
    naive = 0.0
    for turn in range(_ROUNDS):
        async with (
            local_node(_AT_ONCE) as node,
            databases.database() as dsn,
            open_shop(dsn, node.url, node.solidity_url) as shop,
        ):
            await _orders(node, shop, _AT_ONCE)
            await node.pay([(customer(n), FIRST_AMOUNT_SUN + n) for n in range(_AT_ONCE)])
            await node.blocks()
            start = monotonic()
            await shop.services.scanner.scan()
            recorded.append(monotonic() - start)
            await node.forget()
            await node.blocks()
            confirmed = (await node.report())["head"]
            await node.clock(_CHAIN_SECONDS)
            # As often as by default: the first look is at once.
            async with _running(shop, _CHAIN_SECONDS):
                report = await _delegations(node, _AT_ONCE)
            await node.clock(0)
            delivered.append(max(_first(report).values()) - _served(report, confirmed))
            if turn == _ROUNDS - 1:
                naive = await _naive_many(node, shop)
    return [
        Figure(
            f"{_AT_ONCE:,} payments in one block: until all delegations are broadcast",
            middle(delivered),
            "s",
            "< 3",
            naive,
            note=f"from the block that confirms them; median of {_ROUNDS}, least "
            f"{min(delivered):.2f}; the baseline is {_NAIVE_AT_ONCE} orders, and as long for each "
            "of the others",
        ),
        Figure(
            f"{_AT_ONCE:,} payments in one block: recorded and matched",
            middle(recorded),
            "s",
            note="in the block before it; their customers are told at once",
        ),
    ]


async def bench_single(databases: Databases) -> list[Figure]:
    """Orders paid one after the other, while all jobs run."""
    async with (
        local_node(_SINGLE + _NAIVE_SINGLE) as node,
        databases.database() as dsn,
        open_shop(dsn, node.url, node.solidity_url) as shop,
    ):
        await _orders(node, shop, _SINGLE + _NAIVE_SINGLE)
        async with _running(shop, _POLL_SECONDS):
            await asyncio.sleep(1)
            confirmed_by: dict[str, int] = {}
            for number in range(_SINGLE):
                await node.pay([(customer(number), FIRST_AMOUNT_SUN + number)])
                await node.blocks()
                await asyncio.sleep(_BLOCK_SECONDS)
                confirmed_by[address(customer(number))] = (await node.report())["head"] + 1
            await node.blocks()
            report = await _delegations(node, _SINGLE)
        times = [
            at - _served(report, confirmed_by[receiver]) for receiver, at in _first(report).items()
        ]
        naive = await _naive_single(node, shop)
    how = f"{_SINGLE} orders, one with each block"
    return [
        Figure(
            "one order: from its confirmation to its delegation, p50",
            percentile(times, 0.5) * 1000,
            "ms",
            "< 100",
            percentile(naive, 0.5) * 1000,
            note=f"{how}; from the node's answer with the block until the node has the "
            f"delegation. Polling adds 0 to 3 s before it, 1.5 s on average; the baseline "
            f"holds its polling of {POLL_SECONDS:g} s, {_NAIVE_SINGLE} orders",
        ),
        Figure(
            "one order: from its confirmation to its delegation, p99",
            percentile(times, 0.99) * 1000,
            "ms",
            "< 500",
            percentile(naive, 0.99) * 1000,
        ),
    ]


@asynccontextmanager
async def _running(shop: Shop, poll_seconds: float) -> AsyncIterator[None]:
    """All jobs of the shop, woken by the database."""
    jobs = Jobs(shop.services.jobs(poll_seconds))
    listening = asyncio.create_task(shop.database.listen(jobs.wake))
    jobs.start()
    try:
        yield
    finally:
        await jobs.stop(5)
        listening.cancel()


async def _orders(node: LocalNode, shop: Shop, count: int) -> None:
    recipients = [address(customer(n)) for n in range(count)]
    await open_orders(shop.database, recipients, now=await node.now())


def _first(report: dict[str, Any]) -> dict[str, float]:
    """When the first delegation for each receiver came."""
    found: dict[str, float] = {}
    for receiver, at in report["delegations"]:
        found.setdefault(receiver, at)
    return found


def _served(report: dict[str, Any], block: int) -> float:
    """When the node first showed this block, or one above it, as its newest."""
    served: dict[str, float] = report["served"]
    return min(at for number, at in served.items() if int(number) >= block)


async def _delegations(node: LocalNode, count: int) -> dict[str, Any]:
    """What the node has seen once there are `count` delegations."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while monotonic() < deadline:
        await asyncio.sleep(0.1)
        if await node.broadcasts() < count:
            continue
        report = await node.report()
        if len(_first(report)) >= count:
            return report
    raise RuntimeError(f"only {await node.broadcasts()} of {count} delegations came")


async def _naive_many(node: LocalNode, shop: Shop) -> float:
    """Seconds for a thousand, from the time that some take."""
    async with httpx.AsyncClient(timeout=60) as http:
        lender = _lender(node, shop, http)
        start = monotonic()
        for number in range(_NAIVE_AT_ONCE):
            await lender.deliver(address(customer(number)), FIRST_AMOUNT_SUN + number, ENERGY)
        return (monotonic() - start) * _AT_ONCE / _NAIVE_AT_ONCE


async def _naive_single(node: LocalNode, shop: Shop) -> list[float]:
    """Seconds from the block to the delegation, for orders that are polled out of step."""
    numbers = range(_SINGLE, _SINGLE + _NAIVE_SINGLE)
    times: list[float] = []
    async with httpx.AsyncClient(timeout=60) as http:
        lender = _lender(node, shop, http)
        poller = NaivePoller(node.explorer_url, http, address("payments"))
        await node.pay([(customer(n), FIRST_AMOUNT_SUN + n) for n in numbers])
        await node.blocks(2)
        start = monotonic()

        async def serve(number: int, wait: float) -> None:
            sun = FIRST_AMOUNT_SUN + number
            await poller.wait_for(sun, wait, lambda: None)
            await lender.deliver(address(customer(number)), sun, ENERGY)
            times.append(monotonic() - start)

        await asyncio.gather(
            *(
                serve(number, POLL_SECONDS * place / _NAIVE_SINGLE)
                for place, number in enumerate(numbers)
            )
        )
    return times


def _lender(node: LocalNode, shop: Shop, http: httpx.AsyncClient) -> NaiveLender:
    return NaiveLender(node.url, http, shop.database, address(POOLS[0]), key_hex("hot"))
