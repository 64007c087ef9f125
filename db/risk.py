"""The table `blacklist`, and what is risky about orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection

_MONTH = timedelta(days=30)
_LISTED = "id, address, user_id, reason, added_by, created_at"


@dataclass(frozen=True, slots=True)
class RiskRow:
    """Counts of orders that were there before; those that were never paid and are closed are in
    `orders` alone, and among the `undone` if their customer closed them."""

    address_listed: bool
    user_listed: bool
    user_hour: int
    user_day: int
    address_hour: int
    address_day: int
    finished: int
    orders: int
    undone: int


@dataclass(frozen=True, slots=True)
class ListedRow:
    id: int
    address: str | None
    user_id: int | None
    reason: str
    added_by: int
    created_at: datetime


class RiskRepository:
    """Facts about orders, decisions about them, and whom nothing is sold to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def facts(self, user_id: int | None, address: str, now: datetime) -> RiskRow:
        """What is known before one more order of this customer for this address."""
        row = await self._connection.fetchrow(
            """
            WITH counted AS (
                SELECT user_id = $1 AS own, recipient_address = $2 AS there, ordered_at
                FROM energy_flash_orders
                WHERE (user_id = $1 OR recipient_address = $2)
                  AND ordered_at > $3::timestamptz - interval '1 day'
                  AND status NOT IN ('expired', 'cancelled') AND origin <> 'extension'),
            late AS (
                SELECT o.status = 'cancelled' OR (o.status <> 'failed' AND EXISTS (
                    SELECT 1 FROM payments p JOIN refunds r ON r.payment_id = p.id
                    WHERE p.order_id = o.id)) AS undone
                FROM energy_flash_orders o
                WHERE o.user_id = $1 AND o.ordered_at > $3::timestamptz - $4::interval
                  AND o.status <> 'pending' AND o.origin <> 'extension')
            SELECT
                EXISTS (SELECT 1 FROM blacklist WHERE address = $2) AS address_listed,
                EXISTS (SELECT 1 FROM blacklist WHERE user_id = $1) AS user_listed,
                count(*) FILTER (WHERE own AND ordered_at > $3::timestamptz - interval '1 hour')
                    AS user_hour,
                count(*) FILTER (WHERE own) AS user_day,
                count(*) FILTER (WHERE there AND ordered_at > $3::timestamptz - interval '1 hour')
                    AS address_hour,
                count(*) FILTER (WHERE there) AS address_day,
                (SELECT count(*) FROM energy_flash_orders
                 WHERE user_id = $1 AND status = 'completed') AS finished,
                (SELECT count(*) FROM late) AS orders,
                (SELECT count(*) FROM late WHERE undone) AS undone
            FROM counted
            """,
            user_id,
            address,
            now,
            _MONTH,
        )
        assert row is not None, "it is one row of counts"
        return RiskRow(**row)

    async def ask(self, order_id: UUID, reasons: list[str]) -> None:
        """Deliver it only when a person has allowed it."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET risk_outcome = 'ask', risk_reasons = $2, "
            "updated_at = now() WHERE id = $1 AND risk_decision IS NULL",
            order_id,
            reasons,
        )

    async def waiting(self, limit: int | None) -> tuple[UUID, ...]:
        """Paid orders that wait for a person, the longest paid first."""
        rows = await self._connection.fetch(
            """
            SELECT id FROM energy_flash_orders
            WHERE risk_outcome = 'ask' AND risk_decision IS NULL AND status = 'paid'
            ORDER BY paid_at, number LIMIT $1
            """,
            limit,
        )
        return tuple(row["id"] for row in rows)

    async def decide(self, order_id: UUID, decision: str, by: int) -> None:
        await self._connection.execute(
            "UPDATE energy_flash_orders SET risk_decision = $2, risk_decided_by = $3, "
            "risk_decided_at = now(), updated_at = now() WHERE id = $1",
            order_id,
            decision,
            by,
        )

    # ── the blacklist ────────────────────────────────────────────────────────────────────────

    async def is_listed(self, address: str) -> bool:
        return await self.find_listed(address, None) is not None

    async def find_listed(self, address: str | None, user_id: int | None) -> ListedRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_LISTED} FROM blacklist WHERE address = $1 OR user_id = $2", address, user_id
        )
        return ListedRow(**row) if row else None

    async def get_listed(self, listed_id: int) -> ListedRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_LISTED} FROM blacklist WHERE id = $1", listed_id
        )
        return ListedRow(**row) if row else None

    async def listed(self, limit: int) -> tuple[int, tuple[ListedRow, ...]]:
        """How many there are, and the newest of them."""
        count: int = await self._connection.fetchval("SELECT count(*) FROM blacklist")
        rows = await self._connection.fetch(
            f"SELECT {_LISTED} FROM blacklist ORDER BY id DESC LIMIT $1", limit
        )
        return count, tuple(ListedRow(**row) for row in rows)

    async def add_listed(
        self, address: str | None, user_id: int | None, reason: str, added_by: int
    ) -> bool:
        """False if it is listed already."""
        done = await self._connection.execute(
            "INSERT INTO blacklist (address, user_id, reason, added_by) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT DO NOTHING",
            address,
            user_id,
            reason,
            added_by,
        )
        return bool(done == "INSERT 0 1")

    async def remove_listed(self, listed_id: int) -> bool:
        done = await self._connection.execute("DELETE FROM blacklist WHERE id = $1", listed_id)
        return bool(done == "DELETE 1")
