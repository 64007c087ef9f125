"""How long choosing the pools of an order takes, with a thousand pools."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from time import perf_counter

from bench.figures import Figure, middle, percentile
from bench.naive import NaiveChooser
from bench.people import TRX, stranger
from bench.shop import Databases
from services.allocation import (
    EnergyRate,
    PoolStock,
    allocate,
    largest_order_energy,
    less,
    sellable_energy,
)

_POOLS = 1_000
_ORDERS = 10_000
_EXTREME_ORDERS = 200
_TRANSFER_ENERGY = 65_000
_RATE = EnergyRate(total_limit=180_000_000_000, total_weight=18_000_000_000)

# How many delegations an order of so much energy takes; None if it cannot be delivered.
_Deliver = Callable[[int], int | None]


@dataclass(frozen=True, slots=True)
class _Run:
    """Orders that were delivered: the seconds that each took, and delegations of all."""

    times: Sequence[float]
    delegations: int


async def bench(_databases: Databases) -> list[Figure]:
    stocks = _stocks(Random(1))
    orders = [_energy(number) for number in range(_ORDERS)]
    ours_apart = _run(_choosing(stocks), orders)
    usual_apart = _run(_usual_choosing(stocks), orders)
    ours = _run(_delivering(stocks), map(_energy, count()))
    usual = _run(_usual_delivering(stocks), map(_energy, count()))
    alike = tuple(PoolStock(stock.pool, 200_000 * TRX) for stock in stocks)
    most = largest_order_energy(stocks, _RATE)
    each = f"choosing from {_POOLS:,} pools"
    return [
        *_figures(f"{each}, an order by itself", ours_apart, usual_apart),
        *_figures(f"{each}, orders until they are empty", ours, usual),
        _in_all(ours, usual, sellable_energy(stocks, _RATE)),
        _extreme(f"{each} that are all alike", alike, _TRANSFER_ENERGY),
        _extreme(f"{each} for half of the largest order", stocks, most // 2),
        _extreme(f"{each} for the largest order", stocks, most),
        _extreme(f"{each} for a larger one than that", stocks, most + 1),
    ]


def _stocks(random: Random) -> tuple[PoolStock, ...]:
    """Pools of 20,000 to 700,000 TRX, some of them with a cap or with little bandwidth."""
    return tuple(
        PoolStock(
            stranger(number),
            int(20_000 * TRX * 35 ** random.random()),
            cap_sun=random.choice((None, None, 100_000 * TRX)),
            priority=random.choice((0, 0, 0, 1)),
            free_transactions=random.choice((100, 10, 1)),
            paid_transactions=1_000,
            burn_sun=280_000,
            delegations_left=200,
            busy=random.randrange(20),
            cost_sun=random.choice((0, 30_000, 60_000)),
        )
        for number in range(_POOLS)
    )


def _energy(number: int) -> int:
    """The energy of an order: mostly for one or a few transfers, seldom for twenty."""
    return _TRANSFER_ENERGY * min(20, 1 + int(Random(number).expovariate(0.5)))


def _run(deliver: _Deliver, orders: Iterable[int]) -> _Run:
    times: list[float] = []
    delegations = 0
    for energy in orders:
        start = perf_counter()
        took = deliver(energy)
        times.append(perf_counter() - start)
        if took is None:
            break
        delegations += took
    return _Run(times, delegations)


def _choosing(stocks: Sequence[PoolStock]) -> _Deliver:
    def deliver(energy: int) -> int | None:
        allocations = allocate(energy, stocks, _RATE)
        return None if allocations is None else len(allocations)

    return deliver


def _delivering(stocks: Sequence[PoolStock]) -> _Deliver:
    left = stocks

    def deliver(energy: int) -> int | None:
        nonlocal left
        allocations = allocate(energy, left, _RATE)
        if allocations is None:
            return None
        left = less(left, allocations)
        return len(allocations)

    return deliver


def _usual_choosing(stocks: Sequence[PoolStock]) -> _Deliver:
    chooser = NaiveChooser(stocks, _RATE)

    def deliver(energy: int) -> int | None:
        chosen = chooser.choose(energy)
        return None if chosen is None else len(chosen)

    return deliver


def _usual_delivering(stocks: Sequence[PoolStock]) -> _Deliver:
    chooser = NaiveChooser(stocks, _RATE)

    def deliver(energy: int) -> int | None:
        chosen = chooser.choose(energy)
        if chosen is None:
            return None
        chooser.take(chosen)
        return len(chosen)

    return deliver


def _figures(what: str, ours: _Run, usual: _Run) -> list[Figure]:
    return [
        Figure(
            f"{what}, {which}", of(ours.times) * 1e6, "µs", goal, of(usual.times) * 1e6, note=note
        )
        for which, of, goal, note in (
            ("p50", middle, "< 1,000", f"{len(ours.times):,} orders"),
            ("p99", lambda times: percentile(times, 0.99), "< 3,000", ""),
            ("worst", max, "< 5,000", ""),
        )
    ]


def _in_all(ours: _Run, usual: _Run, everything: int) -> Figure:
    """Fewer delegations are less bandwidth, and fewer transactions that can fail."""
    sold, usually_sold = (
        sum(map(_energy, range(len(run.times) - 1))) / everything for run in (ours, usual)
    )
    return Figure(
        "delegations for 1,000 orders, until the pools are empty",
        1000 * ours.delegations / (len(ours.times) - 1),
        "",
        "",
        1000 * usual.delegations / (len(usual.times) - 1),
        note=f"at the first order that cannot be delivered {len(ours.times) - 1:,} were, with "
        f"{sold:.2%} of the energy; the usual way {len(usual.times) - 1:,} with {usually_sold:.2%}",
    )


def _extreme(what: str, stocks: Sequence[PoolStock], energy: int) -> Figure:
    deliver = _choosing(stocks)
    times = []
    delegations: int | None = None
    for _ in range(_EXTREME_ORDERS):
        start = perf_counter()
        delegations = deliver(energy)
        times.append(perf_counter() - start)
    took = "impossible" if delegations is None else f"{delegations:,} pools"
    return Figure(
        f"{what}, p50",
        middle(times) * 1e6,
        "µs",
        "< 5,000",
        note=f"{took}; {_EXTREME_ORDERS} times, the worst {max(times) * 1e6:,.0f} µs",
    )
