"""The table `payments`: every transfer that reached one of our addresses."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """A transfer as it stands in a block, and what it was taken for."""

    txid: str
    position: int
    sender: str
    receiver: str
    amount_sun: int
    block_number: int
    block_id: str
    block_time: datetime
    expiration: datetime
    intent: str
    order_id: UUID | None
    user_id: int | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow(NewPayment):
    id: int
    status: str
    choose_until: datetime | None
    order_sun: int
    credited_sun: int
    adrift: bool

    @property
    def undecided_sun(self) -> int:
        """What neither an order nor a balance has of it."""
        return self.amount_sun - self.order_sun - self.credited_sun


_NEW = [column.name for column in fields(NewPayment)]
_COLUMNS = ", ".join(column.name for column in fields(PaymentRow))

_HELD_PART = "order_id = $1 AND status = 'held' AND reason = 'underpaid'"


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

    async def record(self, payment: NewPayment) -> PaymentRow:
        """Store a transfer that was never seen before, as seen."""
        marks = ", ".join(f"${number}" for number in range(1, len(_NEW) + 1))
        row = await self._connection.fetchrow(
            f"""
            INSERT INTO payments ({", ".join(_NEW)}, status) VALUES ({marks}, 'seen')
            RETURNING {_COLUMNS}
            """,
            *astuple(payment),
        )
        assert row is not None
        return PaymentRow(**row)

    async def seen_again(self, payment_id: int, payment: NewPayment) -> bool:
        """An orphaned payment stands in a block again, and may mean something else now."""
        done = await self._connection.execute(
            """
            UPDATE payments SET status = 'seen', block_number = $2, block_id = $3,
                   block_time = $4, intent = $5, order_id = $6, user_id = $7, reason = $8,
                   updated_at = now()
            WHERE id = $1 AND status = 'orphaned'
            """,
            payment_id,
            payment.block_number,
            payment.block_id,
            payment.block_time,
            payment.intent,
            payment.order_id,
            payment.user_id,
            payment.reason,
        )
        return bool(done == "UPDATE 1")

    async def moved(
        self, payment_id: int, *, block_number: int, block_id: str, block_time: datetime
    ) -> None:
        """The transaction of an already confirmed payment stands in another block."""
        await self._connection.execute(
            """
            UPDATE payments SET block_number = $2, block_id = $3, block_time = $4,
                   adrift = false, updated_at = now()
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

    async def set_adrift(self, block_number: int) -> tuple[PaymentRow, ...]:
        """Confirmed payments in blocks above `block_number` lose their block, too."""
        rows = await self._connection.fetch(
            f"""
            UPDATE payments SET adrift = true, updated_at = now()
            WHERE block_number > $1 AND NOT adrift AND status NOT IN ('seen', 'orphaned', 'lost')
            RETURNING {_COLUMNS}
            """,
            block_number,
        )
        return tuple(PaymentRow(**row) for row in rows)

    async def any_adrift(self) -> bool:
        found: bool = await self._connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM payments WHERE adrift)"
        )
        return found

    async def adrift(self, expired_before: datetime) -> tuple[PaymentRow, ...]:
        """Payments that left the chain and whose transaction's time is over."""
        return await self._many(
            "adrift AND expiration <= $1 ORDER BY id FOR UPDATE", expired_before
        )

    async def confirmed(self, up_to_block: int, below_sun: int) -> tuple[PaymentRow, ...]:
        """Payments below `below_sun` seen in blocks up to `up_to_block`, in the chain's order."""
        return await self._many(
            """
            status = 'seen' AND block_number <= $1 AND amount_sun < $2
            ORDER BY block_number, id FOR UPDATE
            """,
            up_to_block,
            below_sun,
        )

    async def any_unconfirmed(self, from_sun: int) -> bool:
        """Whether a payment of at least `from_sun` waits for its confirmation."""
        found: bool = await self._connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM payments WHERE status = 'seen' AND amount_sun >= $1)",
            from_sun,
        )
        return found

    async def lock(self, payment_id: int) -> PaymentRow | None:
        rows = await self._many("id = $1 FOR UPDATE", payment_id)
        return rows[0] if rows else None

    async def assign(
        self, payment_id: int, *, old: str, order_id: UUID, order_sun: int, credited_sun: int
    ) -> bool:
        """`old` → matched: `order_sun` of it pay the order, `credited_sun` went to a balance."""
        return await self._move(
            """
            UPDATE payments SET status = 'matched', order_id = $3, order_sun = $4,
                   credited_sun = $5, reason = NULL, choose_until = NULL, updated_at = now()
            WHERE id = $1 AND status = $2
            """,
            payment_id,
            old,
            order_id,
            order_sun,
            credited_sun,
        )

    async def credit(self, payment_id: int, *, old: str, user_id: int | None = None) -> bool:
        """`old` → credited: all of it belongs to a balance, of `user_id` if that is known now."""
        return await self._move(
            """
            UPDATE payments SET status = 'credited', order_sun = 0, credited_sun = amount_sun,
                   choose_until = NULL, user_id = coalesce(user_id, $3), updated_at = now()
            WHERE id = $1 AND status = $2
            """,
            payment_id,
            old,
            user_id,
        )

    async def claim(self, sender: str, user_id: int) -> None:
        """What was credited to `sender`, whom nobody knew, is `user_id`'s."""
        await self._connection.execute(
            """
            UPDATE payments SET user_id = $2, updated_at = now()
            WHERE sender = $1 AND user_id IS NULL AND status <> 'held'
            """,
            sender,
            user_id,
        )

    async def hold(
        self,
        payment_id: int,
        *,
        old: str,
        reason: str,
        user_id: int | None,
        choose_until: datetime | None,
    ) -> bool:
        """`old` → held: what no balance has of it waits for a decision.

        With `choose_until` it is `user_id`'s decision until then.
        """
        return await self._move(
            """
            UPDATE payments SET status = 'held', reason = $3, user_id = $4, choose_until = $5,
                   order_sun = 0, updated_at = now()
            WHERE id = $1 AND status = $2
            """,
            payment_id,
            old,
            reason,
            user_id,
            choose_until,
        )

    async def refund(self, payment_id: int, *, old: str) -> bool:
        """`old` → refunding: what no balance has of it goes back."""
        return await self._move(
            """
            UPDATE payments SET status = 'refunding', order_sun = 0, choose_until = NULL,
                   updated_at = now()
            WHERE id = $1 AND status = $2
            """,
            payment_id,
            old,
        )

    async def settle(self, payment_id: int, *, old: str, new: str) -> bool:
        """Move from status `old` to `new`; False if it was not in `old`."""
        return await self._move(
            """
            UPDATE payments SET status = $3, choose_until = NULL, updated_at = now()
            WHERE id = $1 AND status = $2
            """,
            payment_id,
            old,
            new,
        )

    async def leave_chain(self, payment_id: int, *, old: str, new: str) -> bool:
        """`old` → orphaned, or lost: it will never be in the chain again."""
        return await self._move(
            """
            UPDATE payments SET status = $3, adrift = false, order_sun = 0, credited_sun = 0,
                   choose_until = NULL, updated_at = now()
            WHERE id = $1 AND status = $2 AND adrift
            """,
            payment_id,
            old,
            new,
        )

    async def of_order(self, order_id: UUID) -> tuple[PaymentRow, ...]:
        """The payments whose money the order has, oldest first."""
        return await self._many(
            "order_id = $1 AND status IN ('matched', 'delivered') ORDER BY id FOR UPDATE", order_id
        )

    async def in_sight_of(self, order_id: UUID) -> tuple[PaymentRow, ...]:
        """What was seen for the order, and what it has already, oldest first."""
        return await self._many(
            """
            order_id = $1 AND (status IN ('matched', 'delivered')
                OR (status = 'seen' AND intent IN ('pays', 'part'))) ORDER BY id
            """,
            order_id,
        )

    async def about(self, order_id: UUID) -> tuple[PaymentRow, ...]:
        """Every payment that was taken for the order, whatever became of it, oldest first."""
        return await self._many("order_id = $1 ORDER BY id", order_id)

    async def flash(self, limit: int) -> tuple[int, ...]:
        """Payments that are to become rentals for their senders."""
        rows = await self._connection.fetch(
            "SELECT id FROM payments WHERE status = 'flash' AND NOT adrift ORDER BY id LIMIT $1",
            limit,
        )
        return tuple(row["id"] for row in rows)

    async def unchosen(self, now: datetime, limit: int) -> tuple[int, ...]:
        """Held payments about which their customers have said nothing in time."""
        rows = await self._connection.fetch(
            """
            SELECT id FROM payments WHERE status = 'held' AND choose_until <= $1 AND NOT adrift
            ORDER BY id LIMIT $2
            """,
            now,
            limit,
        )
        return tuple(row["id"] for row in rows)

    async def held_parts(self, order_id: UUID) -> tuple[PaymentRow, ...]:
        """What came of an order's price before it was given up, and waits for a decision."""
        return await self._many(f"{_HELD_PART} ORDER BY id", order_id)

    async def lock_held_parts(self, order_id: UUID) -> tuple[PaymentRow, ...]:
        """The same, held until the transaction ends."""
        return await self._many(f"{_HELD_PART} ORDER BY id FOR UPDATE", order_id)

    async def belong_to(self, payment_id: int, user_id: int | None) -> None:
        """A person found out whose money a held payment is."""
        await self._connection.execute(
            """
            UPDATE payments SET user_id = $2, choose_until = NULL, updated_at = now()
            WHERE id = $1 AND status = 'held'
            """,
            payment_id,
            user_id,
        )

    async def unclaimed_of(self, sender: str) -> tuple[PaymentRow, ...]:
        """Held payments of this sender that belong to no known customer yet."""
        return await self._many(
            "status = 'held' AND sender = $1 AND user_id IS NULL ORDER BY id FOR UPDATE", sender
        )

    async def senders_of(self, user_id: int, limit: int) -> tuple[str, ...]:
        """Where the customer's own payments came from, the latest first."""
        rows = await self._connection.fetch(
            """
            SELECT sender FROM payments WHERE user_id = $1 AND position = 0
            GROUP BY sender ORDER BY max(id) DESC LIMIT $2
            """,
            user_id,
            limit,
        )
        return tuple(row["sender"] for row in rows)

    async def by_ids(self, payment_ids: list[int]) -> dict[int, PaymentRow]:
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM payments WHERE id = ANY($1)", payment_ids
        )
        return {row["id"]: PaymentRow(**row) for row in rows}

    async def held_total(self) -> tuple[int, int]:
        """How many payments are held, and their sum in sun."""
        row = await self._connection.fetchrow(
            "SELECT count(*) AS count, coalesce(sum(amount_sun - credited_sun), 0)::bigint "
            "AS total FROM payments WHERE status = 'held'"
        )
        assert row is not None
        return row["count"], row["total"]

    async def held(self, limit: int, offset: int = 0) -> tuple[PaymentRow, ...]:
        return await self._many(
            "status = 'held' ORDER BY id DESC LIMIT $1 OFFSET $2", limit, offset
        )

    async def _many(self, condition: str, *arguments: object) -> tuple[PaymentRow, ...]:
        rows = await self._connection.fetch(
            f"SELECT {_COLUMNS} FROM payments WHERE {condition}", *arguments
        )
        return tuple(PaymentRow(**row) for row in rows)

    async def _move(self, statement: str, *arguments: object) -> bool:
        return bool(await self._connection.execute(statement, *arguments) == "UPDATE 1")
