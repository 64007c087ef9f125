"""The text that Prometheus reads: what this process counted, and what database and chain say.

What lives in the database is the same whichever process is asked, so it is never counted here: it
is read when somebody asks, and again only after some seconds, however many ask.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from chain.addresses import Address
from chain.blocks import BlockRef
from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, DatabaseUnavailable, Transaction
from db.gauges import QueuesRow
from db.pools import PoolReadingRow, PoolRow
from services.availability import Availability
from services.chain_time import ChainUnread, Handled, last_handled
from services.metrics import Metrics
from services.notices import NoticeKind
from services.outlook import rate_of
from services.pools import PoolState

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""Of what `Exposition.text` gives, for the header of an answer over HTTP."""

DAY = timedelta(days=1)
_DAY_BLOCKS = 28_800  # one every three seconds
_READ_AGAIN_SECONDS = 5.0
_WALLET_AGAIN_SECONDS = 60.0
# Whoever scrapes wants to see that a node is silent, not to wait for it.
_CHAIN_SECONDS = 3.0
_TIMES = (3.0, 6.0, 9.0, 12.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0)
# What was delivered so long ago is noted, and only read again for what is younger.
_SETTLED = timedelta(hours=1)

_ORDER_STATES = ("pending", "paid", "processing", "completed", "failed", "expired", "cancelled")
_OPEN_STATES = ("pending", "paid", "processing")
_PAYMENT_STATES = (
    *("seen", "matched", "flash", "delivered", "credited", "held", "refunding", "refunded"),
    *("dust", "own", "orphaned", "lost"),
)
_KINDS = ("delegate", "undelegate", "transfer")
_TRANSACTION_STATES = ("signed", "sent", "included", "dead", "rejected")


@dataclass(slots=True)
class _Spread:
    """How many of something took how long; by the bounds in `_TIMES`, and above them."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_TIMES) + 1))
    seconds: float = 0.0

    def with_more(self, taken: Mapping[float, int]) -> _Spread:
        more = _Spread(list(self.counts), self.seconds)
        for seconds, count in taken.items():
            more.counts[bisect_left(_TIMES, seconds)] += count
            more.seconds += max(0.0, seconds) * count
        return more

    @property
    def count(self) -> int:
        return sum(self.counts)


class _Times:
    """How long payments and deliveries took since the day began in which this process did.

    A counter has to grow. What can still change, by a fork or by what is read late, is read again
    each time, and what is older is only added up; so a scrape costs what was sold of late.
    """

    def __init__(self) -> None:
        self._settled_until: datetime | None = None
        self._settled = (_Spread(), _Spread())
        self.now = (_Spread(), _Spread())

    async def read(self, tx: Transaction, now: datetime) -> None:
        if self._settled_until is None:
            self._settled_until = now.replace(hour=0, minute=0, second=0, microsecond=0)
        settled = now - _SETTLED
        if settled - self._settled_until > _SETTLED:
            self._settled = _added(
                self._settled, await tx.gauges.times(self._settled_until, settled)
            )
            self._settled_until = settled
        found = _added(self._settled, await tx.gauges.times(self._settled_until, None))
        # One that a fork took away is back in a moment: a counter that falls looks like a restart.
        if found[0].count >= self.now[0].count:
            self.now = found


def _added(
    spreads: tuple[_Spread, _Spread], taken: tuple[Mapping[float, int], Mapping[float, int]]
) -> tuple[_Spread, _Spread]:
    return spreads[0].with_more(taken[0]), spreads[1].with_more(taken[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What the database says."""

    handled: Handled | None
    open_orders: Mapping[str, int]
    orders: Mapping[str, int]
    success: float | None
    confirmation: _Spread
    delegation: _Spread
    availability: float | None
    payments: Mapping[str, int]
    held: tuple[int, int]
    transactions: Mapping[tuple[str, str], int]
    notices: Mapping[str, int]
    queues: QueuesRow
    alerts: Mapping[str, int]
    pools: tuple[PoolRow, ...]
    readings: Mapping[str, PoolReadingRow]


