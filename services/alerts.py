"""Alerts: what somebody of the staff should know of now, told louder until one of them says so.

A service that finds a cause raises its alert, in the transaction in which it found it, and closes
it where the cause is gone. Whom to tell, and how loudly, is decided here, by the machine's clock:
no rule about money reads it. Two only happened, and nothing that the shop can see undoes them: they
are over when somebody has acknowledged them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.alerts import AlertRow
from db.database import Database, Transaction, again_after_conflict
from services.acts import ActFault, ActRefused
from services.notices import ALERT_TOPIC, OUTBOX_TOPIC, NoticeKind
from services.staff import Actor, Right, Staff
from services.trail import note

# After the first telling, in first intervals: with one of 10 minutes after 10, 30 and 60 minutes,
# and then every 30.
_STEPS = (1, 3, 6)
_EVERY = 3
_SHOWN = 20
_LATELY = timedelta(days=3)

ACKNOWLEDGE = "acknowledge_alert"
"""What the log says."""

log = logging.getLogger(__name__)


class AlertKind(StrEnum):
    """The causes."""

    CHAIN_UNREADABLE = "chain_unreadable"
    SCANNER_BEHIND = "scanner_behind"
    DELEGATION_FAILED = "delegation_failed"
    ORDER_FAILED = "order_failed"
    POOL_OUT = "pool_out"
    LOW_ENERGY = "low_energy"
    RECLAIMS_REFUSED = "reclaims_refused"
    PAYMENT_HELD = "payment_held"
    PAYMENT_ADRIFT = "payment_adrift"
    PAYMENT_LOST = "payment_lost"
    REFUND_WAITS = "refund_waits"
    BOOKS_DIFFER = "books_differ"
    UNKNOWN_TRANSACTION = "unknown_transaction"
    CPU_BUSY = "cpu_busy"
    MEMORY_FULL = "memory_full"
    TELEGRAM_CONFLICT = "telegram_conflict"
    MESSAGES_REFUSED = "messages_refused"
    GROUP_MOVED = "group_moved"
    DATABASE_DOWN = "database_down"
    REDIS_DOWN = "redis_down"


CLOSED_BY_HAND: frozenset[AlertKind] = frozenset(
    {AlertKind.PAYMENT_LOST, AlertKind.UNKNOWN_TRANSACTION, AlertKind.GROUP_MOVED}
)
"""What happened and does not go away: over when somebody has acknowledged it.

A loss stays one, and a new id has to be set by somebody. Whose doing a transaction was can only be
said by a person, unless it sent a refund that was waiting: then it closes like the others.
"""


async def raise_alert(
    tx: Transaction,
    kind: AlertKind,
    *,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Raise an alert, or count up the one that is open; True if it is new.

    `subject` tells apart several of a kind (``payment 12``, ``pool T…``). `details` are plain JSON;
    ``payment_id``, ``refund_id`` and ``order_id`` among them name what its message shows.
    """
    new = await tx.alerts.raise_(kind, subject, dict(details or {}))
    if new:
        log.warning("alert: %s %s", kind, subject)
        await tx.wake(ALERT_TOPIC)
    return new


async def close_alert(tx: Transaction, kind: AlertKind, subject: str = "") -> bool:
    """Its cause is gone; False if none is open."""
    closed = await tx.alerts.close(kind, subject)
    if closed:
        log.info("alert over: %s %s", kind, subject)
        await tx.wake(ALERT_TOPIC)
    return closed


async def close_other_alerts(tx: Transaction, kind: AlertKind, *, keep: str | None = None) -> int:
    """The causes of all of a kind are gone, but that of the one about `keep`."""
    closed = await tx.alerts.close_others(kind, keep)
    if closed:
        await tx.wake(ALERT_TOPIC)
    return closed


