"""Every request that the API takes, described once for both clients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import EllipsisType
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from energy_flash_client import shapes
from energy_flash_client.exact_json import Amount, exact, read

T = TypeVar("T")
OrderRef = UUID | int | str
"""An order by its id, or by its number."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request. However often it is sent, `key` makes it one to the shop.

    `repeatable`: it may be sent again when nobody knows whether it was done.
    `expected`: statuses whose body `answer` can read.
    """

    method: str
    path: str
    answer: Callable[[bytes], T]
    parts: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    key: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    repeatable: bool = True
    expected: tuple[int, ...] = (200, 201, 202, 204)

    @property
    def url(self) -> str:
        parts = {name: quote(value, safe="") for name, value in self.parts.items()}
        return self.path.format_map(parts)

    @property
    def all_headers(self) -> dict[str, str]:
        return self.headers | ({} if self.key is None else {"Idempotency-Key": self.key})


def _told(shape: type[T]) -> Callable[[bytes], T]:
    """What stands beside `success`."""
    adapter: TypeAdapter[T] = TypeAdapter(shape)
    return lambda body: adapter.validate_python(read(body))


def _data(shape: type[T]) -> Callable[[bytes], T]:
    """What stands in `data`."""
    adapter: TypeAdapter[T] = TypeAdapter(shape)
    return lambda body: adapter.validate_python(read(body)["data"])


def _nothing(_body: bytes) -> None:
    return None


def _text(body: bytes) -> str:
    return body.decode()


def _named(**values: Any) -> dict[str, Any]:
    """Only what was given."""
    return {name: value for name, value in values.items() if value is not None}


def _key(key: str | None) -> str:
    return str(uuid4()) if key is None else key


def _maybe(amount: Amount | None) -> str | None:
    return None if amount is None else exact(amount)


_PRICES = _data(tuple[shapes.Price, ...])
_AVAILABILITY = _data(shapes.Availability)
_FIGURES = _data(tuple[shapes.DeliveryFigures, ...])
_CALCULATION = _data(shapes.Calculation)
_ESTIMATE = _data(shapes.Estimate)
_PLACED = _told(shapes.Placed)
_MONITORED = _told(shapes.Monitored)
_ARRIVED = _told(shapes.Arrived)
_DELEGATED = _told(shapes.Delegated)
_STATUS = _data(shapes.Status)
_ORDERS = _data(shapes.Orders)
_ORDER = _data(shapes.Order)
_OFFERS = _data(shapes.ExtensionOffers)
_END_OFFER = _data(shapes.EarlyEndOffer)
_ENDED = _data(shapes.EndedEarly)
_BALANCE = _data(shapes.Balance)
_WEBHOOK = _data(shapes.Webhook)
_WEBHOOKS = _data(tuple[shapes.Webhook, ...])
_NEW_WEBHOOK = _data(shapes.NewWebhook)
_ATTEMPT = _data(shapes.Attempt)
_LOG = _data(shapes.WebhookLog)
_DELIVERY = _data(shapes.WebhookDelivery)
_HEALTH = _told(shapes.Health)
_READY = _told(shapes.Ready)


# ── the shop ──


def prices() -> Call[tuple[shapes.Price, ...]]:
    """The prices on offer, the shortest duration first."""
    return Call("GET", "/prices", _PRICES)


def availability() -> Call[shapes.Availability]:
    """How much energy can be rented now."""
    return Call("GET", "/availability", _AVAILABILITY)


def deliveries() -> Call[tuple[shapes.DeliveryFigures, ...]]:
    """How well the shop delivers, in the last day and the last week."""
    return Call("GET", "/deliveries", _FIGURES)


def estimate(
    sender_address: str,
    *,
    destination_address: str | None = None,
    destination_holds_token: bool | None = None,
    token_address: str | None = None,
    amount: Amount | None = None,
) -> Call[shapes.Estimate]:
    """What a transfer of a token takes, simulated by the chain, and what it costs."""
    return Call(
        "POST",
        "/estimate",
        _ESTIMATE,
        body=_named(
            senderAddress=sender_address,
            destinationAddress=destination_address,
            destinationHoldsToken=destination_holds_token,
            tokenAddress=token_address,
            amount=_maybe(amount),
        ),
    )


def calculate(
    *,
    recipient_address: str,
    price_config_id: str,
    trx_amount: Amount,
    destination_address: str | None = None,
    destination_holds_token: bool | None = None,
    token_address: str | None = None,
) -> Call[shapes.Calculation]:
    """How many transfers some TRX buys. Nothing is stored."""
    return Call(
        "POST",
        "/calculate",
        _CALCULATION,
        body=_named(
            recipientAddress=recipient_address,
            priceConfigId=price_config_id,
            trxAmount=exact(trx_amount),
            destinationAddress=destination_address,
            destinationHoldsToken=destination_holds_token,
            tokenAddress=token_address,
        ),
    )


# ── orders ──


def create(
    *,
    recipient_address: str,
    price_config_id: str,
    trx_amount: Amount | None = None,
    transaction_count: int | None = None,
    destination_address: str | None = None,
    destination_holds_token: bool | None = None,
    token_address: str | None = None,
    client_order_id: str | None = None,
    user_id: int | None = None,
    payment_address: str | None = None,
    idempotency_key: str | None = None,
) -> Call[shapes.Placed]:
    """Place an order, for at most `trx_amount` or for `transaction_count` transfers.

    It is delivered when exactly `order.trx_amount` TRX arrive. `client_order_id` is what you call
    it: the same name never makes a second order.
    """
    return Call(
        "POST",
        "/create",
        _PLACED,
        body=_named(
            recipientAddress=recipient_address,
            priceConfigId=price_config_id,
            trxAmount=_maybe(trx_amount),
            transactionCount=transaction_count,
            destinationAddress=destination_address,
            destinationHoldsToken=destination_holds_token,
            tokenAddress=token_address,
            clientOrderId=client_order_id,
            userId=user_id,
            paymentAddress=payment_address,
        ),
        # The order's own name does what a key does, also for a program that was started anew.
        key=_key(idempotency_key) if client_order_id is None else idempotency_key,
    )


def monitor(
    *,
    order_id: OrderRef,
    payment_address: str,
    expected_amount: Amount,
    timeout: int | None = None,
) -> Call[shapes.Monitored]:
    """How the waiting for an order's money stands.

    `timeout`: it waits at most so many seconds from now, never longer than it would anyway.
    """
    return Call(
        "POST",
        "/monitor",
        _MONITORED,
        body=_named(
            orderId=str(order_id),
            paymentAddress=payment_address,
            expectedAmount=exact(expected_amount),
            timeout=timeout,
        ),
    )


def check_payment(address: str, *, limit: int | None = None) -> Call[shapes.Arrived]:
    """What your own payments brought to an address of the shop, the newest first."""
    return Call(
        "GET",
        "/check-payment/{address}",
        _ARRIVED,
        parts={"address": address},
        query=_query(limit=limit),
    )


def delegate(
    *,
    order_id: OrderRef,
    recipient_address: str,
    energy_amount: int,
    duration_hours: Amount,
    wait_seconds: int | None = None,
    idempotency_key: str | None = None,
) -> Call[shapes.Delegated]:
    """Deliver an order that is paid, or pay it from the balance with a key that may `spend`.

    All of it has to be as it was ordered. The answer waits up to `wait_seconds` (10) for the
    energy; if `status` is not `completed` then, ask again or look at `status()`.
    """
    return Call(
        "POST",
        "/delegate",
        _DELEGATED,
        body={
            "orderId": str(order_id),
            "recipientAddress": recipient_address,
            "energyAmount": energy_amount,
            "durationHours": exact(duration_hours),
        },
        key=_key(idempotency_key),
        headers={} if wait_seconds is None else {"Prefer": f"wait={wait_seconds}"},
    )


def status(order_id: OrderRef) -> Call[shapes.Status]:
    """How an order stands, with its payment monitor and its delegations."""
    return Call("GET", "/status/{orderId}", _STATUS, parts={"orderId": str(order_id)})


def find_status(
    *, order_id: OrderRef | None = None, client_order_id: str | None = None
) -> Call[shapes.Status]:
    """The same, of the order that you call so."""
    order = None if order_id is None else str(order_id)
    query = _query(orderId=order, clientOrderId=client_order_id)
    return Call("GET", "/status", _STATUS, query=query)


def orders(
    *,
    page: int | None = None,
    page_size: int | None = None,
    status: shapes.OrderState | None = None,
    client_order_id: str | None = None,
    recipient_address: str | None = None,
    since: datetime | None = None,
) -> Call[shapes.Orders]:
    """One page of the orders of the key's customer, the newest first; `since` has its zone."""
    return Call(
        "GET",
        "/orders",
        _ORDERS,
        query=_query(
            page=page,
            pageSize=page_size,
            status=status,
            clientOrderId=client_order_id,
            recipientAddress=recipient_address,
            since=None if since is None else since.isoformat(),
        ),
    )


