"""Orders found by whatever names them, and by what could be meant by a payment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list to read, and how much."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Hits:
    """How many were found in all, and some of them."""

    count: int
    ids: list[UUID]


class OrderSearchRepository:
    """Numbers and ids of orders, the newest first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def newest(self, *, offset: int, limit: int) -> list[UUID]:
        return await self._ids(
            "SELECT id FROM energy_flash_orders ORDER BY number DESC OFFSET $1 LIMIT $2",
            offset,
            limit,
        )

    async def count(self) -> int:
        count: int = await self._connection.fetchval("SELECT count(*) FROM energy_flash_orders")
        return count

    async def by_number_or_user(self, value: int, at: Place) -> Hits:
        """The order with this number, and the orders of the user with this id."""
        return await self._of(
            "SELECT id FROM energy_flash_orders WHERE number = $1 OR user_id = $1", at, value
        )

    async def by_id(self, order_id: UUID, at: Place) -> Hits:
        return await self._of("SELECT id FROM energy_flash_orders WHERE id = $1", at, order_id)

    async def by_txid(self, txid: str, at: Place) -> Hits:
        """Paid by it, delivered by it, taken back by it, or refunded by it."""
        return await self._of(
            """
            SELECT id FROM energy_flash_orders WHERE payment_txid = $1
            UNION SELECT order_id FROM payments WHERE txid = $1
            UNION SELECT order_id FROM energy_delegations WHERE tx_id = $1
            UNION SELECT d.order_id FROM energy_delegations d
                  JOIN energy_reclaims r ON r.delegation_id = d.id WHERE r.tx_id = $1
            UNION SELECT p.order_id FROM payments p
                  JOIN refunds f ON f.payment_id = p.id WHERE f.txid = $1
            """,
            at,
            txid,
        )

    async def by_address(self, address: str, at: Place) -> Hits:
        """Rented for it, or paid from it."""
        return await self._of(
            """
            SELECT id FROM energy_flash_orders WHERE recipient_address = $1
            UNION SELECT order_id FROM payments WHERE sender = $1
            """,
            at,
            address,
        )

    async def by_username(self, username: str, at: Place) -> Hits:
        return await self._of(
            "SELECT id FROM energy_flash_orders WHERE user_id IN "
            "(SELECT id FROM users WHERE lower(username) = lower($1))",
            at,
            username,
        )

    async def fitting(
        self,
        *,
        amount_sun: int,
        sender: str,
        user_id: int | None,
        since: datetime,
        tolerance: int,
        limit: int,
    ) -> list[UUID]:
        """Unpaid orders, open or closed after `since`, that so much money could be meant for.

        It pays all that they need, and is of the same amount within `tolerance` per cent, or from
        the wallet that is to get the energy, or of the same customer.
        """
        return await self._ids(
            """
            SELECT o.id FROM energy_flash_orders o, LATERAL (
                SELECT o.trx_amount - coalesce(sum(p.order_sun), 0) AS needed_sun FROM payments p
                WHERE p.order_id = o.id AND p.status IN ('matched', 'delivered')) n
            WHERE o.status IN ('pending', 'expired') AND o.pay_until >= $4
              AND n.needed_sun > 0 AND n.needed_sun <= $1
              AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id
                              AND p.status = 'seen' AND p.intent IN ('pays', 'part'))
              AND (n.needed_sun * 100 >= $1::bigint * (100 - $5::int)
                   OR o.recipient_address = $2 OR o.user_id = $3)
            ORDER BY (o.user_id IS NOT DISTINCT FROM $3) DESC, (o.recipient_address = $2) DESC,
                     $1::bigint - n.needed_sun, o.number DESC
            LIMIT $6
            """,
            amount_sun,
            sender,
            user_id,
            since,
            tolerance,
            limit,
        )

    async def _of(self, found: str, at: Place, value: object) -> Hits:
        row = await self._connection.fetchrow(
            f"""
            WITH found AS (SELECT id, number FROM energy_flash_orders WHERE id IN (
{found}))
            SELECT (SELECT count(*) FROM found) AS count,
                   ARRAY(SELECT id FROM found ORDER BY number DESC OFFSET $2 LIMIT $3) AS ids
            """,
            value,
            at.offset,
            at.limit,
        )
        assert row is not None, "it is one row"
        return Hits(row["count"], row["ids"])

    async def _ids(self, statement: str, *arguments: object) -> list[UUID]:
        return [row["id"] for row in await self._connection.fetch(statement, *arguments)]
