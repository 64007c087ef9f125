"""What we tell people, and the key under which each event is told once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.database import Transaction

# Topics under which a committed change wakes the jobs that have to do with it.
BLOCK_TOPIC = "block"
DELIVERY_TOPIC = "delivery"
OUTBOX_TOPIC = "outbox"
PAYMENT_TOPIC = "payment"
POOL_TOPIC = "pool"
RECLAIM_TOPIC = "reclaim"
REFUND_TOPIC = "refund"


class NoticeKind(StrEnum):
    """The events that reach people through the outbox."""

    ORDER_SEEN = "order_seen"
    ORDER_UNDERPAID = "order_underpaid"
    ORDER_PAID = "order_paid"
    ORDER_DELIVERED = "order_delivered"
    ORDER_EXTENDED = "order_extended"
    ORDER_ENDING = "order_ending"
    ORDER_ENDED = "order_ended"
    ORDER_EXPIRED = "order_expired"
    ORDER_FAILED = "order_failed"
    PAYMENT_CHOICE = "payment_choice"
    PAYMENT_CREDITED = "payment_credited"
    REFUND_WAITS = "refund_waits"
    REFUND_DONE = "refund_done"
    ADMIN_PAYMENT_HELD = "admin_payment_held"
    ADMIN_ORDER_FAILED = "admin_order_failed"
    ADMIN_REFUND_WAITS = "admin_refund_waits"
    ADMIN_PAYMENT_LOST = "admin_payment_lost"
    ADMIN_UNKNOWN_TRANSACTION = "admin_unknown_transaction"
    ADMIN_BOOKS_DIFFER = "admin_books_differ"
    ADMIN_POOL_OUT = "admin_pool_out"
    ADMIN_POOL_WELL = "admin_pool_well"
    ADMIN_RECLAIMS_REFUSED = "admin_reclaims_refused"
    ADMIN_DAY_REPORT = "admin_day_report"


async def tell_customer(
    tx: Transaction,
    kind: NoticeKind,
    *,
    user_id: int | None,
    order_id: UUID | None = None,
    payment_id: int | None = None,
    refund_id: int | None = None,
    occasion: str = "",
    payload: dict[str, Any] | None = None,
) -> None:
    """Queue the news of an order, a payment or a refund for its customer, if one is known.

    `occasion` tells apart repetitions of one kind for one thing (a payment that was seen, lost in
    a fork, and seen again).
    """
    if user_id is None:
        return
    about = _subject(order_id, payment_id, refund_id)
    key = f"{kind}:{about}" + (f":{occasion}" if occasion else "")
    if await tx.outbox.add(
        key,
        chat_id=user_id,
        kind=kind,
        order_id=order_id,
        payment_id=payment_id,
        refund_id=refund_id,
        payload=payload,
    ):
        await tx.wake(OUTBOX_TOPIC)


async def tell_admins(
    tx: Transaction,
    kind: NoticeKind,
    *,
    admins: Sequence[int],
    order_id: UUID | None = None,
    payment_id: int | None = None,
    refund_id: int | None = None,
    occasion: str = "",
    payload: dict[str, Any] | None = None,
) -> None:
    """Queue news that need a person's eye for every admin."""
    for admin in admins:
        key = f"{kind}:{admin}:{_subject(order_id, payment_id, refund_id)}" + (
            f":{occasion}" if occasion else ""
        )
        if await tx.outbox.add(
            key,
            chat_id=admin,
            kind=kind,
            order_id=order_id,
            payment_id=payment_id,
            refund_id=refund_id,
            payload=payload,
        ):
            await tx.wake(OUTBOX_TOPIC)


def _subject(order_id: UUID | None, payment_id: int | None, refund_id: int | None) -> str:
    """The narrowest thing that the news are about."""
    if refund_id is not None:
        return f"refund {refund_id}"
    if payment_id is not None:
        return f"payment {payment_id}"
    return str(order_id or "")
