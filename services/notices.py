"""What we tell people, and the key under which each event is told once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.database import Transaction

# Topics under which a committed change wakes the jobs that have to do with it.
ALERT_TOPIC = "alert"
BLOCK_TOPIC = "block"
BROADCAST_TOPIC = "broadcast"
DELIVERY_TOPIC = "delivery"
OUTBOX_TOPIC = "outbox"
PAYMENT_TOPIC = "payment"
POOL_TOPIC = "pool"
RECLAIM_TOPIC = "reclaim"
REFUND_TOPIC = "refund"
WEBHOOK_TOPIC = "webhook"


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
    BALANCE_ADJUSTED = "balance_adjusted"
    REFUND_WAITS = "refund_waits"
    REFUND_DONE = "refund_done"
    WEBHOOK_DISABLED = "webhook_disabled"
    API_KEY_MADE = "api_key_made"
    API_KEY_REVOKED = "api_key_revoked"
    STAFF_DAY_REPORT = "staff_day_report"
    STAFF_ORDER_ASKED = "staff_order_asked"
    GROUP_DELIVERED = "group_delivered"
    ALERT_RAISED = "alert_raised"
    ALERT_CHANGED = "alert_changed"
    ALERT_CLOSED = "alert_closed"


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


async def tell_staff(
    tx: Transaction,
    kind: NoticeKind,
    *,
    readers: Sequence[int],
    occasion: str,
    order_id: UUID | None = None,
    payload: dict[str, Any] | None = None,
) -> None:
    """Queue news for some of the staff: each of them is told once of an `occasion`."""
    for reader in readers:
        key = f"{kind}:{reader}:{occasion}"
        if await tx.outbox.add(key, chat_id=reader, kind=kind, order_id=order_id, payload=payload):
            await tx.wake(OUTBOX_TOPIC)


async def tell_group(
    tx: Transaction, kind: NoticeKind, *, chat: int | None, order_id: UUID
) -> None:
    """Queue the news of an order for a group or channel, if there is one."""
    if chat is None:
        return
    if await tx.outbox.add(f"{kind}:{order_id}", chat_id=chat, kind=kind, order_id=order_id):
        await tx.wake(OUTBOX_TOPIC)


def _subject(order_id: UUID | None, payment_id: int | None, refund_id: int | None) -> str:
    """The narrowest thing that the news are about."""
    if refund_id is not None:
        return f"refund {refund_id}"
    if payment_id is not None:
        return f"payment {payment_id}"
    return str(order_id or "")
