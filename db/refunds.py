"""The table `refunds`: money on its way back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class RefundRow:
    id: int
    payment_id: int | None
    user_id: int | None
    to_address: str
    amount_sun: int
    fee_sun: int
    status: str
    wait_reason: str | None
    approved: bool
    txid: str | None
    requested_at: datetime
    signed_at: datetime | None
    done_at: datetime | None

    @property
    def sent_sun(self) -> int:
        """What arrives: the amount less the fee."""
        return self.amount_sun - self.fee_sun


_COLUMNS = ", ".join(f"r.{column.name}" for column in fields(RefundRow))
# One arbitrary constant of our own: what a day's refunds come to is decided by one at a time.
_LOCK = 0x454E4651


class RefundRepository:
    """Refunds. Every change of state names the state it leaves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock_all(self) -> None:
        """Held until the transaction ends: one process at a time decides about refunds."""
        await self._connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)

    async def request(
        self,
        *,
        payment_id: int | None,
        user_id: int | None,
        to_address: str,
        amount_sun: int,
        fee_sun: int,
        requested_at: datetime,
    ) -> RefundRow:
        """Store a refund as waiting."""
        row = await self._connection.fetchrow(
            f"""
            INSERT INTO refunds AS r (payment_id, user_id, to_address, amount_sun, fee_sun,
                                      requested_at)
            VALUES ($1, $2, $3, $4, $5, $6) RETURNING {_COLUMNS}
            """,
            payment_id,
            user_id,
            to_address,
            amount_sun,
            fee_sun,
            requested_at,
        )
        assert row is not None
        return RefundRow(**row)

    async def get(self, refund_id: int) -> RefundRow | None:
        return await self._one("r.id = $1", refund_id)

    async def lock(self, refund_id: int) -> RefundRow | None:
        return await self._one("r.id = $1 FOR UPDATE", refund_id)

    async def of_payment(self, payment_id: int) -> RefundRow | None:
        return await self._one("r.payment_id = $1", payment_id)

    async def by_ids(self, refund_ids: list[int]) -> dict[int, RefundRow]:
        rows = await self._many("r.id = ANY($1)", refund_ids)
        return {row.id: row for row in rows}

    async def waiting(self, limit: int) -> tuple[RefundRow, ...]:
        """Refunds to be sent, oldest first; not of a payment that left the chain."""
        return await self._many(
            """
            r.status = 'waiting' AND NOT EXISTS (
                SELECT 1 FROM payments p WHERE p.id = r.payment_id AND p.adrift)
            ORDER BY r.id LIMIT $1
            """,
            limit,
        )

    async def sending(self) -> tuple[tuple[RefundRow, str, int | None, datetime | None], ...]:
        """Refunds on their way whose transaction is decided: with its state and block."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS}, t.state AS tx_state, t.block_number AS tx_block,
                   t.block_time AS tx_time
            FROM refunds r JOIN chain_transactions t ON t.txid = r.txid
            WHERE r.status = 'sending' AND t.state IN ('included', 'dead', 'rejected')
            ORDER BY r.id
            """
        )
        found = []
        for row in rows:
            values = dict(row)
            state, block = values.pop("tx_state"), values.pop("tx_block")
            time = values.pop("tx_time")
            found.append((RefundRow(**values), state, block, time))
        return tuple(found)

    async def signed_since(self, moment: datetime) -> int:
        """What refunds signed at or after `moment` come to, in sun."""
        total: int = await self._connection.fetchval(
            """
            SELECT coalesce(sum(amount_sun), 0)::bigint FROM refunds
            WHERE status IN ('sending', 'done') AND signed_at >= $1
            """,
            moment,
        )
        return total

    async def wait(self, refund_id: int, reason: str) -> bool:
        """Say why a refund waits; False if that was known already."""
        return await self._move(
            """
            UPDATE refunds SET wait_reason = $2, updated_at = now()
            WHERE id = $1 AND status = 'waiting' AND wait_reason IS DISTINCT FROM $2
            """,
            refund_id,
            reason,
        )

    async def approve(self, refund_id: int) -> bool:
        """A person allows a refund above the cap for a single one."""
        return await self._move(
            """
            UPDATE refunds SET approved = true, wait_reason = NULL, updated_at = now()
            WHERE id = $1 AND status = 'waiting' AND NOT approved
            """,
            refund_id,
        )

    async def send(self, refund_id: int, *, txid: str, signed_at: datetime) -> bool:
        """waiting → sending, by the stored transaction `txid`."""
        return await self._move(
            """
            UPDATE refunds SET status = 'sending', txid = $2, signed_at = $3, wait_reason = NULL,
                   updated_at = now()
            WHERE id = $1 AND status = 'waiting'
            """,
            refund_id,
            txid,
            signed_at,
        )

    async def send_again(self, refund_id: int, *, after: str, reason: str) -> bool:
        """sending → waiting: the transaction `after` can never be in a block."""
        return await self._move(
            """
            UPDATE refunds SET status = 'waiting', txid = NULL, signed_at = NULL,
                   wait_reason = $3, updated_at = now()
            WHERE id = $1 AND status = 'sending' AND txid = $2
            """,
            refund_id,
            after,
            reason,
        )

    async def finish(self, refund_id: int, *, txid: str, done_at: datetime) -> bool:
        """sending, or waiting while a person sent it by hand → done."""
        return await self._move(
            """
            UPDATE refunds SET status = 'done', txid = $2, done_at = $3, wait_reason = NULL,
                   updated_at = now()
            WHERE id = $1 AND (status = 'waiting' OR (status = 'sending' AND txid = $2))
            """,
            refund_id,
            txid,
            done_at,
        )

    async def withdraw(self, refund_id: int) -> bool:
        """waiting → withdrawn: it will not be sent."""
        return await self._move(
            """
            UPDATE refunds SET status = 'withdrawn', wait_reason = NULL, updated_at = now()
            WHERE id = $1 AND status = 'waiting'
            """,
            refund_id,
        )

    async def waiting_for(self, to_address: str, sent_sun: int) -> RefundRow | None:
        """The oldest waiting refund that a transfer of `sent_sun` to this address settles."""
        return await self._one(
            """
            r.status = 'waiting' AND r.to_address = $1 AND r.amount_sun - r.fee_sun = $2
            ORDER BY r.id LIMIT 1 FOR UPDATE
            """,
            to_address,
            sent_sun,
        )

    async def open_of(self, user_id: int) -> tuple[RefundRow, ...]:
        """The customer's refunds that have not arrived yet."""
        return await self._many(
            "r.user_id = $1 AND r.status IN ('waiting', 'sending') ORDER BY r.id", user_id
        )

    async def open_all(self, limit: int) -> tuple[RefundRow, ...]:
        """All refunds that have not arrived yet, oldest first."""
        return await self._many("r.status IN ('waiting', 'sending') ORDER BY r.id LIMIT $1", limit)

    async def _one(self, condition: str, *arguments: object) -> RefundRow | None:
        rows = await self._many(condition, *arguments)
        return rows[0] if rows else None

    async def _many(self, condition: str, *arguments: object) -> tuple[RefundRow, ...]:
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM refunds r WHERE {condition}", *arguments
        )
        return tuple(RefundRow(**row) for row in rows)

    async def _move(self, statement: str, *arguments: object) -> bool:
        return bool(await self._connection.execute(statement, *arguments) == "UPDATE 1")
