"""How the business goes, counted in SQL: every span is from `since` until before `until`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from db.connection import Connection

# What was earned, when: by an order that was delivered, less what came back for an early end. The
# money is the ledger's; its time is the chain's, which the ledger's own is not.
_EARNED = """
    earned AS (
        SELECT o.id, o.origin, 'delivered' AS event, coalesce(o.extends_id, o.id) AS rental,
               o.completed_at AS at, o.duration_hours AS hours, (
                   SELECT -coalesce(sum(e.amount_sun), 0) FROM ledger_entries e
                   WHERE e.order_id = o.id AND e.account = 'revenue' AND e.event <> 'ended_early'
               ) AS sun
        FROM energy_flash_orders o
        WHERE o.status = 'completed' AND o.completed_at >= $1 AND o.completed_at < $2
        UNION ALL
        SELECT o.id, o.origin, 'ended early', o.id, o.ended_at, 0, -o.early_credit_sun
        FROM energy_flash_orders o
        WHERE o.early_credit_sun > 0 AND o.ended_at >= $1 AND o.ended_at < $2
    )"""


@dataclass(frozen=True, slots=True)
class TimesRow:
    """How long something took: half of them at most the median, 95 % at most the other."""

    median: timedelta | None
    p95: timedelta | None


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What became of the orders that were paid in a span.

    `delivery` is from the payment's block to the block that delegated; `confirmation` and
    `delegation` are the parts of it before and after the payment counted. More time for a rental
    is no delegation, and is in none of the times.
    """

    delivered: int
    failed: int
    delivery: TimesRow
    confirmation: TimesRow
    delegation: TimesRow


@dataclass(frozen=True, slots=True)
class DeliveriesRow:
    """Rentals that were delivered, from payment to energy in `times`, and that failed."""

    delivered: int
    failed: int
    times: TimesRow


@dataclass(frozen=True, slots=True)
class PoolFiguresRow:
    """What a pool did in a span. `revenue_sun` is its share, by energy, of what was earned."""

    address: str
    energy: int
    delegations: int
    revenue_sun: Decimal
    fees_sun: int
    cost_sun: int


