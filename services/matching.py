"""What is a transfer for? A pure decision, in the order of the rules.

1. The exact amount of an order. An amount is reserved for exactly one order at its payment
   address, for as long as a payment could still be meant for that order. The same reservation
   that keeps new orders off the amount is the one looked up here, so the two can never disagree.
2. Not exact, but from the very wallet that is to receive the energy, or from one that the
   customer proved to own, and only one open order can be meant (the specification's section 7.1:
   5 %). More than its price pays it, and the rest is credited; less is a part of it.
3. No order: a flash rental for the sender, where flash rentals are on.
4. Else nothing is guessed: it is held.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID


class HeldReason(StrEnum):
    """Why a payment waits for a decision instead of paying an order."""

    NO_ORDER = "no_order"
    AMBIGUOUS = "ambiguous"
    LATE = "late"
    CANCELLED = "cancelled"
    PAID_TWICE = "paid_twice"
    UNDERPAID = "underpaid"
    ORDER_CLOSED = "order_closed"
    UNDELIVERABLE = "undeliverable"
    WRONG_ADDRESS = "wrong_address"
    BY_CONTRACT = "by_contract"
    SENDER_IS_EXCHANGE = "sender_is_exchange"
    SENDER_CANNOT_RECEIVE = "sender_cannot_receive"
    SENDER_FROZEN = "sender_frozen"
    TOO_LITTLE = "too_little"
    NO_ENERGY = "no_energy"
    TOO_OFTEN = "too_often"
    BANNED = "banned"
    UNBOOKABLE = "unbookable"
    MAINTENANCE = "maintenance"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A transfer to one of our addresses.

    `to_payment_address` is false for our other addresses, where nobody was asked to pay.
    `user_id` is the customer who proved to own the sender, if one did.
    """

    amount_sun: int
    time: datetime
    to_payment_address: bool = True
    from_ourselves: bool = False
    by_contract: bool = False
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An order that reserves an amount.

    `price_sun` was agreed; `due_sun` is what a payment has to bring now; `received_sun` what was
    seen of it so far. `of_payer`: the sender is its recipient, or is bound to its customer.
    """

    order_id: UUID
    user_id: int | None
    status: str
    price_sun: int
    due_sun: int
    received_sun: int
    pay_until: datetime
    of_payer: bool


@dataclass(frozen=True, slots=True)
class MatchTerms:
    """The operator's rules. `grace` is how long after its deadline an order's price still holds."""

    dust_sun: int
    tolerance_percent: int
    grace: timedelta
    flash: bool


@dataclass(frozen=True, slots=True)
class Pays:
    """The transfer pays this order, with what came for it before."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class Part:
    """The transfer is less than what this order still needs."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class Flash:
    """No order: as much energy for its sender as it buys."""


@dataclass(frozen=True, slots=True)
class Choose:
    """The transfer pays no order; its customer is known and may say what to do with it."""

    reason: HeldReason
    user_id: int
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The transfer pays no order; `order_id` is the one it probably was meant for."""

    reason: HeldReason
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Dust:
    """Too small to mean anything, and no order's amount: recorded and ignored."""


@dataclass(frozen=True, slots=True)
class Own:
    """Money that only moved between addresses of ours."""


Verdict: TypeAlias = Pays | Part | Flash | Choose | Held | Dust | Own


def judge(transfer: Incoming, candidates: Collection[Candidate], terms: MatchTerms) -> Verdict:
    """What the transfer is for.

    `candidates` are the order that reserves exactly its amount, and those `of_payer`. A payment in
    a block up to and including `pay_until` plus the grace is in time, whatever the order's status
    says meanwhile (the specification's section 10.1: a limited time to pay).
    """
    if transfer.from_ourselves:
        return Own()
    exact = next((each for each in candidates if each.due_sun == transfer.amount_sun), None)
    if exact is not None:
        return _exact(transfer, exact, terms)
    if transfer.amount_sun < terms.dust_sun:
        return Dust()
    if not transfer.to_payment_address:
        return Held(HeldReason.WRONG_ADDRESS)
    open_ones = [
        each
        for each in candidates
        if each.of_payer and is_open(each) and transfer.time <= each.pay_until + terms.grace
    ]
    if open_ones:
        return _by_payer(transfer, open_ones, terms)
    if transfer.by_contract:
        return _undecided(HeldReason.BY_CONTRACT, transfer.user_id)
    if terms.flash:
        return Flash()
    return _undecided(HeldReason.NO_ORDER, transfer.user_id)


def is_open(order: Candidate) -> bool:
    """Whether money may still pay the order."""
    return order.status in ("pending", "expired") and order.received_sun < order.price_sun


def covers(received_sun: int, price_sun: int, tolerance_percent: int) -> bool:
    """Whether `received_sun` is enough for `price_sun`."""
    return received_sun * 100 >= price_sun * (100 - tolerance_percent)


def _exact(transfer: Incoming, order: Candidate, terms: MatchTerms) -> Verdict:
    if is_open(order):
        if transfer.time <= order.pay_until + terms.grace:
            return Pays(order.order_id)
        reason = HeldReason.LATE
    elif order.status == "cancelled":
        reason = HeldReason.CANCELLED
    else:
        reason = HeldReason.PAID_TWICE
    return _undecided(reason, order.user_id, order.order_id)


def _by_payer(transfer: Incoming, orders: list[Candidate], terms: MatchTerms) -> Verdict:
    """The payer has open orders, and the amount is the exact one of none of them."""
    fitting = [each for each in orders if _fits(transfer, each, terms)]
    if len(fitting) == 1:
        return Pays(fitting[0].order_id)
    users = {each.user_id for each in orders}
    user_id = users.pop() if len(users) == 1 else transfer.user_id
    if fitting or len(orders) > 1:
        return _undecided(HeldReason.AMBIGUOUS, user_id)
    [order] = orders
    if covers(order.received_sun + transfer.amount_sun, order.price_sun, terms.tolerance_percent):
        return Pays(order.order_id)
    if transfer.time <= order.pay_until:
        return Part(order.order_id)
    return _undecided(HeldReason.UNDERPAID, user_id, order.order_id)


def _fits(transfer: Incoming, order: Candidate, terms: MatchTerms) -> bool:
    total = order.received_sun + transfer.amount_sun
    return abs(total - order.price_sun) * 100 <= order.price_sun * terms.tolerance_percent


def _undecided(reason: HeldReason, user_id: int | None, order_id: UUID | None = None) -> Verdict:
    if user_id is None:
        return Held(reason, order_id)
    return Choose(reason, user_id, order_id)
