"""Whether a payment costs more to handle when many orders are open."""

from __future__ import annotations

from time import perf_counter

from bench.figures import Figure, middle
from bench.naive import match_by_scanning
from bench.people import address, customer
from bench.shop import Databases, LocalNode, Shop, local_node, open_orders, open_shop, strangers

_FEW, _MANY = 100, 100_000
_PAYMENTS = 20
_ROUNDS = 9
_NAIVE_PAYMENTS = 3


async def bench(databases: Databases) -> list[Figure]:
    ours, naive = {}, {}
    for orders in (_FEW, _MANY):
        async with (
            local_node(_PAYMENTS * _ROUNDS) as node,
            databases.database() as dsn,
            open_shop(dsn, node.url, node.solidity_url) as shop,
        ):
            now = await node.now()
            await open_orders(
                shop.database, strangers(orders), now=now, first_amount_sun=50_000_000
            )
            payers = [address(customer(n)) for n in range(_PAYMENTS * _ROUNDS)]
            await open_orders(shop.database, payers, now=now)
            ours[orders] = await _ours(node, shop)
            start = perf_counter()
            wanted = [50_000_000 + orders // 2 + n for n in range(_NAIVE_PAYMENTS)]
            if await match_by_scanning(shop.database, wanted) != len(wanted):
                raise RuntimeError("the usual way does not find its orders")
            naive[orders] = (perf_counter() - start) / _NAIVE_PAYMENTS
    return [
        Figure(
            f"block with {_PAYMENTS} payments: time at {_MANY:,} open orders ÷ at {_FEW}",
            ours[_MANY] / ours[_FEW],
            "",
            "≤ 1.2",
            naive[_MANY] / naive[_FEW],
            note=f"median of {_ROUNDS} blocks each: {ours[_FEW] * 1000:.0f} ms and "
            f"{ours[_MANY] * 1000:.0f} ms for a block; the usual way takes "
            f"{naive[_FEW] * 1000:.1f} ms and {naive[_MANY] * 1000:.0f} ms for one payment",
        )
    ]


async def _ours(node: LocalNode, shop: Shop) -> float:
    times = []
    for turn in range(_ROUNDS):
        first = turn * _PAYMENTS
        await node.pay([(customer(n), 5_000_000 + n) for n in range(first, first + _PAYMENTS)])
        await node.blocks()
        start = perf_counter()
        await shop.services.scanner.scan()
        times.append(perf_counter() - start)
    return middle(times)
