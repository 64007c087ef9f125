"""Events as receivers read them, and endpoints as their owners do."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from api import exact_json, examples
from api.order_shapes import OrderTold, order_told
from api.shapes import Asked, Count, Time, Told, Trx, trx
from db.payments import PaymentRow
from services.webhooks import (
    LONGEST_OVERLAP,
    LONGEST_URL,
    OVERLAP,
    SCHEDULE,
    TEST,
    Attempt,
    Delivery,
    DeliveryState,
    Disabled,
    EventKind,
    Outcome,
    Outgoing,
    Webhook,
)

Url = Annotated[
    str,
    Field(
        min_length=10,
        max_length=LONGEST_URL,
        pattern=r"^https?://[\x21-\x7e]+$",
        description="Where events are posted to: HTTPS, port 443 or 8443, a public address.",
        examples=["https://shop.example/hooks/energy"],
    ),
]
Wanted = Annotated[
    list[EventKind],
    Field(
        min_length=1,
        max_length=len(EventKind),
        description="The events that are sent; null: all, also those to come.",
        examples=[["order.completed", "order.failed"]],
    ),
]


EventType = EventKind | Literal["webhook.test"]


class WebhookAsked(Asked):
    """A new endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.WEBHOOK_ASKED)]})

    url: Url
    events: Wanted | None = None


class WebhookChange(Asked):
    """What is to be otherwise; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.WEBHOOK_CHANGE)]})

    url: Url | None = None
    events: Wanted | None = None
    enabled: Annotated[
        bool | None,
        Field(description="true: send again, at first what still waits; false: send nothing."),
    ] = None


class RotationAsked(Asked):
    """How long the old secret signs, too."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.ROTATION)]})

    previous_hours: Annotated[
        Count,
        Field(
            ge=0,
            le=int(LONGEST_OVERLAP.total_seconds()) // 3600,
            description="0 if the old one may be in the wrong hands.",
        ),
    ] = int(OVERLAP.total_seconds()) // 3600


class WebhookTold(Told):
    """An endpoint. `failingSince`: it has taken no event since then."""

    webhook_id: UUID
    url: str
    events: list[EventKind] | None
    enabled: bool
    disabled_reason: Annotated[
        Disabled | None,
        Field(
            description="gone: it answered 410; failing: it took nothing for days; asked: by you."
        ),
    ]
    disabled_at: Time | None
    failing_since: Time | None
    last_delivered_at: Time | None
    previous_secret_until: Annotated[
        Time | None, Field(description="Until when the secret before the last rotation signs, too.")
    ]
    created_at: Time