def order(order_id: UUID | str) -> Call[shapes.Order]:
    """One order of the key's customer."""
    return Call("GET", "/orders/{orderId}", _ORDER, parts={"orderId": str(order_id)})


def cancel(order_id: UUID | str, *, idempotency_key: str | None = None) -> Call[shapes.Order]:
    """Cancel an order that nobody has paid."""
    return Call(
        "POST",
        "/orders/{orderId}/cancel",
        _ORDER,
        parts={"orderId": str(order_id)},
        key=_key(idempotency_key),
    )


def extensions(order_id: UUID | str) -> Call[shapes.ExtensionOffers]:
    """What more time for a running rental costs now."""
    return Call("GET", "/orders/{orderId}/extensions", _OFFERS, parts={"orderId": str(order_id)})


def extend(
    order_id: UUID | str,
    *,
    price_config_id: str | None = None,
    duration_hours: Amount | None = None,
    maximum_trx: Amount | None = None,
    pay_from_balance: bool | None = None,
    idempotency_key: str | None = None,
) -> Call[shapes.Order]:
    """Order more time for a running rental, by a price or by a duration: an order of its own."""
    return Call(
        "POST",
        "/orders/{orderId}/extend",
        _ORDER,
        parts={"orderId": str(order_id)},
        body=_named(
            priceConfigId=price_config_id,
            durationHours=_maybe(duration_hours),
            maximumTrx=_maybe(maximum_trx),
            payFromBalance=pay_from_balance,
        ),
        key=_key(idempotency_key),
    )


