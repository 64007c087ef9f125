"""What the shop tells.

Names are those of the API in snake_case; what a newer shop tells besides is left out. States are
plain text, because a newer shop may know more of them. TRX amounts are exact Decimals.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Shape(BaseModel):
    """Read from the API's JSON; never changed."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True
    )


class Price(Shape):
    price_config_id: str
    duration_hours: Decimal
    unit_price: Decimal
    sun_per_energy: int
    minimum_trx: Decimal


class Availability(Shape):
    available_energy: int


class DeliveryFigures(Shape):
    """How well rentals went that were paid in the last `hours`; shares are 0 to 1."""

    hours: int
    deliveries: int
    success_rate: Decimal | None
    p50_seconds: int | None
    p95_seconds: int | None
    availability: Decimal | None


class Calculation(Shape):
    transaction_count: int
    energy_per_transaction: int
    total_energy: int
    unit_price: Decimal
    price_trx: Decimal
    energy_of_first: int
    energy_of_next: int
    surge_percent: int
    duration_hours: Decimal
    simulated: bool


class EstimatedPrice(Shape):
    price_config_id: str
    duration_hours: Decimal
    price_trx: Decimal
    unit_price: Decimal
    surge_percent: int


class Estimate(Shape):
    sender_address: str
    destination_address: str | None
    token_address: str
    token_symbol: str
    energy_of_first: int
    energy_of_next: int
    rented_first: int
    rented_next: int
    own_energy: int
    destination_holds_token: bool
    destination_activated: bool | None
    burn_first_trx: Decimal
    burn_next_trx: Decimal
    bandwidth_trx: Decimal
    prices: tuple[EstimatedPrice, ...]
    simulated: bool


class Order(Shape):
    """Pay exactly `trx_amount` to `payment_address` before `pay_before`.

    `status`: pending, paid, processing, completed, failed, expired, cancelled.
    """

    order_id: UUID
    number: int
    client_order_id: str | None
    status: str
    stage: str
    origin: str
    recipient_address: str
    destination_address: str | None
    token_address: str | None
    token_symbol: str
    payment_address: str
    trx_amount: Decimal
    due_trx: Decimal
    received_trx: Decimal
    credited_trx: Decimal
    transaction_count: int
    energy_per_transaction: int
    energy_of_next: int
    total_energy: int
    duration_hours: Decimal
    extended_hours: Decimal
    extensions_trx: Decimal
    price_config_id: str
    burn_trx: Decimal
    created_at: datetime
    pay_before: datetime
    paid_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    ended_at: datetime | None
    ended_early_at: datetime | None
    early_credit_trx: Decimal
    payment_txid: str | None
    delegation_txids: tuple[str, ...]
    reclaim_txids: tuple[str, ...]
    extends_order_id: UUID | None
    failure: str | None
    compensation: str | None
    waits_for_person: bool


class Monitor(Shape):
    """`status`: monitoring, confirmed, timeout, cancelled."""

    monitor_id: UUID
    order_id: UUID
    status: str
    payment_address: str
    expected_amount: Decimal
    actual_amount: Decimal | None
    txid: str | None
    confirmations: int
    expires_at: datetime
    confirmed_at: datetime | None


class Delegation(Shape):
    """`status`: pending, active, expired, reclaiming, revoked, failed."""

    delegation_id: UUID
    status: str
    pool_address: str
    recipient_address: str
    energy_amount: int
    duration_hours: Decimal
    tx_id: str
    reclaim_tx_id: str | None
    expires_at: datetime


class Status(Order):
    id: UUID
    user_id: str
    updated_at: datetime
    monitor: Monitor
    delegations: tuple[Delegation, ...]


class Orders(Shape):
    orders: tuple[Order, ...]
    page: int
    pages: int


class Placed(Shape):
    order_id: UUID
    monitor_id: UUID
    order: Order


class Monitored(Shape):
    monitor_id: UUID
    monitor: Monitor


class ArrivedTransfer(Shape):
    """`amount` in sun, `timestamp` in seconds since 1970."""

    txid: str
    amount: int
    from_address: str
    timestamp: int
    confirmations: int


class Arrived(Shape):
    transactions: tuple[ArrivedTransfer, ...]


class Delegated(Shape):
    """`status` is the order's: only with `completed` all of the energy is there."""

    tx_ids: tuple[str, ...]
    delegation_id: UUID | None
    status: str
    waits_for_person: bool
    delegations: tuple[Delegation, ...]


class ExtensionOffer(Shape):
    price_config_id: str
    duration_hours: Decimal
    price_trx: Decimal
    expires_at: datetime


class ExtensionOffers(Shape):
    order_id: UUID
    expires_at: datetime
    offers: tuple[ExtensionOffer, ...]


class EarlyEndOffer(Shape):
    order_id: UUID
    paid_trx: Decimal
    most_trx: Decimal
    energy_unused: int
    expires_at: datetime


class EndedEarly(Shape):
    order: Order
    most_trx: Decimal | None


class Movement(Shape):
    event: str
    trx: Decimal
    order_number: int | None
    at: datetime


class Balance(Shape):
    balance_trx: Decimal
    movements: tuple[Movement, ...]


class Webhook(Shape):
    webhook_id: UUID
    url: str
    events: tuple[str, ...] | None
    enabled: bool
    disabled_reason: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    last_delivered_at: datetime | None
    previous_secret_until: datetime | None
    created_at: datetime


class NewWebhook(Webhook):
    """`secret` is told here and never again: keep it for `verify_webhook`."""

    secret: str


class Attempt(Shape):
    delivered: bool
    status: int | None
    failure: str | None
    milliseconds: int
    answer: str
    at: datetime | None


class WebhookDelivery(Shape):
    """`state`: waiting, delivered, given_up."""

    delivery_id: UUID
    event_id: str
    type: str
    state: str
    attempts: tuple[Attempt, ...]
    next_attempt_at: datetime | None
    created_at: datetime


class WebhookLog(Shape):
    deliveries: tuple[WebhookDelivery, ...]
    page: int


class Health(Shape):
    status: str


class Part(Shape):
    well: bool
    why: str | None
    lag_seconds: int | None


class Ready(Shape):
    """`status`: ready, degraded, unready; of the last `success` is false."""

    success: bool
    status: str
    parts: dict[str, Part]


class Payment(Shape):
    """A payment that does not simply pay an order."""

    payment_id: int
    txid: str
    status: str
    reason: str | None
    trx_amount: Decimal
    sender_address: str
    receiver_address: str
    order_id: UUID | None
    choose_until: datetime | None


class EventData(Shape):
    """What an event is about; of a test it is the webhook."""

    order: Order | None = None
    payment: Payment | None = None
    webhook_id: UUID | None = None


class Event(Shape):
    """What a webhook is sent. One may come twice: act on each `id` once."""

    id: str
    type: str
    created_at: datetime
    data: EventData


EventKind = Literal[
    "order.created",
    "order.underpaid",
    "order.paid",
    "order.processing",
    "order.completed",
    "order.failed",
    "order.expired",
    "order.cancelled",
    "order.extended",
    "order.ending_soon",
    "order.ended",
    "payment.held",
    "payment.credited",
    "payment.refunded",
]

OrderState = Literal["pending", "paid", "processing", "completed", "failed", "expired", "cancelled"]

DeliveryState = Literal["waiting", "delivered", "given_up"]
