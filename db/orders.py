"""The tables `energy_flash_orders` and `payment_monitors`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
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
    quote_id: UUID
    origin: str
    extends_id: UUID | None
    user_id: int | None
    recipient_address: str
    destination_address: str | None
    destination_holds_token: bool
    token_address: str | None
    token_amount: Decimal | None
    payment_address: str
    trx_amount: int
    due_sun: int
    balance_sun: int
    transaction_count: int
    energy_per_transaction: int
    energy_next: int
    energy_own: int
    energy_amount: int
    estimated: bool
    price_config_id: str
    burn_sun: int
    duration_hours: Decimal
    extended_hours: Decimal
    given_hours: Decimal
    status: str
    amount_reserved: bool
    payment_txid: str | None
    failure: str | None
    compensation: str | None
    card_chat_id: int | None
    card_message_id: int | None
    ordered_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    deliver_until: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    ended_early_at: datetime | None
    early_end_percent: int | None
    early_credit_sun: int
    risk_outcome: str
    risk_reasons: list[str]
    risk_decision: str | None
    api_key_id: UUID | None
    client_order_id: str | None

    @property
    def waits_for_person(self) -> bool:
        """Whether it is not delivered before somebody allows it."""
        return self.risk_outcome == "ask" and self.risk_decision is None

    @property
    def rental_hours(self) -> Decimal:
        """How long its rental lasts, with all that prolonged it."""
        return self.sold_hours + self.given_hours

    @property
    def sold_hours(self) -> Decimal:
        """How much of that was paid for."""
        return self.duration_hours + self.extended_hours


@dataclass(frozen=True, slots=True)
class OrderStory:
    """What happened to one order on the chain.

    `paying` says that a payment which pays it was seen and is not confirmed yet. `received_sun`
    is what payments and the balance brought so far, `credited_sun` what of it went to the balance.
    `extensions_sun` is the price of what prolonged its rental, `extends_number` the order that an
    extension prolongs, `rental_expires_at` until when.
    """

    paying: bool
    seen_txid: str | None
    seen_at: datetime | None
    received_sun: int
    credited_sun: int
    delegation_txids: list[str]
    reclaim_txids: list[str]
    energy_used: int | None
    extensions_sun: int
    extends_number: int | None
    rental_expires_at: datetime | None


def story_of(record: asyncpg.Record) -> OrderStory:
    """The story whose columns are in the record."""
    return OrderStory(**{column.name: record[column.name] for column in fields(OrderStory)})


class AmountTaken(Exception):
    """Another open order already asks for this amount at this address."""


class ClientOrderIdTaken(Exception):
    """Another order of the customer is called the same by their program."""


ORDER = ", ".join(f"o.{column.name}" for column in fields(OrderRow))
"""The columns of an order, of `energy_flash_orders` as o."""

STORY = ", ".join(f"s.{column.name}" for column in fields(OrderStory))
"""The columns of a story, of `order_stories` as s."""

_RESERVED_AMOUNT = "orders_reserved_amount"
_CLIENT_ORDER_ID = "orders_client_order_id"

# Waiting for money, with none in sight.
_UNPAID = """o.status = 'pending' AND NOT EXISTS (
    SELECT 1 FROM payments p
    WHERE p.order_id = o.id AND p.status = 'seen' AND p.intent IN ('pays', 'part'))"""


def _prolonging(extension: str) -> str:
    """Whether the money of an extension is here, or in a block that has too few on top."""
    return f"""({extension}.status IN ('paid', 'processing')
        OR ({extension}.status IN ('pending', 'expired') AND EXISTS (
            SELECT 1 FROM payments p WHERE p.order_id = {extension}.id
            AND p.status = 'seen' AND p.intent = 'pays')))"""


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
        origin: str = "asked",
        extends_id: UUID | None = None,
        amount_reserved: bool = True,
    ) -> OrderRow:
        """Store the order of a quote and start its monitor.

        Without `amount_reserved` no payment will be waited for: its money is here already.

        Raises:
            AmountTaken: `amount_sun` is reserved by another order; choose another.
            ClientOrderIdTaken: the customer's program has called another order so.
        """
        try:
            async with self._connection.transaction():
                row = await self._connection.fetchrow(
                    f"""
                    INSERT INTO energy_flash_orders AS o
                        (quote_id, user_id, recipient_address, destination_address,
                         payment_address, trx_amount, due_sun, transaction_count,
                         energy_per_transaction, burn_sun, price_config_id, duration_hours,
                         ordered_at, pay_until, origin, amount_reserved, destination_holds_token,
                         token_address, token_amount, energy_next, energy_own, estimated,
                         extends_id, api_key_id, client_order_id)
                    VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                            $16, $17, $18, $19, $20, $21, $22, $23, $24)
                    RETURNING {ORDER}
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
                    origin,
                    amount_reserved,
                    quote.destination_holds_token,
                    quote.token_address,
                    quote.token_amount,
                    quote.energy_next,
                    quote.energy_own,
                    quote.estimated,
                    extends_id,
                    quote.api_key_id,
                    quote.client_order_id,
                )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == _RESERVED_AMOUNT:
                raise AmountTaken from error
            if error.constraint_name == _CLIENT_ORDER_ID:
                raise ClientOrderIdTaken from error
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

    async def lock_free(self, order_ids: Sequence[UUID]) -> tuple[OrderRow, ...]:
        """Lock those of these orders that nobody else holds, the longest paid first.

        Whoever holds some already waits for none, and so cannot be part of a deadlock.
        """
        return await self._many(
            "o.id = ANY($1) ORDER BY o.paid_at, o.number FOR UPDATE SKIP LOCKED", order_ids
        )

    async def named(self, user_id: int, client_order_id: str) -> OrderRow | None:
        """The order that the customer's program calls so."""
        return await self._one(
            "o.user_id = $1 AND o.client_order_id = $2", user_id, client_order_id
        )

    async def numbered(self, number: int) -> OrderRow | None:
        return await self._one("o.number = $1", number)

    async def lock_number(self, number: int) -> OrderRow | None:
        return await self._one("o.number = $1 FOR UPDATE", number)

    async def of_quote(self, quote_id: UUID) -> OrderRow | None:
        return await self._one("o.quote_id = $1", quote_id)

    async def reserving(self, payment_address: str, amount_sun: int) -> OrderRow | None:
        """The one order, open or lately closed, that asks for this amount at this address."""
        return await self._one(
            "o.payment_address = $1 AND o.due_sun = $2 AND o.amount_reserved FOR UPDATE",
            payment_address,
            amount_sun,
        )

    async def of_payer(
        self, payment_address: str, sender: str, user_id: int | None, limit: int
    ) -> tuple[OrderRow, ...]:
        """Orders that reserve an amount, for this very wallet or of the customer it belongs to."""
        rows = await self._connection.fetch(
            f"""
            SELECT {ORDER} FROM energy_flash_orders o WHERE o.id IN (
                SELECT id FROM energy_flash_orders
                WHERE recipient_address = $2 AND amount_reserved
                UNION
                SELECT id FROM energy_flash_orders WHERE user_id = $3 AND amount_reserved)
            AND o.payment_address = $1 ORDER BY o.number DESC LIMIT $4 FOR UPDATE
            """,
            payment_address,
            sender,
            user_id,
            limit,
        )
        return tuple(OrderRow(**row) for row in rows)

    async def reserved_amounts(self, payment_address: str, first: int, last: int) -> set[int]:
        rows = await self._connection.fetch(
            """
            SELECT due_sun FROM energy_flash_orders
            WHERE payment_address = $1 AND amount_reserved AND due_sun BETWEEN $2 AND $3
            """,
            payment_address,
            first,
            last,
        )
        return {row["due_sun"] for row in rows}

    async def ask_for(self, order_id: UUID, due_sun: int) -> None:
        """A payment has to bring `due_sun` now.

        Raises:
            AmountTaken: another order asks for it at this address; choose another.
        """
        try:
            async with self._connection.transaction():
                await self._connection.execute(
                    "UPDATE energy_flash_orders SET due_sun = $2, updated_at = now() WHERE id = $1",
                    order_id,
                    due_sun,
                )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == _RESERVED_AMOUNT:
                raise AmountTaken from error
            raise

    async def payment_addresses(self) -> frozenset[str]:
        """Where a payment for an order, open or lately closed, may still arrive.

        One look into an index for each address, however many orders there are.
        """
        rows = await self._connection.fetch(
            """
            WITH RECURSIVE found AS (
                (SELECT payment_address FROM energy_flash_orders WHERE amount_reserved
                 ORDER BY payment_address LIMIT 1)
                UNION ALL
                SELECT (SELECT o.payment_address FROM energy_flash_orders o
                        WHERE o.amount_reserved AND o.payment_address > found.payment_address
                        ORDER BY o.payment_address LIMIT 1)
                FROM found WHERE found.payment_address IS NOT NULL
            )
            SELECT payment_address FROM found WHERE payment_address IS NOT NULL
            """
        )
        return frozenset(row["payment_address"] for row in rows)

    async def count_open(self, user_id: int) -> int:
        """How many orders of this user wait for money, and promise energy until then."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM energy_flash_orders "
            "WHERE user_id = $1 AND status = 'pending' AND extends_id IS NULL",
            user_id,
        )
        return count

    async def count_for_recipient(self, recipient_address: str, since: datetime) -> int:
        """Rentals ordered for this receiver since then, except those that were closed unpaid."""
        return await self._count_since("recipient_address = $1", recipient_address, since)

    async def count_of_user_since(self, user_id: int, since: datetime) -> int:
        """The same of this user."""
        return await self._count_since("user_id = $1", user_id, since)

    async def _count_since(self, whose: str, value: object, since: datetime) -> int:
        count: int = await self._connection.fetchval(
            f"""
            SELECT count(*) FROM energy_flash_orders
            WHERE {whose} AND ordered_at > $2 AND status NOT IN ('expired', 'cancelled')
              AND origin <> 'extension'
            """,
            value,
            since,
        )
        return count

    async def count_by_status(self) -> dict[str, int]:
        """How many orders are open or on their way, by their status."""
        rows = await self._connection.fetch(
            "SELECT status, count(*) AS orders FROM energy_flash_orders "
            "WHERE status IN ('pending', 'paid', 'processing') GROUP BY status"
        )
        return {row["status"]: row["orders"] for row in rows}

    async def energy_promised(self) -> int:
        """Energy of open orders for which no delegation has been signed yet."""
        energy: int = await self._connection.fetchval(
            """
            SELECT coalesce(sum(energy_amount), 0)::bigint FROM energy_flash_orders o
            WHERE extends_id IS NULL AND (status IN ('pending', 'paid')
               OR (status = 'processing' AND NOT EXISTS (
                       SELECT 1 FROM energy_delegations d
                       WHERE d.order_id = o.id AND d.status IN ('pending', 'active'))))
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
            f"SELECT id AS order_id, {STORY} FROM order_stories s WHERE id = ANY($1)", order_ids
        )
        return {row["order_id"]: story_of(row) for row in rows}

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
        self,
        order_id: UUID,
        *,
        txid: str | None,
        paid_at: datetime,
        received_sun: int,
        confirmations: int,
    ) -> bool:
        """pending, or expired meanwhile → paid. `paid_at` is the time of the payment's block.

        Without `txid` it was paid from the customer's balance.
        """
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
                SET status = 'confirmed', txid = $2, actual_amount = $3, confirmations = $4,
                    confirmed_at = coalesce((SELECT max(block_time) FROM chain_cursor), now())
                WHERE order_id = $1
                """,
                order_id,
                txid,
                received_sun,
                confirmations,
            )
        return moved

    async def let_go_of(self, txid: str) -> None:
        """A payment of a failed order, which was given up, is to pay another one."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET payment_txid = NULL, updated_at = now() "
            "WHERE payment_txid = $1 AND status = 'failed'",
            txid,
        )

    async def take_from_balance(self, order_id: UUID, sun: int) -> None:
        """So much of the price came from the customer's balance."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET balance_sun = balance_sun + $2, updated_at = now() "
            "WHERE id = $1",
            order_id,
            sun,
        )

    async def try_until(self, order_ids: Sequence[UUID], deliver_until: datetime) -> None:
        """Delivery is tried for the first time; it is given up if it fails until then."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET deliver_until = $2, updated_at = now() "
            "WHERE id = ANY($1) AND deliver_until IS NULL",
            order_ids,
            deliver_until,
        )

    async def try_anew(self, order_id: UUID) -> bool:
        """A paid order is delivered as if it had not been tried yet: patience begins again."""
        return await self._move(
            "UPDATE energy_flash_orders SET deliver_until = NULL, updated_at = now() "
            "WHERE id = $1 AND status IN ('paid', 'processing')",
            order_id,
        )

    async def process(self, order_ids: Sequence[UUID]) -> None:
        """paid → processing, for those that are paid."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET status = 'processing', updated_at = now() "
            "WHERE id = ANY($1) AND status = 'paid'",
            order_ids,
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

    async def compensate(self, order_id: UUID, compensation: str | None) -> None:
        """Note what became of the money of a failed order."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET compensation = $2, updated_at = now() "
            "WHERE id = $1 AND status = 'failed'",
            order_id,
            compensation,
        )

    async def cancel(self, order_id: UUID) -> bool:
        """pending, with no payment in sight → cancelled."""
        moved = await self._move(
            f"UPDATE energy_flash_orders o SET status = 'cancelled', updated_at = now() "
            f"WHERE id = $1 AND {_UNPAID}",
            order_id,
        )
        if moved:
            await self._close_monitors([order_id], "cancelled")
        return moved

    async def end(self, order_id: UUID, ended_at: datetime) -> bool:
        """The rental is over once nothing of it is the customer's any more.

        So is what prolonged it. Stake that only waits for newer rentals to be taken back is not
        the customer's.
        """
        ended = await self._move(
            """
            UPDATE energy_flash_orders o SET ended_at = $2, updated_at = now()
            WHERE id = $1 AND ended_at IS NULL AND status = 'completed' AND NOT EXISTS (
                SELECT 1 FROM energy_delegations d WHERE d.order_id = o.id
                AND (d.status IN ('pending', 'active', 'reclaiming')
                     OR (d.status = 'expired' AND d.reclaim_after IS NULL)))
            """,
            order_id,
            ended_at,
        )
        if ended:
            await self._connection.execute(
                "UPDATE energy_flash_orders SET ended_at = $2, updated_at = now() "
                "WHERE extends_id = $1 AND status = 'completed' AND ended_at IS NULL",
                order_id,
                ended_at,
            )
        return ended

    async def open_extension(self, order_id: UUID) -> OrderRow | None:
        """The extension of the rental that waits for money, has some in sight, or is paid."""
        return await self._one(
            f"o.extends_id = $1 AND (o.status = 'pending' OR {_prolonging('o')}) "
            "ORDER BY o.number DESC LIMIT 1",
            order_id,
        )

    async def extensions_of(self, order_id: UUID) -> tuple[OrderRow, ...]:
        """What has prolonged the rental."""
        return await self._many(
            "o.extends_id = $1 AND o.status = 'completed' ORDER BY o.number", order_id
        )

    async def paid_extensions(self) -> tuple[UUID, ...]:
        """Extensions to be carried out; none whose payment left the chain and may come back.

        None that somebody has to allow first either, unless its rental is over before that.
        """
        rows = await self._connection.fetch(
            """
            SELECT o.id FROM energy_flash_orders o JOIN energy_flash_orders r ON r.id = o.extends_id
            WHERE o.status IN ('paid', 'processing')
            AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.adrift)
            AND (o.risk_outcome <> 'ask' OR o.risk_decision IS NOT NULL
                 OR r.ended_at IS NOT NULL OR r.status = 'failed')
            ORDER BY o.paid_at, o.number
            """
        )
        return tuple(row["id"] for row in rows)

    async def prolong(self, order_id: UUID, hours: Decimal, *, given: bool = False) -> bool:
        """The running rental ends `hours` later; earlier, if negative. `given`: for nothing."""
        column = "given_hours" if given else "extended_hours"
        return await self._move(
            f"UPDATE energy_flash_orders SET {column} = {column} + $2, "
            "expires_at = expires_at + $3, updated_at = now() WHERE id = $1 "
            "AND status = 'completed' AND ended_at IS NULL AND ended_early_at IS NULL",
            order_id,
            hours,
            timedelta(seconds=int(hours * 3600)),
        )

    async def end_early(self, order_id: UUID, at: datetime, percent: int) -> bool:
        """The running rental ends at `at`, for `percent` of what its customer did not use."""
        return await self._move(
            "UPDATE energy_flash_orders SET ended_early_at = $2, early_end_percent = $3, "
            "updated_at = now() WHERE id = $1 AND status = 'completed' AND extends_id IS NULL "
            "AND ended_at IS NULL AND ended_early_at IS NULL AND expires_at > $2",
            order_id,
            at,
            percent,
        )

    async def early_credit(self, order_id: UUID, sun: int) -> bool:
        """Note, once, what came back for a rental that was ended early."""
        return await self._move(
            "UPDATE energy_flash_orders SET early_credit_sun = $2, updated_at = now() "
            "WHERE id = $1 AND ended_early_at IS NOT NULL AND early_credit_sun = 0",
            order_id,
            sun,
        )

    async def paid_sun(self, order_id: UUID) -> int:
        """What is there, in sun, of the price of a rental and of all that prolonged it.

        Not what left the chain and may come back.
        """
        sun: int = await self._connection.fetchval(
            """
            SELECT coalesce(sum(o.balance_sun + (
                SELECT coalesce(sum(p.order_sun), 0) FROM payments p
                WHERE p.order_id = o.id AND p.status = 'delivered' AND NOT p.adrift)), 0)::bigint
            FROM energy_flash_orders o
            WHERE (o.id = $1 OR o.extends_id = $1) AND o.status = 'completed'
            """,
            order_id,
        )
        return sun

    async def ending(
        self, now: datetime, within: timedelta, *, at_least: timedelta, limit: int
    ) -> tuple[OrderRow, ...]:
        """Rentals of `at_least` that end `within` so long, about whose end nothing was decided.

        Not those that are about to be prolonged.
        """
        return await self._many(
            f"""
            o.status = 'completed' AND o.ended_at IS NULL AND o.ended_early_at IS NULL
            AND o.extends_id IS NULL AND o.user_id IS NOT NULL
            AND o.expires_at > $1 AND o.expires_at <= $2
            AND (o.duration_hours + o.extended_hours + o.given_hours) * 3600 >= $3
            AND o.ending_decided_for IS DISTINCT FROM o.expires_at
            AND NOT EXISTS (SELECT 1 FROM energy_flash_orders e WHERE e.extends_id = o.id
                            AND {_prolonging("e")})
            ORDER BY o.expires_at LIMIT $4
            """,
            now,
            now + within,
            int(at_least.total_seconds()),
            limit,
        )

    async def decide_ending(self, order_id: UUID, expires_at: datetime) -> bool:
        """Whether its customer is to hear of this end is decided; False if it was before."""
        return await self._move(
            "UPDATE energy_flash_orders SET ending_decided_for = $2, updated_at = now() "
            "WHERE id = $1 AND status = 'completed' AND ended_at IS NULL "
            "AND ended_early_at IS NULL AND expires_at = $2 "
            "AND ending_decided_for IS DISTINCT FROM $2",
            order_id,
            expires_at,
        )

    async def expire_unpaid(
        self, now: datetime, limit: int, *, in_part_before: datetime | None = None
    ) -> tuple[OrderRow, ...]:
        """pending → expired for up to `limit` orders whose time to pay ran out before `now`.

        Of which a part was paid, not unless it ran out before `in_part_before`.
        """
        rows = await self._connection.fetch(
            f"""
            UPDATE energy_flash_orders o SET status = 'expired', updated_at = now()
            WHERE o.id IN (
                SELECT o.id FROM energy_flash_orders o
                WHERE {_UNPAID} AND o.pay_until < $1 AND (o.pay_until < $3 OR NOT EXISTS (
                    SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status = 'matched'))
                ORDER BY o.pay_until LIMIT $2 FOR UPDATE SKIP LOCKED)
            RETURNING {ORDER}
            """,
            now,
            limit,
            in_part_before or now,
        )
        await self._close_monitors([row["id"] for row in rows], "timeout")
        return tuple(OrderRow(**row) for row in rows)

    async def wait_until(self, order_id: UUID, until: datetime) -> bool:
        """The unpaid order waits for its money until then; False if it waits no longer anyway.

        Not one of whose price anything has come.
        """
        return await self._move(
            f"""
            UPDATE energy_flash_orders o SET pay_until = greatest(ordered_at, $2),
                                             updated_at = now()
            WHERE id = $1 AND pay_until > $2 AND {_UNPAID} AND NOT EXISTS (
                SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.status = 'matched')
            """,
            order_id,
            until,
        )

    async def release_amount(self, order_id: UUID) -> None:
        """No payment can settle the order any more."""
        await self._connection.execute(
            "UPDATE energy_flash_orders SET amount_reserved = false, updated_at = now() "
            "WHERE id = $1 AND amount_reserved",
            order_id,
        )

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

    async def deliverable(self) -> tuple[UUID, ...]:
        """Paid orders whose delegations do not yet make up the energy that was sold.

        Not those whose payment left the chain and may come back, nor those that somebody has to
        allow first.
        """
        rows = await self._connection.fetch(
            """
            SELECT o.id FROM energy_flash_orders o
            WHERE o.status IN ('paid', 'processing') AND o.extends_id IS NULL
            AND o.energy_amount > (
                SELECT coalesce(sum(d.energy_amount), 0) FROM energy_delegations d
                WHERE d.order_id = o.id AND d.status IN ('pending', 'active'))
            AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.adrift)
            ORDER BY o.paid_at, o.number
            """
        )
        return tuple(row["id"] for row in rows)

    async def _close_monitors(self, order_ids: Sequence[UUID], status: str) -> None:
        await self._connection.execute(
            "UPDATE payment_monitors SET status = $2 "
            "WHERE order_id = ANY($1) AND status = 'monitoring'",
            order_ids,
            status,
        )

    async def _one(self, condition: str, *arguments: object) -> OrderRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {ORDER} FROM energy_flash_orders o WHERE {condition}", *arguments
        )
        return OrderRow(**row) if row else None

    async def _many(self, condition: str, *arguments: object) -> tuple[OrderRow, ...]:
        rows = await self._connection.fetch(
            f"SELECT {ORDER} FROM energy_flash_orders o WHERE {condition}", *arguments
        )
        return tuple(OrderRow(**row) for row in rows)

    async def _move(self, statement: str, *arguments: object) -> bool:
        return bool(await self._connection.execute(statement, *arguments) == "UPDATE 1")