def end_offer(order_id: UUID | str) -> Call[shapes.EarlyEndOffer]:
    """What would come back if the rental ended now. Nothing is done."""
    return Call("GET", "/orders/{orderId}/end", _END_OFFER, parts={"orderId": str(order_id)})


def end(order_id: UUID | str, *, idempotency_key: str | None = None) -> Call[shapes.EndedEarly]:
    """End a running rental; some of its price comes back to the balance."""
    return Call(
        "POST",
        "/orders/{orderId}/end",
        _ENDED,
        parts={"orderId": str(order_id)},
        key=_key(idempotency_key),
    )


def balance() -> Call[shapes.Balance]:
    """What the key's customer has with the shop, and the last changes of it."""
    return Call("GET", "/balance", _BALANCE)


# ── webhooks ──


def register_webhook(
    url: str,
    *,
    events: Sequence[shapes.EventKind] | None = None,
    idempotency_key: str | None = None,
) -> Call[shapes.NewWebhook]:
    """Send events to a URL from now on; keep the `secret` of the answer for `verify_webhook`."""
    return Call(
        "POST",
        "/webhooks",
        _NEW_WEBHOOK,
        body=_named(url=url, events=None if events is None else list(events)),
        key=_key(idempotency_key),
    )


def webhooks() -> Call[tuple[shapes.Webhook, ...]]:
    """All endpoints that were registered with this key, the oldest first."""
    return Call("GET", "/webhooks", _WEBHOOKS)


def webhook(webhook_id: UUID | str) -> Call[shapes.Webhook]:
    """One endpoint."""
    return Call("GET", "/webhooks/{webhookId}", _WEBHOOK, parts=_of(webhook_id))


def change_webhook(
    webhook_id: UUID | str,
    *,
    url: str | None = None,
    events: Sequence[shapes.EventKind] | EllipsisType | None = ...,
    enabled: bool | None = None,
) -> Call[shapes.Webhook]:
    """Change an endpoint; what is left out stays. `events=None`: all, also those to come."""
    body = _named(url=url, enabled=enabled)
    if not isinstance(events, EllipsisType):
        body["events"] = None if events is None else list(events)
    return Call("PATCH", "/webhooks/{webhookId}", _WEBHOOK, parts=_of(webhook_id), body=body)


def delete_webhook(webhook_id: UUID | str) -> Call[None]:
    """Send nothing more to it."""
    return Call("DELETE", "/webhooks/{webhookId}", _nothing, parts=_of(webhook_id))


def rotate_webhook(
    webhook_id: UUID | str,
    *,
    previous_hours: int | None = None,
    idempotency_key: str | None = None,
) -> Call[shapes.NewWebhook]:
    """A new secret; for `previous_hours` (24) the old one signs, too."""
    return Call(
        "POST",
        "/webhooks/{webhookId}/rotate",
        _NEW_WEBHOOK,
        parts=_of(webhook_id),
        body=_named(previousHours=previous_hours),
        key=_key(idempotency_key),
    )


def test_webhook(webhook_id: UUID | str) -> Call[shapes.Attempt]:
    """Send a `webhook.test` event now, once, and tell what the receiver said."""
    return Call(
        "POST", "/webhooks/{webhookId}/test", _ATTEMPT, parts=_of(webhook_id), repeatable=False
    )


def webhook_deliveries(
    webhook_id: UUID | str,
    *,
    page: int | None = None,
    state: shapes.DeliveryState | None = None,
) -> Call[shapes.WebhookLog]:
    """The log of 30 days, the newest event first."""
    return Call(
        "GET",
        "/webhooks/{webhookId}/deliveries",
        _LOG,
        parts=_of(webhook_id),
        query=_query(page=page, state=state),
    )


def retry_webhook_delivery(
    webhook_id: UUID | str, delivery_id: UUID | str
) -> Call[shapes.WebhookDelivery]:
    """Send an event again, with the same id."""
    return Call(
        "POST",
        "/webhooks/{webhookId}/deliveries/{deliveryId}/retry",
        _DELIVERY,
        parts=_of(webhook_id) | {"deliveryId": str(delivery_id)},
        repeatable=False,
    )


# ── operations ──


def health() -> Call[shapes.Health]:
    """Whether the program runs."""
    return Call("GET", "/health", _HEALTH)


def ready() -> Call[shapes.Ready]:
    """Whether the shop can serve; also told, not raised, when it cannot."""
    return Call("GET", "/ready", _READY, expected=(200, 503))


def metrics() -> Call[str]:
    """Figures in Prometheus's text format."""
    return Call("GET", "/metrics", _text)


def _of(webhook_id: UUID | str) -> dict[str, str]:
    return {"webhookId": str(webhook_id)}


def _query(**values: object) -> dict[str, str]:
    return {name: str(value) for name, value in values.items() if value is not None}
