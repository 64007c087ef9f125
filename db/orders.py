"""The tables `energy_flash_orders` and `payment_monitors`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from db.quotes import QuoteRow

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: UUID
    number: int
    user_id: int
    recipient_address: str
    destination_address: str | None
    payment_address: str
    trx_amount: int
    transaction_count: int
    energy_per_transaction: int
    energy_amount: int
    burn_sun: int
    duration_hours: Decimal
    status: str
    amount_reserved: bool
    payment_txid: str | None
    failure: str | None
    card_chat_id: int | None
    card_message_id: int | None
    ordered_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    deliver_until: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderStory:
    """What happened to one order on the chain."""

    seen_txid: str | None
    seen_at: datetime | None
    delegation_txids: list[str]
    reclaim_txids: list[str]
    energy_used: int | None


class AmountTaken(Exception):
    """Another open order already asks for this amount at this address."""


_ORDER = """o.id, o.number, o.user_id, o.recipient_address, o.destination_address,
    o.payment_address, o.trx_amount, o.transaction_count, o.energy_per_transaction,
    o.energy_amount, o.burn_sun, o.duration_hours, o.status, o.amount_reserved, o.payment_txid,
    o.failure, o.card_chat_id, o.card_message_id, o.ordered_at, o.pay_until, o.paid_at,
    o.deliver_until, o.completed_at, o.expires_at, o.ended_at"""

_RESERVED_AMOUNT = "orders_reserved_amount"

# Waiting for money, with none in sight.
_UNPAID = """o.status = 'pending' AND NOT EXISTS (
    SELECT 1 FROM payments p
    WHERE p.order_id = o.id AND p.status = 'seen' AND p.reason IS NULL)"""


class OrderRepository:
    """Orders and their payment monitors. Every change of state names the state it leaves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def place(
        self,
        quote: QuoteRow,
        *,
        payment_address: str,
        amount_sun: int,
        ordered_at: datetime,
        pay_until: datetime,
    ) -> OrderRow:
        """Store the order of a quote and start its monitor.

        Raises:
            AmountTaken: `amount_sun` is reserved by another order; choose another.
        """
        try:
            async with self._connection.transaction():
                row = await self._connection.fetchrow(
                    f"""
                    INSERT INTO energy_flash_orders AS o
                        (quote_id, user_id, recipient_address, destination_address,
                         payment_address, trx_amount, transaction_count,
                         energy_per_transaction, burn_sun, price_config_id, duration_hours,
                         ordered_at, pay_until)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                    RETURNING {_ORDER}
                    """,
                    quote.id,
                    quote.user_id,
                    quote.recipient_address,
                    quote.destination_address,
                    payment_address,
                    amount_sun,
                    quote.transaction_count,
                    quote.energy_per_transaction,
                    quote.burn_sun,
                    quote.price_config_id,
                    quote.duration_hours,
                    ordered_at,
                    pay_until,
                )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == _RESERVED_AMOUNT:
                raise AmountTaken from error
            raise
        assert row is not None
        order = OrderRow(**row)
        await self._connection.execute(
            """
            INSERT INTO payment_monitors (order_id, payment_address, expected_amount)
            VALUES ($1, $2, $3)
            """,
            order.id,
            payment_address,
            amount_sun,
        )
        return order

    async def get(self, order_id: UUID) -> OrderRow | None:
        return await self._one("o.id = $1", order_id)

    async def lock(self, order_id: UUID) -> OrderRow | None:
        return await self._one("o.id = $1 FOR UPDATE", order_id)

    async def of_quote(self, quote_id: UUID) -> OrderRow | None:
        return await self._one("o.quote_id = $1", quote_id)

    async def reserving(self, payment_address: str, amount_sun: int) -> OrderRow | None:
        """The one order, open or lately closed, that asks for this amount at this address."""
        return await self._one(
            "o.payment_address = $1 AND o.trx_amount = $2 AND o.amount_reserved FOR UPDATE",
            payment_address,
            amount_sun,
        )

    async def reserved_amounts(self, payment_address: str, first: int, last: int) -> set[int]:
        rows = await self._connection.fetch(
            """
            SELECT trx_amount FROM energy_flash_orders
            WHERE payment_address = $1 AND amount_reserved AND trx_amount BETWEEN $2 AND $3
            """,
            payment_address,
            first,
            last,
        )
        return {row["trx_amount"] for row in rows}

    async def payment_addresses(self) -> frozenset[str]:
        """Where a payment for an order, open or lately closed, may still arrive."""
        rows = await self._connection.fetch(
            "SELECT DISTINCT payment_address FROM energy_flash_orders WHERE amount_reserved"
        )
        return frozenset(row["payment_address"] for row in rows)

    async def count_open(self, user_id: int) -> int:
        """How many orders of this user wait for money."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM energy_flash_orders WHERE user_id = $1 AND status = 'pending'",
            user_id,
        )
        return count

    async def energy_promised(self) -> int:
        """Energy of open orders for which no delegation has been signed yet."""
        energy: int = await self._connection.fetchval(
            """
            SELECT coalesce(sum(energy_amount), 0)::bigint FROM energy_flash_orders o
            WHERE status IN ('pending', 'paid')
               OR (status = 'processing' AND NOT EXISTS (
                       SELECT 1 FROM energy_delegations d
                       WHERE d.order_id = o.id AND d.status IN ('pending', 'active')))
            """
        )
        return energy

    async def count(self, user_id: int) -> int:
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM energy_flash_orders WHERE user_id = $1", user_id
        )
        return count

    async def page(self, user_id: int, *, offset: int, limit: int) -> tuple[OrderRow, ...]:
        return await self._many(
            "o.user_id = $1 ORDER BY o.number DESC OFFSET $2 LIMIT $3", user_id, offset, limit
        )

    async def by_ids(self, order_ids: list[UUID]) -> tuple[OrderRow, ...]:
        return await self._many("o.id = ANY($1)", order_ids)

    async def stories(self, order_ids: list[UUID]) -> dict[UUID, OrderStory]:
        rows = await self._connection.fetch(
            """
            SELECT o.id, p.txid AS seen_txid, p.block_time AS seen_at,
                   coalesce(d.delegation_txids, '{}') AS delegation_txids,
                   coalesce(d.reclaim_txids, '{}') AS reclaim_txids,
                   d.energy_used
            FROM energy_flash_orders o
            LEFT JOIN payments p ON p.order_id = o.id AND p.reason IS NULL
                 AND p.status IN ('seen', 'matched', 'delivered')
            LEFT JOIN LATERAL (
                SELECT array_agg(tx_id::text ORDER BY created_at)
                           FILTER (WHERE status NOT IN ('pending', 'failed')) AS delegation_txids,
                       array_agg(reclaim_tx_id::text ORDER BY created_at)
                           FILTER (WHERE status = 'revoked' AND reclaim_tx_id IS NOT NULL)
                           AS reclaim_txids,
                       sum(energy_used)::bigint AS energy_used
                FROM energy_delegations WHERE order_id = o.id
            ) d ON true
            WHERE o.id = ANY($1)
            """,
            order_ids,
        )
        return {
            row["id"]: OrderStory(
                seen_txid=row["seen_txid"],
                seen_at=row["seen_at"],
                delegation_txids=row["delegation_txids"],
                reclaim_txids=row["reclaim_txids"],
                energy_used=row["energy_used"],
            )
            for row in rows
        }

    async def shown_on(self, order_id: UUID, chat_id: int, message_id: int) -> None:
        await self._connection.execute(
            """
            UPDATE energy_flash_orders SET card_chat_id = $2, card_message_id = $3 WHERE id = $1
            """,
            order_id,
            chat_id,
            message_id,
        )

    async def saw_payment(self, order_id: UUID, *, txid: str, amount_sun: int) -> None:
        await self._connection.execute(
            """
            UPDATE payment_monitors SET txid = $2, actual_amount = $3, confirmations = 0
            WHERE order_id = $1 AND status = 'monitoring'
            """,
            order_id,
            txid,
            amount_sun,
        )

    async def lost_payment(self, order_id: UUID) -> None:
        """The block of the seen payment left the chain."""
        await self._connection.execute(
            """
            UPDATE payment_monitors SET txid = NULL, actual_amount = NULL, confirmations = 0
            WHERE order_id = $1 AND status = 'monitoring'
            """,
            order_id,
        )

    async def pay(
        self, order_id: UUID, *, txid: str, paid_at: datetime, confirmations: int
    ) -> bool:
        """pending, or expired meanwhile → paid. `paid_at` is the time of the payment's block."""
        moved = await self._move(
            "UPDATE energy_flash_orders SET status = 'paid', payment_txid = $2, paid_at = $3, "
            "updated_at = now() WHERE id = $1 AND status IN ('pending', 'expired')",
            order_id,
            txid,
            paid_at,
        )
        if moved:
            await self._connection.execute(
                """
                UPDATE payment_monitors
                SET status = 'confirmed', confirmations = $2, confirmed_at = now()
                WHERE order_id = $1
                """,
                order_id,
                confirmations,
            )
        return moved

    async def try_until(self, order_id: UUID, deliver_until: datetime) -> None:
        """Delivery is tried for the first time; it is given up if it fails until then."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET deliver_until = $2, updated_at = now() "
            "WHERE id = $1 AND deliver_until IS NULL",
            order_id,
            deliver_until,
        )

    async def process(self, order_id: UUID) -> bool:
        """paid → processing."""
        return await self._move(
            "UPDATE energy_flash_orders SET status = 'processing', updated_at = now() "
            "WHERE id = $1 AND status = 'paid'",
            order_id,
        )

    async def complete(
        self, order_id: UUID, *, completed_at: datetime, expires_at: datetime
    ) -> bool:
        """processing → completed."""
        return await self._move(
            "UPDATE energy_flash_orders SET status = 'completed', completed_at = $2, "
            "expires_at = $3, updated_at = now() WHERE id = $1 AND status = 'processing'",
            order_id,
            completed_at,
            expires_at,
        )

    async def reopen(self, order_id: UUID) -> bool:
        """completed → processing: what was delivered left the chain. As if not tried yet."""
        return await self._move(
            "UPDATE energy_flash_orders SET status = 'processing', deliver_until = NULL, "
            "updated_at = now() WHERE id = $1 AND status = 'completed' AND ended_at IS NULL",
            order_id,
        )

    async def fail(self, order_id: UUID, failure: str) -> bool:
        """paid or processing → failed."""
        return await self._move(
            "UPDATE energy_flash_orders SET status = 'failed', failure = $2, updated_at = now() "
            "WHERE id = $1 AND status IN ('paid', 'processing')",
            order_id,
            failure,
        )

    async def cancel(self, order_id: UUID) -> bool:
        """pending, with no payment in sight → cancelled."""
        moved = await self._move(
            f"UPDATE energy_flash_orders o SET status = 'cancelled', updated_at = now() "
            f"WHERE id = $1 AND {_UNPAID}",
            order_id,
        )
        if moved:
            await self._close_monitor(order_id, "cancelled")
        return moved

    async def end(self, order_id: UUID, ended_at: datetime) -> bool:
        """The rental is over once no delegation of the order is out any more."""
        return await self._move(
            """
            UPDATE energy_flash_orders o SET ended_at = $2, updated_at = now()
            WHERE id = $1 AND ended_at IS NULL AND status = 'completed' AND NOT EXISTS (
                SELECT 1 FROM energy_delegations d WHERE d.order_id = o.id
                AND d.status IN ('pending', 'active', 'expired', 'reclaiming'))
            """,
            order_id,
            ended_at,
        )

    async def expire_unpaid(self, now: datetime, limit: int) -> tuple[OrderRow, ...]:
        """pending → expired for up to `limit` orders whose time to pay ran out before `now`."""
        rows = await self._connection.fetch(
            f"""
            UPDATE energy_flash_orders o SET status = 'expired', updated_at = now()
            WHERE o.id IN (
                SELECT o.id FROM energy_flash_orders o
                WHERE {_UNPAID} AND o.pay_until < $1
                ORDER BY o.pay_until LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING {_ORDER}
            """,
            now,
            limit,
        )
        for row in rows:
            await self._close_monitor(row["id"], "timeout")
        return tuple(OrderRow(**row) for row in rows)

    async def release_amounts(self, closed_before: datetime) -> int:
        """Free the amounts of orders that no payment can belong to any more."""
        done = await self._connection.execute(
            """
            UPDATE energy_flash_orders SET amount_reserved = false
            WHERE amount_reserved AND status <> 'pending' AND pay_until < $1
            """,
            closed_before,
        )
        return int(done.split()[-1])

    async def deliverable(self, limit: int) -> tuple[UUID, ...]:
        """Paid orders whose delegations do not yet make up the energy that was sold."""
        rows = await self._connection.fetch(
            """
            SELECT o.id FROM energy_flash_orders o
            WHERE o.status IN ('paid', 'processing') AND o.energy_amount > (
                SELECT coalesce(sum(d.energy_amount), 0) FROM energy_delegations d
                WHERE d.order_id = o.id AND d.status IN ('pending', 'active'))
            ORDER BY o.paid_at, o.number LIMIT $1
            """,
            limit,
        )
        return tuple(row["id"] for row in rows)

    async def _close_monitor(self, order_id: UUID, status: str) -> None:
        await self._connection.execute(
            "UPDATE payment_monitors SET status = $2 WHERE order_id = $1 AND status = 'monitoring'",
            order_id,
            status,
        )

    async def _one(self, condition: str, *arguments: object) -> OrderRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_ORDER} FROM energy_flash_orders o WHERE {condition}", *arguments
        )
        return OrderRow(**row) if row else None

    async def _many(self, condition: str, *arguments: object) -> tuple[OrderRow, ...]:
        rows = await self._connection.fetch(
            f"SELECT {_ORDER} FROM energy_flash_orders o WHERE {condition}", *arguments
        )
        return tuple(OrderRow(**row) for row in rows)

    async def _move(self, statement: str, *arguments: object) -> bool:
        return bool(await self._connection.execute(statement, *arguments) == "UPDATE 1")
