"""The time line of an order: everything that is recorded about it, in order of time.

What happened on the chain has the chain's time; what the program wrote (books, messages, decisions)
has the time at which it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from db.database import Transaction
from db.order_history import (
    BookedRow,
    ChainEventRow,
    DecisionRow,
    ExtensionRow,
    MessageRow,
    PaymentEventRow,
)
from db.orders import OrderRow
from services.chain_time import chain_now


class What(StrEnum):
    """Kinds of things that happen to an order."""

    ORDERED = "ordered"
    PAYMENT = "payment"
    PAID = "paid"
    DELEGATE = "delegate"
    UNDELEGATE = "undelegate"
    TRANSFER = "transfer"
    DELIVERED = "delivered"
    EXTENSION = "extension"
    BOOKED = "booked"
    MESSAGE = "message"
    DECISION = "decision"
    ENDED_EARLY = "ended_early"
    RUNS_OUT = "runs_out"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `sun` is money, or the stake of a delegation.

    `state` is how it stands now: of a payment, a transaction, a message or an extension. `name`
    says more: what was booked, which message, which act, or the API key that it was ordered with;
    `reason` why, or how the program calls the order. `who` is a Telegram id; `accounts` what
    left which accounts for which.
    """

    at: datetime
    what: What
    sun: int | None = None
    txid: str | None = None
    state: str = ""
    name: str = ""
    reason: str = ""
    who: int | None = None
    number: int | None = None
    duration: timedelta | None = None
    accounts: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the tables say about one order."""

    payments: Sequence[PaymentEventRow] = ()
    transactions: Sequence[ChainEventRow] = ()
    booked: Sequence[BookedRow] = ()
    messages: Sequence[MessageRow] = ()
    extensions: Sequence[ExtensionRow] = ()
    decisions: Sequence[DecisionRow] = ()
    key_name: str | None = None
    """Of the API key that it was ordered with."""


# At one moment, what causes comes before what follows.
_RANK = {what: rank for rank, what in enumerate(What)}


async def read_history(tx: Transaction, order: OrderRow) -> tuple[Event, ...]:
    """Everything that happened to the order."""
    rows = tx.order_history
    key = None if order.api_key_id is None else await tx.api_keys.get(order.api_key_id)
    records = Records(
        key_name=None if key is None else key.name,
        payments=await rows.payments(order.id),
        transactions=await rows.transactions(order.id),
        booked=await rows.booked(order.id),
        messages=await rows.messages(order.id),
        extensions=await rows.extensions(order.id),
        decisions=await rows.decisions(order.id, f"order {order.number}"),
    )
    return history(order, records, now=await chain_now(tx))


def history(order: OrderRow, records: Records, *, now: datetime) -> tuple[Event, ...]:
    """The events in order of time. Nothing that is still to come is among them."""
    events = [*_of_order(order, records, now), *_of_records(records)]
    return tuple(sorted(events, key=lambda event: (event.at, _RANK[event.what])))


def _of_order(order: OrderRow, records: Records, now: datetime) -> Iterator[Event]:
    yield Event(
        order.ordered_at,
        What.ORDERED,
        sun=order.trx_amount,
        name=records.key_name or "",
        reason=order.client_order_id or "",
    )
    if order.paid_at is not None:
        yield Event(order.paid_at, What.PAID, sun=order.balance_sun or None)
    if order.completed_at is not None:
        yield Event(order.completed_at, What.DELIVERED)
    if order.ended_early_at is not None:
        yield Event(order.ended_early_at, What.ENDED_EARLY)
    elif order.expires_at is not None and order.expires_at <= now:
        yield Event(order.expires_at, What.RUNS_OUT)
    if order.ended_at is not None:
        yield Event(order.ended_at, What.ENDED, sun=order.early_credit_sun or None)


def _of_records(records: Records) -> Iterator[Event]:
    for payment in records.payments:
        yield Event(
            payment.at,
            What.PAYMENT,
            sun=payment.amount_sun,
            txid=payment.txid,
            state=payment.status,
            reason=payment.reason or "",
        )
    for sent in records.transactions:
        yield Event(
            sent.at, What(sent.kind), sun=sent.balance_sun, txid=sent.txid, state=sent.state
        )
    for booked in records.booked:
        accounts = ", ".join(booked.sources), ", ".join(booked.targets)
        yield Event(booked.at, What.BOOKED, sun=booked.sun, name=booked.event, accounts=accounts)
    for message in records.messages:
        yield Event(
            message.at, What.MESSAGE, state=message.state, name=message.kind, who=message.chat_id
        )
    for extension in records.extensions:
        yield Event(
            extension.at,
            What.EXTENSION,
            sun=extension.trx_amount,
            state=extension.status,
            number=extension.number,
            duration=extension.duration,
        )
    for decision in records.decisions:
        yield Event(
            decision.at,
            What.DECISION,
            name=decision.act,
            reason=decision.reason,
            who=decision.actor_id,
        )
