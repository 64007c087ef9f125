"""What we tell people, and the key under which each event is told once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from db.database import Transaction

# Topics under which a committed change wakes the jobs that have to do with it.
BLOCK_TOPIC = "block"
DELIVERY_TOPIC = "delivery"
OUTBOX_TOPIC = "outbox"
RECLAIM_TOPIC = "reclaim"


class NoticeKind(StrEnum):
    """The events that reach people through the outbox."""

    ORDER_SEEN = "order_seen"
    ORDER_PAID = "order_paid"
    ORDER_DELIVERED = "order_delivered"
    ORDER_ENDED = "order_ended"
    ORDER_EXPIRED = "order_expired"
    ORDER_FAILED = "order_failed"
    ADMIN_PAYMENT_HELD = "admin_payment_held"
    ADMIN_ORDER_FAILED = "admin_order_failed"


async def tell_customer(
    tx: Transaction, kind: NoticeKind, *, user_id: int, order_id: UUID, occasion: str = ""
) -> None:
    """Queue the news of an order for its customer.

    `occasion` tells apart repetitions of one kind for one order (a payment that was seen,
    lost in a fork, and seen again).
    """
    key = f"{kind}:{order_id}" + (f":{occasion}" if occasion else "")
    if await tx.outbox.add(key, chat_id=user_id, kind=kind, order_id=order_id):
        await tx.wake(OUTBOX_TOPIC)


async def tell_admins(
    tx: Transaction,
    kind: NoticeKind,
    *,
    admins: Sequence[int],
    order_id: UUID | None = None,
    payment_id: int | None = None,
) -> None:
    """Queue news that need a person's eye for every admin."""
    for admin in admins:
        key = f"{kind}:{admin}:{payment_id if payment_id is not None else order_id}"
        if await tx.outbox.add(
            key, chat_id=admin, kind=kind, order_id=order_id, payment_id=payment_id
        ):
            await tx.wake(OUTBOX_TOPIC)
