"""An order, as programs see it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.shapes import Time, Told, Trx, trx
from services.order_views import OrderStatus, OrderView, Origin, Stage


class OrderTold(Told):
    """An order: what it is for, what it costs, and everything that happened to it.

    `trxAmount` is to be paid exactly, to `paymentAddress`, before `payBefore`; after a part of it
    came, `dueTrx` is what is missing. Times are the chain's.
    """

    order_id: UUID
    number: Annotated[int, Field(description="What people call it: #1001.")]
    client_order_id: str | None
    status: OrderStatus
    stage: Annotated[Stage, Field(description="Where the customer stands with it.")]
    origin: Origin
    recipient_address: str
    destination_address: str | None
    payment_address: str
    trx_amount: Trx
    due_trx: Trx
    received_trx: Trx
    transaction_count: int
    energy_per_transaction: int
    total_energy: int
    duration_hours: Trx
    price_config_id: str
    burn_trx: Annotated[Trx, Field(description="What the network would burn without it.")]
    created_at: Time
    pay_before: Time
    paid_at: Time | None
    completed_at: Time | None
    expires_at: Time | None
    ended_at: Time | None
    payment_txid: str | None
    delegation_txids: list[str]
    reclaim_txids: list[str]
    extends_order_id: UUID | None
    failure: str | None
    waits_for_person: bool


def hours(duration: timedelta) -> Decimal:
    """A duration in hours, exactly."""
    whole = Decimal(int(duration.total_seconds()))
    return (whole / 3600).quantize(Decimal("0.0001")).normalize() + 0


def order_told(view: OrderView) -> OrderTold:
    return OrderTold(
        order_id=view.id,
        number=view.number,
        client_order_id=view.client_order_id,
        status=view.status,
        stage=view.stage,
        origin=view.origin,
        recipient_address=view.recipient,
        destination_address=view.destination,
        payment_address=view.payment_address,
        trx_amount=trx(view.amount_sun),
        due_trx=trx(view.due_sun),
        received_trx=trx(view.received_sun),
        transaction_count=view.transfers,
        energy_per_transaction=view.energy_per_transfer,
        total_energy=view.energy,
        duration_hours=hours(view.duration),
        price_config_id=view.price_id,
        burn_trx=trx(view.burn_sun),
        created_at=view.ordered_at,
        pay_before=view.pay_until,
        paid_at=view.paid_at,
        completed_at=view.completed_at,
        expires_at=view.expires_at,
        ended_at=view.ended_at,
        payment_txid=view.payment_txid,
        delegation_txids=list(view.delegation_txids),
        reclaim_txids=list(view.reclaim_txids),
        extends_order_id=view.extends_id,
        failure=view.failure,
        waits_for_person=view.waits_for_person,
    )
