"""Which order does a transfer pay? A pure decision.

An amount is reserved for exactly one order at its payment address, for as long as a
payment could still be meant for that order. The same reservation that keeps new orders
off the amount is the one looked up here, so the two can never disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID


class HeldReason(StrEnum):
    """Why a payment waits for a person instead of paying an order."""

    NO_ORDER = "no_order"
    LATE = "late"
    CANCELLED = "cancelled"
    PAID_TWICE = "paid_twice"
    OWN_TRANSFER = "own_transfer"
    ORDER_CLOSED = "order_closed"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class Candidate:
    """The order that reserves the amount of a transfer."""

    order_id: UUID
    status: str
    pay_until: datetime
    has_payment: bool


@dataclass(frozen=True, slots=True)
class Pays:
    """The transfer pays this order."""

    order_id: UUID


@dataclass(frozen=True, slots=True)
class Held:
    """The transfer pays no order; `order_id` is the one it probably was meant for."""

    reason: HeldReason
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Dust:
    """Too small to mean anything, and no order's amount: recorded and ignored."""


Verdict: TypeAlias = Pays | Held | Dust


def judge(
    *,
    amount_sun: int,
    time: datetime,
    from_ourselves: bool,
    candidate: Candidate | None,
    dust_sun: int,
) -> Verdict:
    """What a transfer of `amount_sun` in a block of `time` means.

    `candidate` is the order that reserves exactly this amount at the receiving address.
    A payment in a block up to and including `pay_until` is in time, whatever the order's
    status says meanwhile (the specification's section 10.1: a limited time to pay).
    """
    if candidate is None and amount_sun < dust_sun:
        return Dust()
    if from_ourselves:
        return Held(HeldReason.OWN_TRANSFER)
    if candidate is None:
        return Held(HeldReason.NO_ORDER)
    if candidate.has_payment or candidate.status not in ("pending", "expired", "cancelled"):
        return Held(HeldReason.PAID_TWICE, candidate.order_id)
    if candidate.status == "cancelled":
        return Held(HeldReason.CANCELLED, candidate.order_id)
    if time > candidate.pay_until:
        return Held(HeldReason.LATE, candidate.order_id)
    return Pays(candidate.order_id)
