"""Webhooks: customers' programs hear of what happens to orders, at least once and in order.

An event is made by the database itself, in the transaction that changes the order (`schema.sql`,
"What customers' programs hear"), and only if an endpoint wants it. It holds the order as it was in
that moment, and so says the same whenever it is sent. What is sent, and over which wire, is the
business of whoever claims deliveries here (`api/webhook_sender.py`).

An endpoint belongs to the API key that registered it, and hears of every order of the key's
customer.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from db.database import Database, Transaction, again_after_conflict
from db.payments import PaymentRow
from db.webhooks import AttemptRow, DeliveryRow, EndpointRow
from services.api_keys import ApiKey
from services.notices import WEBHOOK_TOPIC, NoticeKind, tell_customer
from services.order_views import OrderView, order_views
from services.webhook_signing import new_secret, shown_secret

MOST_ENDPOINTS = 10
"""Of one key."""
LONGEST_URL = 2000
SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long after the one before each attempt comes, give or take a tenth."""
FAILS_FOR = timedelta(days=3)
"""An endpoint that took nothing for so long is sent nothing more."""
OVERLAP = timedelta(hours=24)
"""How long a secret that was replaced signs too, unless its owner wants otherwise."""
LONGEST_OVERLAP = timedelta(days=7)
KEPT = timedelta(days=30)
PAGE_SIZE = 25

# Longer than an attempt can take, with all that is noted after it.
_LEASE = timedelta(seconds=60)
_AT_ONCE = 4
_DOUBTED_AT_ONCE = 1
_LONGEST_ANSWER = 500
_GONE = 410

log = logging.getLogger(__name__)


class EventKind(StrEnum):
    """What programs hear of; the order's states by their names, and what else happens to one."""

    ORDER_CREATED = "order.created"
    ORDER_UNDERPAID = "order.underpaid"
    ORDER_PAID = "order.paid"
    ORDER_PROCESSING = "order.processing"
    ORDER_COMPLETED = "order.completed"
    ORDER_FAILED = "order.failed"
    ORDER_EXPIRED = "order.expired"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_EXTENDED = "order.extended"
    ORDER_ENDING_SOON = "order.ending_soon"
    ORDER_ENDED = "order.ended"
    PAYMENT_HELD = "payment.held"
    PAYMENT_CREDITED = "payment.credited"
    PAYMENT_REFUNDED = "payment.refunded"


TEST = "webhook.test"
"""The kind of an event that only comes to whoever asks for it, to see whether it arrives."""


class Disabled(StrEnum):
    """Why an endpoint is sent nothing: it said 410 Gone; it took nothing for long; or its owner
    wants it so."""

    GONE = "gone"
    FAILING = "failing"
    ASKED = "asked"


