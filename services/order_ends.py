"""How a paid order ends: completed or failed, with its books and its news in one go."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.database import Transaction
from services import ledger
from services.matching import HeldReason
from services.notices import RECLAIM_TOPIC, NoticeKind, tell_admins, tell_customer

log = logging.getLogger(__name__)


async def fail_order(
    tx: Transaction, order_id: UUID, failure: str, *, admins: Sequence[int]
) -> bool:
    """paid or processing → failed; its money is held for a person, never kept.

    What was delivered of it is taken back at once.
    """
    order = await tx.orders.get(order_id)
    if order is None or not await tx.orders.fail(order_id, failure):
        return False
    if await tx.delegations.cut_short(order_id):
        await tx.wake(RECLAIM_TOPIC)
    payment = await tx.payments.paying(order_id)
    if payment is not None:
        await tx.payments.settle(
            payment.id, old=payment.status, new="held", reason=HeldReason.UNDELIVERABLE
        )
        await tx.ledger.book(
            ledger.undeliverable(payment.amount_sun, earned=payment.status == "delivered"),
            event="undeliverable",
            payment_id=payment.id,
            order_id=order_id,
        )
    await tell_customer(tx, NoticeKind.ORDER_FAILED, user_id=order.user_id, order_id=order_id)
    await tell_admins(
        tx,
        NoticeKind.ADMIN_ORDER_FAILED,
        admins=admins,
        order_id=order_id,
        payment_id=payment.id if payment else None,
    )
    log.error("order %s failed: %s; its payment is held", order.number, failure)
    return True


async def complete_order(
    tx: Transaction, order_id: UUID, *, completed_at: datetime, expires_at: datetime
) -> bool:
    """processing → completed: the energy is there, its payment is earned.

    It was earned before if the first delivery left the chain after it was read back.
    """
    order = await tx.orders.get(order_id)
    if order is None or not await tx.orders.complete(
        order_id, completed_at=completed_at, expires_at=expires_at
    ):
        return False
    payment = await tx.payments.paying(order_id)
    again = payment is not None and payment.status == "delivered"
    if payment is not None and not again:
        await tx.payments.settle(payment.id, old="matched", new="delivered", reason=None)
        await tx.ledger.book(
            ledger.delivered(payment.amount_sun),
            event="delivered",
            payment_id=payment.id,
            order_id=order_id,
        )
    await tell_customer(
        tx,
        NoticeKind.ORDER_DELIVERED,
        user_id=order.user_id,
        order_id=order_id,
        occasion=completed_at.isoformat() if again else "",
    )
    log.info("order %s: delivered", order.number)
    return True