class Exposition:
    """Gives the text; `wallet` is the account that refunds are sent from."""

    def __init__(
        self,
        metrics: Metrics,
        node: NodeClient,
        database: Database,
        availability: Availability,
        *,
        wallet: Address | None,
    ) -> None:
        self._metrics = metrics
        self._node = node
        self._database = database
        self._availability = availability
        self._wallet = wallet
        self._times = _Times()
        self._wallet_read: tuple[float, int] | None = None
        self._read_at: float | None = None
        self._reading = asyncio.Lock()
        self._figures = _Figures()
        metrics.registry.register(self._figures)

    async def text(self) -> bytes:
        """All metrics, as Prometheus reads them (`CONTENT_TYPE`). Never fails for an outage."""
        async with self._reading:
            now = time.monotonic()
            if self._read_at is None or now - self._read_at > _READ_AGAIN_SECONDS:
                head, wallet_sun = await asyncio.gather(self._head(), self._wallet_sun())
                self._figures.metrics = tuple(_all(await self._stored(), head, wallet_sun))
                self._read_at = now
        return generate_latest(self._metrics.registry)

    async def _stored(self) -> _Stored | None:
        try:
            async with self._database.transaction() as tx:
                return await self._read(tx)
        except DatabaseUnavailable:
            return None

    async def _read(self, tx: Transaction) -> _Stored:
        machine_now = datetime.now(UTC)
        try:
            handled = await last_handled(tx)
        except ChainUnread:
            handled = None
        now = handled.time if handled else machine_now
        since = now - DAY
        first_block = max(0, handled.number - _DAY_BLOCKS) if handled else 0
        if handled is not None:
            await self._times.read(tx, now)
        delivered, failed = await tx.gauges.ended(since)
        share = await self._availability.share(tx, machine_now - DAY, machine_now)
        return _Stored(
            handled=handled,
            open_orders=await tx.orders.count_by_status(),
            orders=await tx.figures.states(since, now + DAY),
            success=delivered / (delivered + failed) if delivered + failed else None,
            confirmation=self._times.now[0],
            delegation=self._times.now[1],
            availability=None if share is None else float(share),
            payments=await tx.gauges.payments(first_block),
            held=await tx.payments.held_total(),
            transactions=await tx.gauges.transactions(first_block, since),
            notices=await tx.gauges.notices(),
            queues=await tx.gauges.queues(now),
            alerts=await tx.gauges.alerts(),
            pools=await tx.pools.all(),
            readings={reading.address: reading for reading in await tx.pools.readings()},
        )

    async def _head(self) -> BlockRef | None:
        try:
            async with asyncio.timeout(_CHAIN_SECONDS):
                return (await self._node.head()).ref
        except (ChainError, TimeoutError):
            return None

    async def _wallet_sun(self) -> int | None:
        if self._wallet is None:
            return None
        if self._wallet_read and time.monotonic() - self._wallet_read[0] < _WALLET_AGAIN_SECONDS:
            return self._wallet_read[1]
        try:
            async with asyncio.timeout(_CHAIN_SECONDS):
                account = await self._node.account(self._wallet)
        except (ChainError, TimeoutError):
            return None
        sun = account.balance_sun if account else 0
        self._wallet_read = (time.monotonic(), sun)
        return sun


class _Figures(Collector):
    """What was read last, for the registry."""

    def __init__(self) -> None:
        self.metrics: tuple[Metric, ...] = ()

    def collect(self) -> Iterable[Metric]:
        return self.metrics

    def describe(self) -> Iterable[Metric]:
        # Otherwise the registry would collect them to learn their names.
        return ()


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"energy_flash_{name}", what, value=value)


def _by(
    label: str, name: str, what: str, values: Mapping[str, float], names: Iterable[str] = ()
) -> GaugeMetricFamily:
    """One gauge for each value of a label, 0 for those of `names` that nothing is known of."""
    family = GaugeMetricFamily(f"energy_flash_{name}", what, labels=(label,))
    for key, value in {**dict.fromkeys(names, 0), **values}.items():
        family.add_metric((key,), value)
    return family


def _all(stored: _Stored | None, head: BlockRef | None, wallet_sun: int | None) -> Iterator[Metric]:
    yield _gauge("database_up", "Whether the database answered", stored is not None)
    yield _gauge("chain_up", "Whether a TRON node answered", head is not None)
    if wallet_sun is not None:
        yield _gauge(
            "refund_wallet_sun", "What the wallet has that refunds are sent from", wallet_sun
        )
    if stored is None:
        return
    yield from _of_the_scanner(stored.handled, head)
    yield from _of_sales(stored)
    yield from _of_queues(stored)
    yield from _of_pools(stored)


