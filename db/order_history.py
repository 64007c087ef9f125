"""Everything that is recorded about one order, from every table that knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection

_Row = TypeVar("_Row")

# The payments that were taken for the order, and the refunds of them.
_PAYMENTS = "(SELECT id FROM payments WHERE order_id = $1)"
_REFUNDS = f"(SELECT id FROM refunds WHERE payment_id IN {_PAYMENTS})"


@dataclass(frozen=True, slots=True)
class PaymentEventRow:
    id: int
    txid: str
    amount_sun: int
    status: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ChainEventRow:
    """A transaction of ours; `at` is its block's time, or when it was signed."""

    txid: str
    kind: str
    owner: str
    receiver: str
    balance_sun: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BookedRow:
    """One transfer of the ledger: what left which accounts for which."""

    event: str
    sources: list[str]
    targets: list[str]
    sun: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageRow:
    kind: str
    chat_id: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    number: int
    status: str
    duration_hours: Decimal
    trx_amount: int
    at: datetime

    @property
    def duration(self) -> timedelta:
        return timedelta(seconds=int(self.duration_hours * 3600))


@dataclass(frozen=True, slots=True)
class DecisionRow:
    act: str
    actor_id: int | None
    reason: str
    at: datetime


class OrderHistoryRepository:
    """Reads only."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def payments(self, order_id: UUID) -> tuple[PaymentEventRow, ...]:
        return await self._rows(
            PaymentEventRow,
            "SELECT id, txid, amount_sun, status, reason, block_time AS at FROM payments "
            "WHERE order_id = $1 ORDER BY id",
            order_id,
        )

    async def transactions(self, order_id: UUID) -> tuple[ChainEventRow, ...]:
        """Delegations, undelegations, and refunds of its payments."""
        return await self._rows(
            ChainEventRow,
            f"""
            SELECT txid, kind, owner, receiver, balance_sun, state,
                   coalesce(block_time, to_timestamp(timestamp_ms / 1000.0)) AS at
            FROM chain_transactions WHERE txid IN (
                SELECT tx_id FROM energy_delegations WHERE order_id = $1
                UNION SELECT r.tx_id FROM energy_reclaims r
                      JOIN energy_delegations d ON d.id = r.delegation_id WHERE d.order_id = $1
                UNION SELECT txid FROM refunds WHERE id IN {_REFUNDS} AND txid IS NOT NULL)
            ORDER BY id
            """,
            order_id,
        )

    async def booked(self, order_id: UUID) -> tuple[BookedRow, ...]:
        """The transfers of the ledger that name the order, or a payment of it."""
        return await self._rows(
            BookedRow,
            f"""
            SELECT event, array_agg(account ORDER BY id) FILTER (WHERE amount_sun > 0) AS sources,
                   array_agg(account ORDER BY id) FILTER (WHERE amount_sun < 0) AS targets,
                   sum(amount_sun) FILTER (WHERE amount_sun > 0)::bigint AS sun,
                   min(created_at) AS at
            FROM ledger_entries WHERE transfer_id IN (
                SELECT transfer_id FROM ledger_entries WHERE order_id = $1
                UNION SELECT transfer_id FROM ledger_entries WHERE payment_id IN {_PAYMENTS})
            GROUP BY transfer_id, event ORDER BY min(id)
            """,
            order_id,
        )

    async def messages(self, order_id: UUID) -> tuple[MessageRow, ...]:
        return await self._rows(
            MessageRow,
            f"""
            SELECT kind, chat_id, state, coalesce(sent_at, created_at) AS at FROM outbox
            WHERE id IN (
                SELECT id FROM outbox WHERE order_id = $1
                UNION SELECT id FROM outbox WHERE payment_id IN {_PAYMENTS}
                UNION SELECT id FROM outbox WHERE refund_id IN {_REFUNDS})
            ORDER BY id
            """,
            order_id,
        )

    async def extensions(self, order_id: UUID) -> tuple[ExtensionRow, ...]:
        return await self._rows(
            ExtensionRow,
            "SELECT number, status, duration_hours, trx_amount, ordered_at AS at "
            "FROM energy_flash_orders WHERE extends_id = $1 ORDER BY number",
            order_id,
        )

    async def decisions(self, order_id: UUID, subject: str) -> tuple[DecisionRow, ...]:
        """What the staff did with the order, or with a payment that was taken for it."""
        return await self._rows(
            DecisionRow,
            """
            SELECT act, actor_id, reason, at FROM audit_log WHERE act <> 'refused' AND subject IN (
                SELECT $2 UNION SELECT 'payment ' || id FROM payments WHERE order_id = $1)
            ORDER BY id
            """,
            order_id,
            subject,
        )

    async def _rows(
        self, row_type: type[_Row], statement: str, *arguments: Any
    ) -> tuple[_Row, ...]:
        rows = await self._connection.fetch(statement, *arguments)
        return tuple(row_type(**row) for row in rows)
