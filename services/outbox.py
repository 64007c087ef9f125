"""The outbox, as the sender of messages uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from db.database import Database
from services.alerts import Alert, alert_of
from services.customers import Language
from services.held import HeldPayment, HeldPayments
from services.notices import NoticeKind
from services.order_views import OrderView, views_by_id
from services.refunds import Refund, refund_of

# Longer than any request to Telegram takes, pauses included.
_LEASE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell one chat, with what there is to say about it now."""

    id: int
    chat_id: int
    kind: NoticeKind
    language: Language
    order: OrderView | None
    payment: HeldPayment | None
    refund: Refund | None
    alert: Alert | None
    details: Mapping[str, Any]
    attempts: int


class Outbox:
    """Notices waiting to be sent: at least once, and in order per chat.

    Groups and channels are told in `group_language`.
    """

    def __init__(
        self,
        database: Database,
        held_payments: HeldPayments,
        *,
        group_language: Language = Language.EN,
    ) -> None:
        self._database = database
        self._group_language = group_language
        self._held_payments = held_payments

    async def claim(self, limit: int, *, groups: bool) -> tuple[Notice, ...]:
        """The first waiting notice of each chat that is due, leased to the caller.

        Either of `groups` and channels, or of people.

        What a process was sending when it died is due at once: nobody should wait for the end of
        a dead process's leases, and a living one is not taken from.
        """
        presence = await self._database.presence()
        async with self._database.transaction() as tx:
            await tx.outbox.end_leases_of_the_dead(presence)
            rows = await tx.outbox.claim(limit, _LEASE, presence, groups=groups)
            if not rows:
                return ()
            rows_of_payments = await tx.payments.by_ids(
                [row.payment_id for row in rows if row.payment_id is not None]
            )
            payments = await self._held_payments.views(tx, rows_of_payments.values())
            refunds = await tx.refunds.by_ids(
                [row.refund_id for row in rows if row.refund_id is not None]
            )
            alerts = await tx.alerts.by_ids(
                [row.alert_id for row in rows if row.alert_id is not None]
            )
            orders = await views_by_id(
                tx, [row.order_id for row in rows if row.order_id is not None]
            )
            languages = await tx.customers.languages([row.chat_id for row in rows])
        return tuple(
            Notice(
                id=row.id,
                chat_id=row.chat_id,
                kind=NoticeKind(row.kind),
                language=self._language(row.chat_id, languages),
                order=orders.get(row.order_id) if row.order_id else None,
                payment=payments.get(row.payment_id) if row.payment_id is not None else None,
                refund=refund_of(refunds[row.refund_id]) if row.refund_id is not None else None,
                alert=alert_of(alerts[row.alert_id]) if row.alert_id is not None else None,
                details=row.payload,
                attempts=row.attempts,
            )
            for row in rows
        )

    def _language(self, chat_id: int, languages: Mapping[int, str]) -> Language:
        # Telegram's ids of groups and channels are below zero.
        unknown = self._group_language if chat_id < 0 else Language.EN
        return Language(languages.get(chat_id, unknown))

    async def sent(self, notice_id: int) -> None:
        async with self._database.transaction() as tx:
            await tx.outbox.sent(notice_id)

    async def postpone(
        self, notice_id: int, seconds: float, error: str, *, counts: bool = True
    ) -> None:
        """Try again after `seconds`; later notices of the same chat wait for it.

        What Telegram did not even look at, because it asks everybody for a pause, does not
        count as an attempt.
        """
        async with self._database.transaction() as tx:
            await tx.outbox.postpone(notice_id, timedelta(seconds=seconds), error, counts=counts)

    async def drop(self, notice_id: int, error: str) -> None:
        """It can never be delivered: the chat is gone or has blocked the bot."""
        async with self._database.transaction() as tx:
            await tx.outbox.drop(notice_id, error)

    async def waiting(self) -> int:
        async with self._database.transaction() as tx:
            return await tx.outbox.waiting()
