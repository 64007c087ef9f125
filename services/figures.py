"""How the shop is doing: today's figures, and what is wrong right now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from chain.addresses import Address
from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, Transaction
from db.figures import TimesRow, WaitingRow
from services.chain_time import ChainUnread, Handled, last_handled
from services.inventory import Inventory, Outlook
from services.pools import PoolState
from services.spans import Span, SpanKind, span_of

_NEAR = timedelta(minutes=1)
_NOTICES_LATE = timedelta(minutes=5)
# Whoever looks wants to read that a node is silent, not to wait for it.
_CHAIN_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold in a span of the chain's time.

    `orders` are those that were placed in it, by state; all else is about those that were paid in
    it, or, for the revenue, delivered. `revenue_sun` is less what came back for early ends.
    """

    span: Span
    orders: Mapping[str, int]
    delivered: int
    failed: int
    revenue_sun: int
    delivery: TimesRow
    confirmation: TimesRow
    delegation: TimesRow

    @property
    def placed(self) -> int:
        return sum(self.orders.values())

    @property
    def success(self) -> Fraction | None:
        """Delivered, of what was delivered or failed; None if nothing was."""
        ended = self.delivered + self.failed
        return Fraction(self.delivered, ended) if ended else None


async def sales_in(tx: Transaction, span: Span) -> Sales:
    """What was sold in a span."""
    outcome = await tx.figures.outcome(span.since, span.until)
    return Sales(
        span=span,
        orders=await tx.figures.states(span.since, span.until),
        delivered=outcome.delivered,
        failed=outcome.failed,
        revenue_sun=await tx.figures.revenue(span.since, span.until),
        delivery=outcome.delivery,
        confirmation=outcome.confirmation,
        delegation=outcome.delegation,
    )


class Wrong(StrEnum):
    """What somebody should look at, the most pressing first."""

    NODES_SILENT = "nodes_silent"
    SCANNER_BEHIND = "scanner_behind"
    POOLS_OUT = "pools_out"
    ALERTS_OPEN = "alerts_open"
    PAYMENTS_HELD = "payments_held"
    REFUNDS_WAIT = "refunds_wait"
    NOTICES_LATE = "notices_late"


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the scanner is behind the chain."""

    time: timedelta
    blocks: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand. `lag`, `outlook` and `wallet_sun` are None where no node tells.

    `has_wallet`: refunds are sent by the program. `pools` are those that are sold from, or would
    be; `pools_out` those of them that nothing can be sold from.
    """

    lag: Lag | None
    outlook: Outlook | None
    has_wallet: bool
    wallet_sun: int | None
    pools: int
    pools_out: int
    held: int
    held_sun: int
    waiting: WaitingRow
    alerts: int = 0

    @property
    def wrong(self) -> tuple[Wrong, ...]:
        """What is not well; empty if all is."""
        found = {
            Wrong.NODES_SILENT: self.lag is None,
            Wrong.SCANNER_BEHIND: self.lag is not None and self.lag.time > _NEAR,
            Wrong.POOLS_OUT: self.pools_out > 0,
            Wrong.ALERTS_OPEN: self.alerts > 0,
            Wrong.PAYMENTS_HELD: self.held > 0,
            Wrong.REFUNDS_WAIT: self.waiting.refunds > 0,
            Wrong.NOTICES_LATE: self.waiting.late_notices > 0,
        }
        return tuple(wrong for wrong in Wrong if found[wrong])


@dataclass(frozen=True, slots=True)
class Today:
    """What an operator looks at first. `sales` are None before the first block was read."""

    now: datetime | None
    sales: Sales | None
    standing: Standing


class Figures:
    """Counts how the shop is doing; `wallet` is the account that refunds are sent from."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        inventory: Inventory,
        *,
        wallet: Address | None,
    ) -> None:
        self._node = node
        self._database = database
        self._inventory = inventory
        self._wallet = wallet

    async def today(self) -> Today:
        """How the shop is doing, on the day that the chain's time is in."""
        outlook, wallet_sun, head = await asyncio.gather(
            self._outlook(), self._wallet_sun(), self._head()
        )
        async with self._database.transaction() as tx:
            sales, handled = None, None
            try:
                handled = await last_handled(tx)
            except ChainUnread:
                pass
            else:
                sales = await sales_in(tx, span_of(SpanKind.DAY, handled.time))
            held, held_sun = await tx.payments.held_total()
            pools = [pool for pool in await tx.pools.all() if pool.state == PoolState.ENABLED]
            waiting = await tx.figures.waiting(_NOTICES_LATE)
            _, alerts = await tx.alerts.open(1)
        standing = Standing(
            lag=_lag(head, handled),
            outlook=outlook,
            has_wallet=self._wallet is not None,
            wallet_sun=wallet_sun,
            pools=len(pools),
            pools_out=sum(pool.trouble is not None for pool in pools),
            held=held,
            held_sun=held_sun,
            waiting=waiting,
            alerts=alerts,
        )
        return Today(handled.time if handled else None, sales, standing)

    async def _outlook(self) -> Outlook | None:
        try:
            async with asyncio.timeout(_CHAIN_SECONDS):
                return await self._inventory.outlook()
        except (ChainError, ChainUnread, TimeoutError):
            return None

    async def _wallet_sun(self) -> int | None:
        if self._wallet is None:
            return None
        try:
            async with asyncio.timeout(_CHAIN_SECONDS):
                account = await self._node.account(self._wallet)
        except (ChainError, TimeoutError):
            return None
        return account.balance_sun if account else 0

    async def _head(self) -> tuple[int, datetime] | None:
        try:
            async with asyncio.timeout(_CHAIN_SECONDS):
                head = (await self._node.head()).ref
        except (ChainError, TimeoutError):
            return None
        return head.number, head.time


def _lag(head: tuple[int, datetime] | None, handled: Handled | None) -> Lag | None:
    if head is None or handled is None:
        return None
    number, time = head
    # The scanner may have gone on since the node was asked.
    return Lag(max(timedelta(0), time - handled.time), max(0, number - handled.number))
