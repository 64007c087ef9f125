"""Reading what was missed: full blocks per second, from the node's answer to the commit."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter

import httpx

from bench.figures import Figure, middle
from bench.full_blocks import BEGIN, PAYMENT_EVERY, TRANSACTIONS
from bench.naive import NaiveReader
from bench.people import START_MS, address, stranger
from bench.shop import Databases, open_orders, open_shop, process

_BLOCKS = 1_000
_ROUNDS = 3
_NAIVE_BLOCKS = 60


async def bench(databases: Databases) -> list[Figure]:
    async with (
        process("bench.full_blocks") as (url,),
        httpx.AsyncClient(timeout=60) as http,
        databases.database() as dsn,
        open_shop(dsn, url, url) as shop,
    ):
        payers = [stranger(n) for n in range(_ROUNDS * _BLOCKS // PAYMENT_EVERY)]
        await open_orders(shop.database, payers, now=datetime.fromtimestamp(START_MS / 1000, UTC))
        speeds = []
        for _ in range(_ROUNDS):
            (await http.post(f"{url}/grow", json={"blocks": _BLOCKS})).raise_for_status()
            start = perf_counter()
            handled = await shop.services.scanner.scan()
            speeds.append(handled / (perf_counter() - start))
            if handled != _BLOCKS:
                raise RuntimeError(f"handled {handled} of {_BLOCKS} blocks")
        async with shop.database.transaction() as tx:
            paid = await tx.connection.fetchval(
                "SELECT count(*) FROM energy_flash_orders WHERE status = 'paid'"
            )
        if paid < len(payers) - 1:
            raise RuntimeError(f"only {paid} of {len(payers)} payments were found")
        reader = NaiveReader(url, http, shop.database, address("payments"))
        start = perf_counter()
        await reader.read(BEGIN + 1, BEGIN + _NAIVE_BLOCKS)
        naive = _NAIVE_BLOCKS / (perf_counter() - start)
    return [
        Figure(
            f"catch-up, blocks of {TRANSACTIONS} transactions",
            middle(speeds),
            "blocks/s",
            "≥ 300",
            naive,
            more=True,
            note=f"median of {_ROUNDS} × {_BLOCKS:,} blocks, a payment in every "
            f"{PAYMENT_EVERY}th; least {min(speeds):.0f}, most {max(speeds):.0f}",
        )
    ]
