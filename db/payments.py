"""The table `payments`: every transfer that reached one of our addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class PaymentRow:
    id: int
    txid: str
    position: int
    sender: str
    receiver: str
    amount_sun: int
    block_number: int
    block_id: str
    block_time: datetime
    status: str
    order_id: UUID | None
    reason: str | None


_COLUMNS = """id, txid, position, sender, receiver, amount_sun, block_number, block_id,
              block_time, status, order_id, reason"""


class PaymentRepository:
    """Incoming transfers, each recorded once by (txid, position)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, txid: str, position: int) -> PaymentRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM payments WHERE txid = $1 AND position = $2 FOR UPDATE",
            txid,
            position,
        )
        return PaymentRow(**row) if row else None

    async def record(
        self,
        *,
        txid: str,
        position: int,
        sender: str,
        receiver: str,
        amount_sun: int,
        block_number: int,
        block_id: str,
        block_time: datetime,
        status: str,
        order_id: UUID | None,
        reason: str | None,
    ) -> PaymentRow:
        row = await self._connection.fetchrow(
            f"""
            INSERT INTO payments (txid, position, sender, receiver, amount_sun, block_number,
                                  block_id, block_time, status, order_id, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING {_COLUMNS}
            """,
            txid,
            position,
            sender,
            receiver,
            amount_sun,
            block_number,
            block_id,
            block_time,
            status,
            order_id,
            reason,
        )
        assert row is not None
        return PaymentRow(**row)

    async def seen_again(
        self,
        payment_id: int,
        *,
        block_number: int,
        block_id: str,
        block_time: datetime,
        order_id: UUID | None,
        reason: str | None,
    ) -> bool:
        """An orphaned payment stands in a block again."""
        done = await self._connection.execute(
            """
            UPDATE payments SET status = 'seen', block_number = $2, block_id = $3,
                   block_time = $4, order_id = $5, reason = $6, updated_at = now()
            WHERE id = $1 AND status = 'orphaned'
            """,
            payment_id,
            block_number,
            block_id,
            block_time,
            order_id,
            reason,
        )
        return done == "UPDATE 1"

    async def moved(
        self, payment_id: int, *, block_number: int, block_id: str, block_time: datetime
    ) -> None:
        """The transaction of an already credited payment stands in another block."""
        await self._connection.execute(
            """
            UPDATE payments SET block_number = $2, block_id = $3, block_time = $4,
                   updated_at = now()
            WHERE id = $1
            """,
            payment_id,
            block_number,
            block_id,
            block_time,
        )

    async def orphan_above(self, block_number: int) -> tuple[PaymentRow, ...]:
        """Unconfirmed payments in blocks above `block_number` lose their block."""
        rows = await self._connection.fetch(
            f"""
            UPDATE payments SET status = 'orphaned', updated_at = now()
            WHERE block_number > $1 AND status = 'seen' RETURNING {_COLUMNS}
            """,
            block_number,
        )
        return tuple(PaymentRow(**row) for row in rows)

    async def unconfirmed(self, up_to_block: int) -> tuple[PaymentRow, ...]:
        """Payments seen in blocks up to `up_to_block`, in the order of the chain."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} FROM payments WHERE status = 'seen' AND block_number <= $1
            ORDER BY block_number, id FOR UPDATE
            """,
            up_to_block,
        )
        return tuple(PaymentRow(**row) for row in rows)

    async def settle(self, payment_id: int, *, old: str, new: str, reason: str | None) -> bool:
        """Move from status `old` to `new`; False if it was not in `old`."""
        done = await self._connection.execute(
            """
            UPDATE payments SET status = $3, reason = $4, updated_at = now()
            WHERE id = $1 AND status = $2
            """,
            payment_id,
            old,
            new,
            reason,
        )
        return done == "UPDATE 1"

    async def paying(self, order_id: UUID) -> PaymentRow | None:
        """The payment that pays this order, delivered or not."""
        row = await self._connection.fetchrow(
            f"""
            SELECT {_COLUMNS} FROM payments
            WHERE order_id = $1 AND reason IS NULL AND status IN ('matched', 'delivered')
            FOR UPDATE
            """,
            order_id,
        )
        return PaymentRow(**row) if row else None

    async def by_ids(self, payment_ids: list[int]) -> dict[int, PaymentRow]:
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM payments WHERE id = ANY($1)", payment_ids
        )
        return {row["id"]: PaymentRow(**row) for row in rows}

    async def held_total(self) -> tuple[int, int]:
        """How many payments are held, and their sum in sun."""
        row = await self._connection.fetchrow(
            "SELECT count(*) AS count, coalesce(sum(amount_sun), 0)::bigint AS total "
            "FROM payments WHERE status = 'held'"
        )
        assert row is not None
        return row["count"], row["total"]

    async def held(self, limit: int) -> tuple[PaymentRow, ...]:
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM payments WHERE status = 'held' ORDER BY id DESC LIMIT $1",
            limit,
        )
        return tuple(PaymentRow(**row) for row in rows)
