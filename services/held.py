"""Payments that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chain.addresses import Address
from db.database import Database, Transaction
from db.payments import PaymentRow

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class HeldPayment:
    """A payment that waits for a person. `amount_sun` in sun, `time` of its block."""

    id: int
    txid: str
    sender: Address
    receiver: Address
    amount_sun: int
    reason: str
    order_number: int | None
    time: datetime


@dataclass(frozen=True, slots=True)
class HeldMoney:
    """All held payments: how many, how much in sun, and the newest of them."""

    count: int
    total_sun: int
    newest: tuple[HeldPayment, ...]


class HeldPayments:
    """What the operator has to decide about."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self) -> HeldMoney:
        """The held payments as they are now."""
        async with self._database.transaction() as tx:
            count, total_sun = await tx.payments.held_total()
            rows = await tx.payments.held(_SHOWN)
            newest = await held_payments(tx, rows)
        return HeldMoney(count, total_sun, tuple(newest[row.id] for row in rows))


async def held_payments(tx: Transaction, rows: Iterable[PaymentRow]) -> dict[int, HeldPayment]:
    """The payments with the numbers of the orders they were probably meant for, by id."""
    rows = tuple(rows)
    ids: list[UUID] = [row.order_id for row in rows if row.order_id is not None]
    numbers = {order.id: order.number for order in await tx.orders.by_ids(ids)}
    return {
        row.id: HeldPayment(
            id=row.id,
            txid=row.txid,
            sender=Address(row.sender),
            receiver=Address(row.receiver),
            amount_sun=row.amount_sun,
            reason=row.reason or "",
            order_number=numbers.get(row.order_id) if row.order_id else None,
            time=row.block_time,
        )
        for row in rows
    }