@dataclass(frozen=True, slots=True)
class BucketRow:
    at: datetime
    orders: int
    revenue_sun: int


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What waits: refunds not sent yet, and notices; `late` of those wait for too long."""

    refunds: int
    refunds_sun: int
    notices: int
    late_notices: int


class FigureRepository:
    """Counts and sums over many rows; nothing here is locked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def states(self, since: datetime, until: datetime) -> dict[str, int]:
        """How many of the orders that were placed in the span are in which state."""
        rows = await self._connection.fetch(
            "SELECT status, count(*) AS count FROM energy_flash_orders "
            "WHERE ordered_at >= $1 AND ordered_at < $2 GROUP BY status",
            since,
            until,
        )
        return {row["status"]: row["count"] for row in rows}

    async def outcome(self, since: datetime, until: datetime) -> OutcomeRow:
        row = await self._connection.fetchrow(
            """
            WITH paid AS (
                SELECT o.status, o.completed_at - o.paid_at AS delivery,
                       m.confirmed_at - o.paid_at AS confirmation,
                       o.completed_at - m.confirmed_at AS delegation,
                       o.status = 'completed' AND o.origin <> 'extension' AS timed
                FROM energy_flash_orders o JOIN payment_monitors m ON m.order_id = o.id
                WHERE o.paid_at >= $1 AND o.paid_at < $2
            )
            SELECT count(*) FILTER (WHERE status = 'completed') AS delivered,
                   count(*) FILTER (WHERE status = 'failed') AS failed,
                   percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY delivery)
                       FILTER (WHERE timed) AS delivery,
                   percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY confirmation)
                       FILTER (WHERE timed) AS confirmation,
                   percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY delegation)
                       FILTER (WHERE timed) AS delegation
            FROM paid
            """,
            since,
            until,
        )
        assert row is not None, "an aggregate is always a row"
        return OutcomeRow(
            row["delivered"],
            row["failed"],
            *(
                TimesRow(*(row[name] or (None, None)))
                for name in ("delivery", "confirmation", "delegation")
            ),
        )

    async def deliveries(
        self, since: Sequence[datetime], until: datetime
    ) -> tuple[DeliveriesRow, ...]:
        """What became of the rentals that were paid since each of these moments, in their order."""
        rows = await self._connection.fetch(
            """
            WITH ended AS (
                SELECT paid_at, status = 'completed' AS delivered, completed_at - paid_at AS time
                FROM energy_flash_orders
                WHERE paid_at >= (SELECT min(s) FROM unnest($1::timestamptz[]) s) AND paid_at < $2
                AND status IN ('completed', 'failed') AND origin <> 'extension'
            )
            SELECT count(*) FILTER (WHERE e.delivered) AS delivered,
                   count(*) FILTER (WHERE NOT e.delivered) AS failed,
                   percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY e.time)
                       FILTER (WHERE e.delivered) AS times
            FROM unnest($1::timestamptz[]) WITH ORDINALITY s(since, position)
            LEFT JOIN ended e ON e.paid_at >= s.since
            GROUP BY s.position ORDER BY s.position
            """,
            since,
            until,
        )
        return tuple(
            DeliveriesRow(
                row["delivered"], row["failed"], TimesRow(*(row["times"] or (None, None)))
            )
            for row in rows
        )

    async def revenue(self, since: datetime, until: datetime) -> int:
        """What was earned, in sun, less what came back for rentals that were ended early."""
        earned: int = await self._connection.fetchval(
            f"WITH {_EARNED} SELECT coalesce(sum(sun), 0)::bigint FROM earned", since, until
        )
        return earned

    async def fees(self, since: datetime, until: datetime) -> int:
        """What the network burned for transactions of ours, in sun; known once they are solid."""
        fees: int = await self._connection.fetchval(
            "SELECT coalesce(sum(fee_sun), 0)::bigint FROM chain_transactions "
            "WHERE fee_sun > 0 AND block_time >= $1 AND block_time < $2",
            since,
            until,
        )
        return fees

    async def pools(self, since: datetime, until: datetime) -> tuple[PoolFiguresRow, ...]:
        """The pools that sold, earned or burned anything, the most earning first.

        A rental costs what its pools cost now, for the time that was sold, when it is sold.
        """
        rows = await self._connection.fetch(
            f"""
            WITH {_EARNED},
            sold AS (
                SELECT d.pool_address AS address, d.energy_amount AS energy, e.hours,
                       e.event = 'delivered' AND e.origin <> 'extension' AS is_rental,
                       e.sun * d.energy_amount
                           / sum(d.energy_amount) OVER (PARTITION BY e.id, e.event) AS sun
                FROM earned e
                JOIN energy_delegations d ON d.order_id = e.rental AND d.status <> 'failed'
            ),
            sums AS (
                SELECT s.address, coalesce(sum(energy) FILTER (WHERE is_rental), 0) AS energy,
                       count(*) FILTER (WHERE is_rental) AS delegations, sum(sun) AS sun,
                       round(sum(energy * hours * p.cost_sun) / 24000) AS cost
                FROM sold s JOIN energy_pools p ON p.address = s.address GROUP BY s.address
            ),
            burned AS (
                SELECT owner AS address, sum(fee_sun) AS fees FROM chain_transactions
                WHERE fee_sun > 0 AND block_time >= $1 AND block_time < $2
                AND owner IN (SELECT address FROM energy_pools) GROUP BY owner
            )
            SELECT coalesce(s.address, b.address) AS address, coalesce(energy, 0)::bigint AS energy,
                   coalesce(delegations, 0) AS delegations, coalesce(sun, 0) AS revenue_sun,
                   coalesce(fees, 0)::bigint AS fees_sun, coalesce(cost, 0)::bigint AS cost_sun
            FROM sums s FULL JOIN burned b ON b.address = s.address
            ORDER BY revenue_sun DESC, address
            """,
            since,
            until,
        )
        return tuple(PoolFiguresRow(**row) for row in rows)

    async def buckets(
        self, since: datetime, until: datetime, step: Literal["hour", "day"]
    ) -> tuple[BucketRow, ...]:
        """Delivered orders and what was earned, by the hour or day of UTC, but for empty ones."""
        rows = await self._connection.fetch(
            f"""
            WITH {_EARNED}
            SELECT date_trunc($3, at, 'UTC') AS at,
                   count(*) FILTER (WHERE event = 'delivered') AS orders,
                   sum(sun)::bigint AS revenue_sun
            FROM earned GROUP BY 1 ORDER BY 1
            """,
            since,
            until,
            step,
        )
        return tuple(BucketRow(**row) for row in rows)

    async def customers(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Customers who paid for an order: for the first time, and not for the first time."""
        row = await self._connection.fetchrow(
            """
            WITH payers AS (
                SELECT DISTINCT user_id FROM energy_flash_orders
                WHERE paid_at >= $1 AND paid_at < $2 AND user_id IS NOT NULL
            ), known AS (
                SELECT EXISTS (SELECT 1 FROM energy_flash_orders o
                               WHERE o.user_id = payers.user_id AND o.paid_at < $1) AS before
                FROM payers
            )
            SELECT count(*) FILTER (WHERE NOT before) AS new,
                   count(*) FILTER (WHERE before) AS returning FROM known
            """,
            since,
            until,
        )
        assert row is not None, "an aggregate is always a row"
        return row["new"], row["returning"]

    async def waiting(self, too_long: timedelta) -> WaitingRow:
        """What waits now; notices by the machine's clock, as they are paced by it."""
        row = await self._connection.fetchrow(
            """
            SELECT r.*, n.* FROM (
                SELECT count(*) AS refunds,
                       coalesce(sum(amount_sun - fee_sun), 0)::bigint AS refunds_sun
                FROM refunds WHERE status = 'waiting'
            ) r, (
                SELECT count(*) AS notices,
                       count(*) FILTER (WHERE created_at < now() - $1::interval) AS late_notices
                FROM outbox WHERE state = 'waiting'
            ) n
            """,
            too_long,
        )
        assert row is not None, "an aggregate is always a row"
        return WaitingRow(**row)

    async def anything_before(self, moment: datetime) -> bool:
        """Whether anything was ordered before."""
        found: bool = await self._connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM energy_flash_orders WHERE ordered_at < $1)", moment
        )
        return found