async def hold_true(
    tx: Transaction,
    kind: AlertKind,
    wrong: bool,
    *,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Raise an alert while something is `wrong`, close it when it is not.

    About the whole shop, unless a `subject` says what about.
    """
    if wrong:
        await raise_alert(tx, kind, subject=subject, details=details)
    else:
        await close_alert(tx, kind, subject)


def level_after(age: timedelta, first: timedelta) -> int:
    """How often an alert of this age should have been told: 1 at once, then one more at each step.

    `first` is how long it may stay unacknowledged before it is told again.
    """
    steps = age // first
    level = 1 + sum(steps >= step for step in _STEPS)
    return level + max(0, steps - _STEPS[-1]) // _EVERY


@dataclass(frozen=True, slots=True)
class AlertTerms:
    """Where alerts go, and when they are told again.

    `chat` is Telegram's id of a group or a chat, None: to everybody of the staff who may serve.
    """

    chat: int | None = None
    first_repeat: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is `now`, by the machine's clock.

    `level` counts how often it was told, `times` how often its cause was found.
    `acknowledged_name` is what Telegram calls the person, None if they have never met the bot.
    """

    id: int
    kind: AlertKind
    subject: str
    details: Mapping[str, Any]
    raised_at: datetime
    times: int
    level: int
    acknowledged_by: int | None
    acknowledged_name: str | None
    acknowledged_at: datetime | None
    closed_at: datetime | None
    now: datetime

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def lasted(self) -> timedelta:
        return (self.closed_at or self.now) - self.raised_at


@dataclass(frozen=True, slots=True)
class AlertLook:
    """The first of those that are open, the last of those that closed lately; and how many."""

    open: tuple[Alert, ...]
    open_count: int
    closed: tuple[Alert, ...]
    closed_count: int


class Alerts:
    """Tells of alerts, and lets staff acknowledge them."""

    def __init__(self, database: Database, staff: Staff, terms: AlertTerms) -> None:
        self._database = database
        self._staff = staff
        self._terms = terms

    @property
    def chat(self) -> int | None:
        """Where alerts go, if they have a place of their own."""
        return self._terms.chat

    async def look(self) -> AlertLook:
        """What is open, and what closed lately."""
        async with self._database.transaction() as tx:
            opened, open_count = await tx.alerts.open(_SHOWN)
            closed, closed_count = await tx.alerts.closed_since(_LATELY, _SHOWN)
        return AlertLook(
            tuple(map(alert_of, opened)), open_count, tuple(map(alert_of, closed)), closed_count
        )

    @again_after_conflict
    async def acknowledge(self, actor: Actor, alert_id: int) -> Alert | None:
        """Somebody looks after it: it is not told again, and everybody told sees who.

        None if somebody does already, or it is over, or there is no such alert.

        Raises:
            ActRefused: NOT_ALLOWED.
        """
        if not actor.may(Right.SERVE):
            raise ActRefused(ActFault.NOT_ALLOWED)
        async with self._database.transaction() as tx:
            if not await tx.alerts.acknowledge(alert_id, actor.id, closing=CLOSED_BY_HAND):
                return None
            row = (await tx.alerts.by_ids([alert_id]))[alert_id]
            await note(
                tx, actor, ACKNOWLEDGE, subject=f"alert {alert_id} {row.kind} {row.subject}".strip()
            )
            for chat in await tx.alerts.chats_told(alert_id, NoticeKind.ALERT_RAISED):
                await _tell(tx, NoticeKind.ALERT_CHANGED, chat, row)
        return alert_of(row)

    async def ring_due(self) -> int:
        """Queue a message for each alert that is new, gets louder or is over; returns how many.

        Those whose payment, refund, order or pool is well again, or has come to an end, are closed
        here: what they are about ends in many places.
        """
        async with self._database.transaction() as tx:
            if not await tx.alerts.any_to_tell():
                return 0
            await tx.alerts.close_decided(
                held=AlertKind.PAYMENT_HELD,
                refund=AlertKind.REFUND_WAITS,
                delegation=AlertKind.DELEGATION_FAILED,
                adrift=AlertKind.PAYMENT_ADRIFT,
                pool=AlertKind.POOL_OUT,
                failed=AlertKind.ORDER_FAILED,
                unknown=AlertKind.UNKNOWN_TRANSACTION,
            )
            rows = await tx.alerts.lock_to_tell()
            return sum([await self._ring(tx, row) for row in rows])

    async def _ring(self, tx: Transaction, row: AlertRow) -> int:
        level = level_after(row.now - row.raised_at, self._terms.first_repeat)
        over = row.closed_at is not None
        if row.level == 0:
            # One that is over already is told of all the same, by a message that says so.
            for chat in self._recipients():
                await _tell(tx, NoticeKind.ALERT_RAISED, chat, row, level=level)
        elif over:
            for chat in await tx.alerts.chats_told(row.id, NoticeKind.ALERT_RAISED):
                await _tell(tx, NoticeKind.ALERT_CLOSED, chat, row)
        elif level > row.level and row.acknowledged_by is None:
            for chat in self._recipients():
                await _tell(tx, NoticeKind.ALERT_RAISED, chat, row, level=level)
        else:
            return 0
        await tx.alerts.told(row.id, max(level, row.level), closing=over)
        return 1

    def _recipients(self) -> tuple[int, ...]:
        if self._terms.chat is not None:
            return (self._terms.chat,)
        return self._staff.with_right(Right.SERVE)

    # ── what the sender of messages needs ────────────────────────────────────────────────────

    async def shown(self, alert_id: int, chat_id: int, message_id: int) -> None:
        """A message shows the alert: it is edited when the alert changes."""
        async with self._database.transaction() as tx:
            await tx.alerts.shown(alert_id, chat_id, message_id)

    async def messages(self, alert_id: int, chat_id: int) -> tuple[int, ...]:
        """The messages of a chat that show the alert."""
        async with self._database.transaction() as tx:
            return await tx.alerts.messages(alert_id, chat_id)

    async def group_moved(self, old: int, new: int) -> None:
        """Telegram gave a group another id, which has to be set in the configuration."""
        async with self._database.transaction() as tx:
            await raise_alert(
                tx,
                AlertKind.GROUP_MOVED,
                subject=f"group {old}",
                details={"old": str(old), "new": str(new)},
            )

    async def tell_staff_instead(self, alert_id: int) -> None:
        """The place for alerts cannot be reached: each of the staff hears of it."""
        async with self._database.transaction() as tx:
            row = (await tx.alerts.by_ids([alert_id]))[alert_id]
            for chat in self._staff.with_right(Right.SERVE):
                await _tell(tx, NoticeKind.ALERT_RAISED, chat, row, level=row.level)


async def _tell(
    tx: Transaction, kind: NoticeKind, chat: int, row: AlertRow, *, level: int | None = None
) -> None:
    key = f"{kind}:{row.id}:{chat}" + (f":{level}" if level is not None else "")
    order_id = row.details.get("order_id")
    if await tx.outbox.add(
        key,
        chat_id=chat,
        kind=kind,
        order_id=UUID(order_id) if order_id else None,
        payment_id=row.details.get("payment_id"),
        refund_id=row.details.get("refund_id"),
        alert_id=row.id,
        payload={} if level is None else {"level": level},
    ):
        await tx.wake(OUTBOX_TOPIC)


def alert_of(row: AlertRow) -> Alert:
    """The alert that a row of the database is."""
    return Alert(
        id=row.id,
        kind=AlertKind(row.kind),
        subject=row.subject,
        details=row.details,
        raised_at=row.raised_at,
        times=row.times,
        level=row.level,
        acknowledged_by=row.acknowledged_by,
        acknowledged_name=row.acknowledged_name,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        now=row.now,
    )