def _of_the_scanner(handled: Handled | None, head: BlockRef | None) -> Iterator[Metric]:
    if handled is None:
        return
    yield _gauge("scanner_block", "The last block that was handled", handled.number)
    yield _gauge(
        "scanner_block_timestamp_seconds",
        "The time of the last block that was handled",
        handled.time.timestamp(),
    )
    if head is not None:
        # The scanner may have gone on since the node was asked.
        behind = max(0.0, (head.time - handled.time).total_seconds())
        yield _gauge("scanner_lag_seconds", "How far the scanner is behind the chain", behind)
        yield _gauge(
            "scanner_lag_blocks",
            "How far the scanner is behind the chain",
            max(0, head.number - handled.number),
        )


def _of_sales(stored: _Stored) -> Iterator[Metric]:
    if stored.success is not None:
        yield _gauge(
            "order_success_ratio",
            "Delivered, of the orders paid in the last day that were delivered or failed",
            stored.success,
        )
    if stored.availability is not None:
        yield _gauge(
            "availability_ratio",
            "The share of the last day's minutes in which the shop could sell",
            stored.availability,
        )
    yield _histogram(
        "payment_confirmation_seconds",
        "From a payment's block until the payment counted, of delivered orders",
        stored.confirmation,
    )
    yield _histogram(
        "delegation_seconds",
        "From when a payment counted until the block that delegated the energy",
        stored.delegation,
    )
    yield _by(
        "state",
        "orders",
        "Orders placed in the last day of the chain's time, by what became of them",
        stored.orders,
        _ORDER_STATES,
    )
    yield _by(
        "state", "open_orders", "Orders that have not ended", stored.open_orders, _OPEN_STATES
    )
    yield _by(
        "state",
        "payments",
        "Payments in the last 28,800 blocks, by what became of them",
        stored.payments,
        _PAYMENT_STATES,
    )
    held, held_sun = stored.held
    yield _gauge("held_payments", "Payments that wait for somebody's decision", held)
    yield _gauge("held_sun", "What is in them", held_sun)
    transactions = GaugeMetricFamily(
        "energy_flash_transactions",
        "Our transactions: all that are open, and the others of the last day",
        labels=("kind", "state"),
    )
    for kind in _KINDS:
        for state in _TRANSACTION_STATES:
            transactions.add_metric((kind, state), stored.transactions.get((kind, state), 0))
    yield transactions


def _of_queues(stored: _Stored) -> Iterator[Metric]:
    queues = stored.queues
    yield _by(
        "queue",
        "waiting",
        "What waits for its turn",
        {
            "deliveries": queues.deliveries,
            "reclaims": queues.reclaims,
            "refunds": queues.refunds,
            "broadcasts": queues.broadcasts,
        },
    )
    yield _by(
        "kind",
        "waiting_notices",
        "Messages that wait to be sent, by what they say",
        stored.notices,
        [kind.value for kind in NoticeKind],
    )
    yield _gauge(
        "oldest_notice_seconds",
        "For how long the oldest message has been waiting",
        queues.oldest_notice_seconds,
    )
    yield _by("kind", "open_alerts", "Alerts that are open", stored.alerts)


def _of_pools(stored: _Stored) -> Iterator[Metric]:
    sells = {
        pool.address: float(pool.state == PoolState.ENABLED and pool.trouble is None)
        for pool in stored.pools
    }
    yield _by("pool", "pool_sells", "Whether a pool is sold from, and well", sells)
    free: dict[str, float] = {}
    lent: dict[str, float] = {}
    balance: dict[str, float] = {}
    for pool in stored.pools:
        reading = stored.readings.get(pool.address)
        if reading is not None:
            rate = rate_of(reading)
            can = max(0, reading.delegatable_sun - pool.reserve_sun)
            free[pool.address] = rate.energy_of(can)
            lent[pool.address] = rate.energy_of(reading.lent_sun)
            balance[pool.address] = reading.balance_sun
    yield _by("pool", "pool_free_energy", "What a pool could lend at the last look at it", free)
    yield _by("pool", "pool_lent_energy", "What a pool lent at the last look at it", lent)
    yield _by(
        "pool", "pool_balance_sun", "What a pool has to pay the network at the last look", balance
    )


def _histogram(name: str, what: str, spread: _Spread) -> HistogramMetricFamily:
    buckets: list[tuple[str, float]] = []
    total = 0
    for bound, count in zip((*map(str, _TIMES), "+Inf"), spread.counts, strict=True):
        total += count
        buckets.append((bound, total))
    return HistogramMetricFamily(
        f"energy_flash_{name}", what, buckets=buckets, sum_value=spread.seconds
    )