class NewWebhookTold(WebhookTold):
    """An endpoint, and the secret that its events are signed with: told now and never again."""

    secret: Annotated[str, Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw7DzSBdmYaX0="])]


class AttemptTold(Told):
    """One attempt. `status` is the receiver's; without one, `failure` says why."""

    delivered: bool
    status: int | None
    failure: Annotated[
        str | None,
        Field(
            description="timeout, address_not_allowed, name_not_found, not_connected, certificate,"
            " tls, broken_off."
        ),
    ]
    milliseconds: int
    answer: Annotated[str, Field(description="How the body of the answer begins.")]
    at: Time | None = None


class DeliveryTold(Told):
    """An event on its way to an endpoint, and every attempt."""

    delivery_id: UUID
    event_id: str
    type: EventType
    state: DeliveryState
    attempts: list[AttemptTold]
    next_attempt_at: Time | None
    created_at: Time


class DeliveriesTold(Told):
    """One page, the newest first; pages count from 1. The last one has fewer than 25."""

    deliveries: list[DeliveryTold]
    page: int


class PaymentTold(Told):
    """A payment that does not simply pay an order: it waits for a word, or where it went."""

    payment_id: int
    txid: str
    status: Literal["held", "credited", "refunded"]
    reason: str | None
    trx_amount: Trx
    sender_address: str
    receiver_address: str
    order_id: UUID | None
    choose_until: Time | None


class OrderData(Told):
    """The order as it was in that moment, in the shape of GET /orders/{orderId}."""

    order: OrderTold


class PaymentData(Told):
    """The payment as it was in that moment."""

    payment: PaymentTold


class TestData(Told):
    """Nothing happened."""

    webhook_id: UUID


class EventTold(Told):
    """What is posted to an endpoint. Times in `data` are the chain's, `createdAt` is the shop's."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.shown(examples.EVENT)]})

    id: Annotated[str, Field(examples=["evt_8f14e45fceea467fa8b9c1a0d3c7e2b1"])]
    type: EventType
    created_at: Time
    data: OrderData | PaymentData | TestData


def event_name(event_id: UUID) -> str:
    """How receivers know an event again."""
    return f"evt_{event_id.hex}"


def event_body(outgoing: Outgoing) -> bytes:
    """What is sent: the same whenever, and however often."""
    if outgoing.order is not None:
        data: OrderData | PaymentData | TestData = OrderData(order=order_told(outgoing.order))
    elif outgoing.payment is not None:
        data = PaymentData(payment=_payment(outgoing.payment))
    else:
        data = TestData(webhook_id=outgoing.endpoint_id)
    event = EventTold(
        id=event_name(outgoing.event_id),
        type=_type(outgoing.kind),
        created_at=outgoing.happened_at,
        data=data,
    )
    return exact_json.write(event.model_dump(mode="python", by_alias=True))


def webhook_told(webhook: Webhook) -> WebhookTold:
    return WebhookTold(**_fields(webhook))


def new_webhook_told(webhook: Webhook, secret: str) -> NewWebhookTold:
    return NewWebhookTold(**_fields(webhook), secret=secret)


def delivery_told(delivery: Delivery) -> DeliveryTold:
    return DeliveryTold(
        delivery_id=delivery.id,
        event_id=event_name(delivery.event_id),
        type=_type(delivery.kind),
        state=delivery.state,
        attempts=[_attempt(each) for each in delivery.attempts],
        next_attempt_at=delivery.next_attempt_at,
        created_at=delivery.created_at,
    )


def outcome_told(outcome: Outcome) -> AttemptTold:
    return AttemptTold(
        delivered=outcome.taken,
        status=outcome.status,
        failure=outcome.failure,
        milliseconds=outcome.milliseconds,
        answer=outcome.answer,
    )


def schedule_told() -> str:
    """The pauses between attempts, for people."""
    return ", ".join(
        f"{seconds} s"
        if seconds < 60
        else f"{seconds // 60} min"
        if seconds < 3600
        else f"{seconds // 3600} h"
        for seconds in (int(pause.total_seconds()) for pause in SCHEDULE)
    )


def _type(kind: str) -> EventType:
    return "webhook.test" if kind == TEST else EventKind(kind)


def _attempt(attempt: Attempt) -> AttemptTold:
    return outcome_told(attempt.outcome).model_copy(update={"at": attempt.at})


def _fields(webhook: Webhook) -> dict[str, object]:
    return {
        "webhook_id": webhook.id,
        "url": webhook.url,
        "events": None if webhook.events is None else list(webhook.events),
        "enabled": webhook.disabled_at is None,
        "disabled_reason": webhook.disabled_why,
        "disabled_at": webhook.disabled_at,
        "failing_since": webhook.failing_since,
        "last_delivered_at": webhook.taken_at,
        "previous_secret_until": webhook.previous_until,
        "created_at": webhook.created_at,
    }


def _payment(row: PaymentRow) -> PaymentTold:
    return PaymentTold(
        payment_id=row.id,
        txid=row.txid,
        status=row.status,
        reason=row.reason,
        trx_amount=trx(row.amount_sun),
        sender_address=row.sender,
        receiver_address=row.receiver,
        order_id=row.order_id,
        choose_until=row.choose_until,
    )