class DeliveryState(StrEnum):
    """What became of an event for an endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookFault(StrEnum):
    """Why something is not done."""

    UNKNOWN = "unknown"
    TOO_MANY = "too_many"
    DELIVERY_UNKNOWN = "delivery_unknown"
    DISABLED = "disabled"


class WebhookRefused(Exception):
    """Because of `fault`."""

    def __init__(self, fault: WebhookFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint without its secrets. `events` None: all. Times of the machine, UTC."""

    id: UUID
    url: str
    events: tuple[EventKind, ...] | None
    taken_at: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: Disabled | None
    previous_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """An endpoint and its `secret`, as its owner keeps it: told now and never again."""

    webhook: Webhook
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to: the receiver's HTTP `status` and how its answer begins, or the
    `failure` for which there is none."""

    status: int | None
    failure: str | None
    answer: str
    milliseconds: int

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Attempt:
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to an endpoint; `next_attempt_at` while it waits."""

    id: UUID
    event_id: UUID
    kind: str
    state: DeliveryState
    attempts: tuple[Attempt, ...]
    next_attempt_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be sent now: `order` or `payment` is what the event is about, as it was.

    `attempt` counts from 1. All of `secrets` sign.
    """

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    kind: str
    happened_at: datetime
    url: str
    secrets: tuple[bytes, ...] = field(repr=False)
    attempt: int
    order: OrderView | None = None
    payment: PaymentRow | None = None


class Webhooks:
    """Registers endpoints, hands out what is to be sent to them, and notes what came of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ── endpoints ────────────────────────────────────────────────────────────────────────────

    @again_after_conflict
    async def add(
        self,
        key: ApiKey,
        url: str,
        events: Sequence[EventKind] | None,
        *,
        request_id: UUID | None = None,
    ) -> NewWebhook:
        """Send the key's customer's events to `url` from now on; the same request adds one.

        Raises:
            WebhookRefused(TOO_MANY): the key has as many as one may have.
        """
        async with self._database.transaction() as tx:
            await tx.webhooks.lock_key(key.id)
            if request_id is not None:
                known = await tx.webhooks.of_request(request_id)
                if known is not None:
                    return NewWebhook(_webhook(known), shown_secret(known.secret))
            if len(await tx.webhooks.of_key(key.id)) >= MOST_ENDPOINTS:
                raise WebhookRefused(WebhookFault.TOO_MANY)
            row = await tx.webhooks.add(
                api_key_id=key.id,
                user_id=key.user_id,
                url=url,
                events=events,
                secret=new_secret(),
                request_id=request_id,
            )
        log.info("webhook %s: registered with API key %s", row.id, key.public_id)
        return NewWebhook(_webhook(row), shown_secret(row.secret))

    async def of_key(self, key: ApiKey) -> tuple[Webhook, ...]:
        """What was registered with the key, the oldest first."""
        async with self._database.transaction() as tx:
            return tuple(_webhook(row) for row in await tx.webhooks.of_key(key.id))

    async def get(self, key: ApiKey, webhook_id: UUID) -> Webhook:
        """Raises WebhookRefused(UNKNOWN), as all that follows: it was not made with this key."""
        async with self._database.transaction() as tx:
            return _webhook(_own(key, await tx.webhooks.get(webhook_id)))

    @again_after_conflict
    async def change(
        self,
        key: ApiKey,
        webhook_id: UUID,
        *,
        url: str | None = None,
        events: Sequence[EventKind] | None = None,
        all_events: bool = False,
        enabled: bool | None = None,
    ) -> Webhook:
        """Send other events, or `all_events`, or to another place, or nothing; None leaves it.

        What waited for an endpoint that is enabled again is sent at once.
        """
        async with self._database.transaction() as tx:
            row = _own(key, await tx.webhooks.lock(webhook_id))
            await tx.webhooks.change(
                webhook_id,
                url=url or row.url,
                events=None if all_events else events or row.events,
            )
            if enabled is True and row.disabled_at is not None:
                await tx.webhooks.enable(webhook_id)
                await tx.wake(WEBHOOK_TOPIC)
            elif enabled is False:
                await tx.webhooks.disable(webhook_id, Disabled.ASKED)
            return _webhook(_own(key, await tx.webhooks.get(webhook_id)))

    @again_after_conflict
    async def rotate(
        self, key: ApiKey, webhook_id: UUID, *, overlap: timedelta, request_id: UUID | None = None
    ) -> NewWebhook:
        """A new secret; the old one signs, too, for the `overlap`. A request rotates once."""
        async with self._database.transaction() as tx:
            row = _own(key, await tx.webhooks.lock(webhook_id))
            if request_id is None or row.rotation_id != request_id:
                await tx.webhooks.rotate(
                    webhook_id, new_secret(), overlap=overlap, rotation_id=request_id
                )
                row = _own(key, await tx.webhooks.get(webhook_id))
                log.info("webhook %s: its secret was rotated", webhook_id)
        return NewWebhook(_webhook(row), shown_secret(row.secret))

    @again_after_conflict
    async def delete(self, key: ApiKey, webhook_id: UUID) -> None:
        """Forget the endpoint, with all that waits for it."""
        async with self._database.transaction() as tx:
            _own(key, await tx.webhooks.lock(webhook_id))
            await tx.webhooks.delete(webhook_id)
        log.info("webhook %s: deleted", webhook_id)

    # ── the log ──────────────────────────────────────────────────────────────────────────────

    async def deliveries(
        self, key: ApiKey, webhook_id: UUID, *, state: DeliveryState | None, page: int
    ) -> tuple[Delivery, ...]:
        """A page of the endpoint's deliveries, the newest first; pages count from 1."""
        async with self._database.transaction() as tx:
            _own(key, await tx.webhooks.get(webhook_id))
            rows = await tx.webhooks.log(
                webhook_id, state=state, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
            )
            return await _deliveries(tx, rows)

    @again_after_conflict
    async def retry(self, key: ApiKey, webhook_id: UUID, delivery_id: UUID) -> Delivery:
        """Send an event at once, also one that was taken or given up; it then waits its turn.

        Raises:
            WebhookRefused: DELIVERY_UNKNOWN; or DISABLED, where nothing is sent.
        """
        async with self._database.transaction() as tx:
            row = _own(key, await tx.webhooks.lock(webhook_id))
            delivery = await tx.webhooks.lock_delivery(delivery_id)
            if delivery is None or delivery.endpoint_id != webhook_id or _is_test(delivery):
                raise WebhookRefused(WebhookFault.DELIVERY_UNKNOWN)
            if row.disabled_at is not None:
                raise WebhookRefused(WebhookFault.DISABLED)
            await tx.webhooks.try_anew(delivery_id)
            await tx.wake(WEBHOOK_TOPIC)
            anew = await tx.webhooks.lock_delivery(delivery_id)
            assert anew is not None, "it is locked"
            [found] = await _deliveries(tx, [anew])
        return found

    # ── sending ──────────────────────────────────────────────────────────────────────────────

    async def claim(self, limit: int) -> tuple[Outgoing, ...]:
        """Deliveries that are due, leased to the caller, who settles each of them.

        What a process was sending when it died is due at once, as in the outbox.
        """
        presence = await self._database.presence()
        async with self._database.transaction() as tx:
            await tx.webhooks.end_leases_of_the_dead(presence)
            rows = await tx.webhooks.claim(
                limit, _LEASE, presence, at_once=_AT_ONCE, doubted=_DOUBTED_AT_ONCE
            )
            return await _outgoing(tx, rows) if rows else ()

    @again_after_conflict
    async def settle(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """Note what came of an attempt, and what follows from it."""
        async with self._database.transaction() as tx:
            endpoint = await tx.webhooks.lock(outgoing.endpoint_id)
            delivery = await tx.webhooks.lock_delivery(outgoing.id)
            if endpoint is None or delivery is None:
                return  # its owner deleted it meanwhile
            await tx.webhooks.note(
                outgoing.id,
                status=outcome.status,
                failure=outcome.failure,
                answer=_plain(outcome.answer),
                milliseconds=outcome.milliseconds,
            )
            if outcome.taken:
                await tx.webhooks.delivered(outgoing.id)
                await tx.webhooks.took(endpoint.id)
            elif (
                not _is_test(delivery)
                and delivery.state == DeliveryState.WAITING
                and delivery.attempts == outgoing.attempt
            ):
                # Else another process took over from this one, which was thought dead.
                await self._failed(tx, endpoint, delivery, outcome)

    async def begin_test(self, key: ApiKey, webhook_id: UUID) -> Outgoing:
        """An event that says nothing, to be sent by the caller now; also to a disabled endpoint."""
        async with self._database.transaction() as tx:
            _own(key, await tx.webhooks.lock(webhook_id))
            row = await tx.webhooks.add_test(webhook_id, TEST)
            [outgoing] = await _outgoing(tx, [row])
        return outgoing

    async def waiting(self) -> int:
        """How many events are still to be taken."""
        async with self._database.transaction() as tx:
            return await tx.webhooks.waiting()

    async def forget_old(self) -> int:
        """Forget events, and what came of them, that are kept no longer."""
        async with self._database.transaction() as tx:
            return await tx.webhooks.forget(datetime.now(UTC) - KEPT)

    async def _failed(
        self, tx: Transaction, endpoint: EndpointRow, delivery: DeliveryRow, outcome: Outcome
    ) -> None:
        since = await tx.webhooks.failed(endpoint.id)
        took_nothing = (
            endpoint.taken_at is None
            or delivery.tried_at is None
            or endpoint.taken_at < delivery.tried_at
        )
        if delivery.attempts >= len(SCHEDULE):
            await tx.webhooks.give_up(delivery.id)
            hopeless = took_nothing
        else:
            await tx.webhooks.postpone(delivery.id, pause_before(delivery.attempts + 1))
            hopeless = datetime.now(UTC) - since >= FAILS_FOR
        if outcome.status == _GONE:
            await _disable(tx, endpoint, Disabled.GONE)
        elif hopeless:
            await _disable(tx, endpoint, Disabled.FAILING)


def pause_before(attempt: int) -> timedelta:
    """How long to wait before an attempt, which count from 1, after the one before it failed.

    Not the same for all, so that those that failed together do not all come back together.
    """
    return SCHEDULE[attempt - 1] * random.uniform(0.9, 1.1)  # noqa: S311 (spreads load)


async def _disable(tx: Transaction, endpoint: EndpointRow, why: Disabled) -> None:
    """Send nothing more, and tell the customer once."""
    if not await tx.webhooks.disable(endpoint.id, why):
        return
    disabled = await tx.webhooks.get(endpoint.id)
    assert disabled is not None, "it is locked"
    assert disabled.disabled_at is not None, "a line above"
    payload: dict[str, Any] = {"url": endpoint.url, "why": why}
    await tell_customer(
        tx,
        NoticeKind.WEBHOOK_DISABLED,
        user_id=endpoint.user_id,
        occasion=f"{endpoint.id} {disabled.disabled_at.isoformat()}",
        payload=payload,
    )
    log.warning("webhook %s: disabled (%s)", endpoint.id, why)


async def _outgoing(tx: Transaction, rows: Sequence[DeliveryRow]) -> tuple[Outgoing, ...]:
    events = [row.event_id for row in rows]
    orders = await tx.webhooks.orders(events)
    payments = await tx.webhooks.payments(events)
    endpoints = {
        endpoint_id: await tx.webhooks.get(endpoint_id)
        for endpoint_id in {row.endpoint_id for row in rows}
    }
    found = []
    for row in rows:
        endpoint = endpoints[row.endpoint_id]
        if endpoint is None:
            continue
        view = None
        if row.event_id in orders:
            # One at a time: another event of the same order shows it at another time.
            order, story = orders[row.event_id]
            [view] = await order_views(tx, [order], {order.id: story})
        found.append(
            Outgoing(
                id=row.id,
                endpoint_id=row.endpoint_id,
                event_id=row.event_id,
                kind=row.kind,
                happened_at=row.happened_at,
                url=endpoint.url,
                secrets=_secrets(endpoint, datetime.now(UTC)),
                attempt=row.attempts,
                order=view,
                payment=payments.get(row.event_id),
            )
        )
    return tuple(found)


async def _deliveries(tx: Transaction, rows: Sequence[DeliveryRow]) -> tuple[Delivery, ...]:
    attempts: dict[UUID, list[Attempt]] = {row.id: [] for row in rows}
    for attempt in await tx.webhooks.attempts(list(attempts)):
        attempts[attempt.delivery_id].append(_attempt(attempt))
    return tuple(
        Delivery(
            id=row.id,
            event_id=row.event_id,
            kind=row.kind,
            state=DeliveryState(row.state),
            attempts=tuple(attempts[row.id]),
            next_attempt_at=row.next_attempt_at if row.state == DeliveryState.WAITING else None,
            created_at=row.created_at,
        )
        for row in rows
    )


def _own(key: ApiKey, row: EndpointRow | None) -> EndpointRow:
    if row is None or row.api_key_id != key.id:
        raise WebhookRefused(WebhookFault.UNKNOWN)
    return row


def _secrets(row: EndpointRow, now: datetime) -> tuple[bytes, ...]:
    if row.previous_secret is None or row.previous_until is None or row.previous_until <= now:
        return (row.secret,)
    return row.secret, row.previous_secret


def _is_test(row: DeliveryRow) -> bool:
    return row.kind == TEST


def _plain(answer: str) -> str:
    """What can be stored and shown of an answer; PostgreSQL knows no zero bytes."""
    return answer.replace("\0", "")[:_LONGEST_ANSWER]


def _attempt(row: AttemptRow) -> Attempt:
    return Attempt(row.at, Outcome(row.status, row.failure, row.answer, row.milliseconds))


def _webhook(row: EndpointRow) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=None if row.events is None else tuple(EventKind(each) for each in row.events),
        taken_at=row.taken_at,
        failing_since=row.failing_since,
        disabled_at=row.disabled_at,
        disabled_why=None if row.disabled_why is None else Disabled(row.disabled_why),
        previous_until=row.previous_until,
        created_at=row.created_at,
    )
