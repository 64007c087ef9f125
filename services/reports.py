"""What a day, a week or a month brought, and whether the shop kept what it promises.

Money is counted when the energy is delivered: then a rental's whole price is earned, and its pools'
cost for the whole time that was sold. What came back for an early end, and what the network burned,
counts when it happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Literal

from db.database import Database, Transaction, again_after_conflict
from db.figures import BucketRow, PoolFiguresRow
from services.availability import Availability
from services.chain_time import chain_now
from services.figures import Sales, sales_in
from services.notices import NoticeKind, tell_staff
from services.spans import Span, SpanKind, span_of, span_on

# What the specification asks for.
_SUCCESS = Fraction(95, 100)
_CONFIRMED_WITHIN = timedelta(minutes=5)
_DELEGATED_WITHIN = timedelta(seconds=30)
_AVAILABLE = Fraction(999, 1000)


class Target(StrEnum):
    """What the shop promises of itself."""

    SUCCESS = "success"
    """More than 95 % of what was paid is delivered."""
    CONFIRMATION = "confirmation"
    """A payment counts within five minutes: 95 % of them did."""
    DELEGATION = "delegation"
    """Then the energy comes within thirty seconds: 95 % of it did."""
    AVAILABILITY = "availability"
    """More than 99.9 % of the time the shop could sell."""


@dataclass(frozen=True, slots=True)
class PoolReport:
    """What a pool did, in sun. `revenue_sun` is its share, by energy, of what was earned."""

    address: str
    energy: int
    delegations: int
    revenue_sun: int
    fees_sun: int
    cost_sun: int

    @property
    def profit_sun(self) -> int:
        return self.revenue_sun - self.fees_sun - self.cost_sun


@dataclass(frozen=True, slots=True)
class Report:
    """A span of the chain's time; `now` is inside of it while it is not over.

    `fees_sun` is what the network burned for all transactions of ours, those of refunds too;
    `pool_cost_sun` what the pools cost by what their operator says. `availability` is None where
    nobody watched. `buckets` are the hours or days of the span, none missing.
    """

    span: Span
    now: datetime
    sales: Sales
    fees_sun: int
    pools: tuple[PoolReport, ...]
    availability: Fraction | None
    new_customers: int
    returning_customers: int
    buckets: tuple[BucketRow, ...]

    @property
    def pool_cost_sun(self) -> int:
        return sum(pool.cost_sun for pool in self.pools)

    @property
    def cost_sun(self) -> int:
        return self.fees_sun + self.pool_cost_sun

    @property
    def profit_sun(self) -> int:
        return self.sales.revenue_sun - self.cost_sun

    @property
    def energy(self) -> int:
        return sum(pool.energy for pool in self.pools)

    def met(self, target: Target) -> bool | None:
        """Whether a promise was kept; None if there was nothing to keep it by."""
        match target:
            case Target.SUCCESS:
                return _more(self.sales.success, _SUCCESS)
            case Target.CONFIRMATION:
                return _within(self.sales.confirmation.p95, _CONFIRMED_WITHIN)
            case Target.DELEGATION:
                return _within(self.sales.delegation.p95, _DELEGATED_WITHIN)
            case Target.AVAILABILITY:
                return _more(self.availability, _AVAILABLE)


def _more(share: Fraction | None, than: Fraction) -> bool | None:
    return None if share is None else share > than


def _within(time: timedelta | None, limit: timedelta) -> bool | None:
    return None if time is None else time < limit


def spread(total_sun: int, parts: Sequence[Decimal]) -> tuple[int, ...]:
    """Whole sun for parts that sum up to `total_sun`, but for the digits that they were cut to.

    No part is off by a sun or more, and together they are exactly the total.
    """
    whole = [floor(part) for part in parts]
    left = total_sun - sum(whole)
    largest = sorted(range(len(parts)), key=lambda n: (whole[n] - parts[n], n))
    for number in largest[: max(0, left)]:
        whole[number] += 1
    return tuple(whole)


def every_bucket(span: Span, found: Iterable[BucketRow]) -> tuple[BucketRow, ...]:
    """The buckets of a span, with those in which nothing happened."""
    known = {bucket.at: bucket for bucket in found}
    steps = (span.until - span.since) // span.step
    moments = [span.since + number * span.step for number in range(steps)]
    return tuple(known.get(moment, BucketRow(moment, 0, 0)) for moment in moments)


class Reports:
    """Makes reports, and announces that of yesterday every day from `hour` (UTC) on, if not None.

    `readers` hear of it.
    """

    def __init__(
        self,
        database: Database,
        availability: Availability,
        *,
        hour: int | None,
        readers: Sequence[int],
    ) -> None:
        self._database = database
        self._availability = availability
        self._hour = hour
        self._readers = tuple(readers)

    async def report(self, kind: SpanKind, day: date | None = None) -> Report:
        """The span that a day is in; without one, the span that runs.

        Raises:
            ChainUnread: nothing was read of the chain yet.
        """
        async with self._database.transaction() as tx:
            now = await chain_now(tx)
            span = span_of(kind, now) if day is None else span_on(kind, day)
            return await self._report(tx, span, now)

    async def _report(self, tx: Transaction, span: Span, now: datetime) -> Report:
        since, until = span.since, span.until
        new, returning = await tx.figures.customers(since, until)
        step: Literal["hour", "day"] = "hour" if span.kind is SpanKind.DAY else "day"
        return Report(
            span=span,
            now=now,
            sales=await sales_in(tx, span),
            fees_sun=await tx.figures.fees(since, until),
            pools=_pools(await tx.figures.pools(since, until)),
            availability=await self._availability.share(tx, since, until),
            new_customers=new,
            returning_customers=returning,
            buckets=every_bucket(span, await tx.figures.buckets(since, until, step)),
        )

    @again_after_conflict
    async def announce_due(self) -> int:
        """Tell the readers, once, that yesterday's report is there; returns how many days are.

        Nothing is said of days before the first order.
        """
        if self._hour is None:
            return 0
        async with self._database.transaction() as tx:
            now = await chain_now(tx)
            today = span_of(SpanKind.DAY, now)
            if now.hour < self._hour or not await tx.figures.anything_before(today.since):
                return 0
            yesterday = today.before().day.isoformat()
            await tell_staff(
                tx,
                NoticeKind.STAFF_DAY_REPORT,
                readers=self._readers,
                occasion=yesterday,
                payload={"day": yesterday},
            )
        return 1


def _pools(rows: Sequence[PoolFiguresRow]) -> tuple[PoolReport, ...]:
    shares = [row.revenue_sun for row in rows]
    whole = spread(int(sum(shares, Decimal(0)).to_integral_value()), shares)
    return tuple(
        PoolReport(row.address, row.energy, row.delegations, sun, row.fees_sun, row.cost_sun)
        for row, sun in zip(rows, whole, strict=True)
    )
