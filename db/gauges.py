"""What is watched from outside: how much of everything there is, and how much of it waits.

Asked again every few seconds, so each is answered from an index, and costs what is open or of the
last day, not what there ever was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class QueuesRow:
    """What waits for its turn; `oldest_notice_seconds` is 0 if no notice waits."""

    deliveries: int
    reclaims: int
    refunds: int
    broadcasts: int
    oldest_notice_seconds: float


class GaugeRepository:
    """Counts of the moment; nothing here is locked."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ended(self, paid_since: datetime) -> tuple[int, int]:
        """How many of the orders paid since then were delivered, and how many failed."""
        row = await self._connection.fetchrow(
            "SELECT count(*) FILTER (WHERE status = 'completed') AS delivered, "
            "count(*) FILTER (WHERE status = 'failed') AS failed "
            "FROM energy_flash_orders WHERE paid_at >= $1",
            paid_since,
        )
        assert row is not None, "counts are always a row"
        return row["delivered"], row["failed"]

    async def payments(self, since_block: int) -> dict[str, int]:
        """How many payments from this block on are in which state."""
        rows = await self._connection.fetch(
            "SELECT status, count(*) AS count FROM payments WHERE block_number >= $1 "
            "GROUP BY status",
            since_block,
        )
        return {row["status"]: row["count"] for row in rows}

    async def transactions(self, since_block: int, since: datetime) -> dict[tuple[str, str], int]:
        """Ours by kind and state: all that are open, and those of the span that are not."""
        rows = await self._connection.fetch(
            """
            SELECT kind, state, count(*) AS count FROM (
                SELECT kind, state FROM chain_transactions WHERE state IN ('signed', 'sent')
                UNION ALL
                SELECT kind, state FROM chain_transactions
                WHERE block_number >= $1 AND state = 'included'
                UNION ALL
                SELECT kind, state FROM chain_transactions
                WHERE state IN ('dead', 'rejected') AND expiration >= $2
            ) ours GROUP BY kind, state
            """,
            since_block,
            since,
        )
        return {(row["kind"], row["state"]): row["count"] for row in rows}

    async def notices(self) -> dict[str, int]:
        """How many notices wait, by what they are about."""
        rows = await self._connection.fetch(
            "SELECT kind, count(*) AS count FROM outbox WHERE state = 'waiting' GROUP BY kind"
        )
        return {row["kind"]: row["count"] for row in rows}

    async def queues(self, now: datetime) -> QueuesRow:
        """What waits, `now` being the chain's time."""
        row = await self._connection.fetchrow(
            """
            SELECT (SELECT count(*) FROM energy_flash_orders o
                    WHERE status = 'paid' AND extends_id IS NULL
                    AND (risk_outcome = 'allow' OR risk_decision = 'allowed')) AS deliveries,
                   (SELECT count(*) FROM energy_delegations WHERE status = 'expired'
                    AND (reclaim_after IS NULL OR reclaim_after <= $1))
                   + (SELECT count(*) FROM energy_delegations
                      WHERE status = 'active' AND expires_at <= $1) AS reclaims,
                   (SELECT count(*) FROM refunds WHERE status = 'waiting') AS refunds,
                   (SELECT count(*) FROM broadcast_recipients r JOIN broadcasts b
                    ON b.id = r.broadcast_id WHERE b.state = 'sending' AND r.state = 'waiting')
                       AS broadcasts,
                   (SELECT coalesce(greatest(extract(epoch FROM now() - min(created_at)), 0), 0)
                    FROM outbox WHERE state = 'waiting')::float8 AS oldest_notice_seconds
            """,
            now,
        )
        assert row is not None, "counts are always a row"
        return QueuesRow(**row)

    async def alerts(self) -> dict[str, int]:
        """How many alerts are open, by kind."""
        rows = await self._connection.fetch(
            "SELECT kind, count(*) AS count FROM alerts WHERE closed_at IS NULL GROUP BY kind"
        )
        return {row["kind"]: row["count"] for row in rows}

    async def times(
        self, since: datetime, until: datetime | None
    ) -> tuple[dict[float, int], dict[float, int]]:
        """How many deliveries of the span took so many seconds.

        First from the payment's block until it counted, then from there to the block that
        delegated; as `FigureRepository.outcome` has them.
        """
        rows = await self._connection.fetch(
            """
            WITH delivered AS (
                SELECT extract(epoch FROM m.confirmed_at - o.paid_at)::float8 AS confirmation,
                       extract(epoch FROM o.completed_at - m.confirmed_at)::float8 AS delegation
                FROM energy_flash_orders o JOIN payment_monitors m ON m.order_id = o.id
                WHERE o.completed_at >= $1 AND ($2::timestamptz IS NULL OR o.completed_at < $2)
                AND o.status = 'completed' AND o.origin <> 'extension'
                AND m.confirmed_at IS NOT NULL
            )
            SELECT true AS first, confirmation AS seconds, count(*) AS count FROM delivered
            GROUP BY confirmation
            UNION ALL
            SELECT false, delegation, count(*) FROM delivered GROUP BY delegation
            """,
            since,
            until,
        )
        confirmation, delegation = (
            {row["seconds"]: row["count"] for row in rows if row["first"] is first}
            for first in (True, False)
        )
        return confirmation, delegation
