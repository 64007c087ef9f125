"""The table `payment_monitors`, as programs ask about it, and what arrived at an address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class MonitorRow:
    """`confirmations` are the blocks that were read since that with the payment.

    `updated_at` is when anything about the order changed last, by the machine's clock.
    """

    id: UUID
    payment_address: str
    expected_amount: int
    actual_amount: int | None
    status: str
    txid: str | None
    confirmations: int
    confirmed_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    txid: str
    sender: str
    amount_sun: int
    block_time: datetime
    confirmations: int


# Blocks on top of that with the payment; none while it is in no block.
_CONFIRMATIONS = """greatest(0, (SELECT max(block_number) FROM chain_cursor) - p.block_number)"""


class PaymentMonitorRepository:
    """Looks only: monitors change together with their orders."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_order(self, order_id: UUID) -> MonitorRow:
        row = await self._connection.fetchrow(
            f"""
            SELECT m.id, m.payment_address, m.expected_amount, m.actual_amount, m.status, m.txid,
                   coalesce((SELECT CASE WHEN p.adrift THEN 0 ELSE {_CONFIRMATIONS} END
                             FROM payments p WHERE p.txid = m.txid AND p.order_id = m.order_id
                             ORDER BY p.id DESC LIMIT 1), m.confirmations)::integer
                       AS confirmations,
                   m.confirmed_at, o.updated_at
            FROM payment_monitors m JOIN energy_flash_orders o ON o.id = m.order_id
            WHERE m.order_id = $1
            """,
            order_id,
        )
        assert row is not None, "every order is stored with its monitor"
        return MonitorRow(**row)

    async def arrived(self, address: str, user_id: int, limit: int) -> tuple[ArrivalRow, ...]:
        """What came to the address from the customer and is in the chain, the newest first."""
        rows = await self._connection.fetch(
            f"""
            SELECT p.txid, p.sender, p.amount_sun, p.block_time,
                   {_CONFIRMATIONS}::integer AS confirmations
            FROM payments p
            WHERE p.user_id = $2 AND p.receiver = $1
            AND p.status NOT IN ('orphaned', 'lost') AND NOT p.adrift
            ORDER BY p.id DESC LIMIT $3
            """,
            address,
            user_id,
            limit,
        )
        return tuple(ArrivalRow(**row) for row in rows)
