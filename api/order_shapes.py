"""An order, and what belongs to it, as programs see it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.shapes import Time, Told, Trx, trx
from services.order_details import (
    Delegation,
    DelegationState,
    Monitor,
    MonitorState,
    OrderDetail,
)
from services.order_ends import Compensation
from services.order_views import OrderStatus, OrderView, Origin, Stage


class OrderTold(Told):
    """An order: what it is for, what it costs, and everything that happened to it.

    `trxAmount` is to be paid exactly, to `paymentAddress`, before `payBefore`; after a part of it
    came, `dueTrx` is what is missing. Times are the chain's.
    """

    order_id: UUID
    number: Annotated[int, Field(description="What people call it: #1001.")]
    client_order_id: Annotated[str | None, Field(description="How its program calls it.")]
    status: OrderStatus
    stage: Annotated[Stage, Field(description="Where the customer stands with it.")]
    origin: Annotated[Origin, Field(description="How it came about.")]
    recipient_address: Annotated[str, Field(description="Who gets the energy.")]
    destination_address: Annotated[
        str | None, Field(description="Whom the recipient sends the token to, if it was named.")
    ]
    token_address: Annotated[str | None, Field(description="The token's contract; null: USDT.")]
    token_symbol: str
    payment_address: Annotated[str, Field(description="Where it is to be paid.")]
    trx_amount: Annotated[Trx, Field(description="TRX to be paid, exactly: to 6 decimals.")]
    due_trx: Annotated[Trx, Field(description="TRX that a payment has to bring now.")]
    received_trx: Annotated[Trx, Field(description="TRX of the price that are there.")]
    credited_trx: Annotated[Trx, Field(description="TRX that came too much, now in the balance.")]
    transaction_count: Annotated[int, Field(description="For so many transfers of the token.")]
    energy_per_transaction: Annotated[
        int, Field(description="Energy of a transfer: of the first, where that is dearer.")
    ]
    energy_of_next: Annotated[int, Field(description="Energy of each further transfer.")]
    total_energy: Annotated[int, Field(description="Energy that is delivered.")]
    duration_hours: Annotated[Trx, Field(description="Hours for which it is rented.")]
    extended_hours: Annotated[Trx, Field(description="Hours by which it was prolonged since.")]
    extensions_trx: Annotated[Trx, Field(description="TRX that these hours cost.")]
    price_config_id: Annotated[str, Field(description="The price at which it was sold.")]
    burn_trx: Annotated[Trx, Field(description="TRX that the network would burn without it.")]
    created_at: Time
    pay_before: Annotated[Time, Field(description="A payment in a later block is late.")]
    paid_at: Time | None
    completed_at: Annotated[Time | None, Field(description="All of the energy was there.")]
    expires_at: Annotated[Time | None, Field(description="The rental ends.")]
    ended_at: Annotated[Time | None, Field(description="All of the stake was taken back.")]
    ended_early_at: Time | None
    early_credit_trx: Annotated[Trx, Field(description="TRX that came back for an early end.")]
    payment_txid: str | None
    delegation_txids: list[str]
    reclaim_txids: list[str]
    extends_order_id: Annotated[
        UUID | None, Field(description="The order whose rental this one prolongs.")
    ]
    failure: Annotated[str | None, Field(description="Why it could not be delivered.")]
    compensation: Annotated[
        Compensation | None, Field(description="What became of a failed order's money.")
    ]
    waits_for_person: Annotated[
        bool, Field(description="Somebody of the shop has to allow its delivery.")
    ]


class MonitorTold(Told):
    """The waiting for an order's money. It is kept by the shop's one reader of the chain."""

    monitor_id: UUID
    order_id: UUID
    status: MonitorState
    payment_address: str
    expected_amount: Annotated[Trx, Field(description="TRX, exact.")]
    actual_amount: Annotated[Trx | None, Field(description="TRX that came, in sight or counted.")]
    txid: Annotated[str | None, Field(description="Null also if it was paid from the balance.")]
    confirmations: Annotated[int, Field(description="Blocks on top of the payment's.")]
    expires_at: Annotated[Time, Field(description="A payment in a later block is late.")]
    confirmed_at: Time | None


class DelegationTold(Told):
    """Energy of an order from one pool: one transaction."""

    delegation_id: UUID
    status: DelegationState
    pool_address: str
    recipient_address: str
    energy_amount: int
    duration_hours: Trx
    tx_id: str
    reclaim_tx_id: str | None
    expires_at: Time


class StatusTold(OrderTold):
    """An order with its payment monitor and its delegations."""

    id: Annotated[UUID, Field(description="The same as orderId.")]
    user_id: Annotated[str, Field(description="The customer's number.")]
    updated_at: Annotated[Time, Field(description="When it changed last, by the shop's clock.")]
    monitor: MonitorTold
    delegations: list[DelegationTold]


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
        token_address=view.token_address,
        token_symbol=view.symbol,
        payment_address=view.payment_address,
        trx_amount=trx(view.amount_sun),
        due_trx=trx(view.due_sun),
        received_trx=trx(view.received_sun),
        credited_trx=trx(view.credited_sun),
        transaction_count=view.transfers,
        energy_per_transaction=view.energy_per_transfer,
        energy_of_next=view.energy_next,
        total_energy=view.energy,
        duration_hours=hours(view.duration),
        extended_hours=hours(view.extended),
        extensions_trx=trx(view.extensions_sun),
        price_config_id=view.price_id,
        burn_trx=trx(view.burn_sun),
        created_at=view.ordered_at,
        pay_before=view.pay_until,
        paid_at=view.paid_at,
        completed_at=view.completed_at,
        expires_at=view.expires_at,
        ended_at=view.ended_at,
        ended_early_at=view.ended_early_at,
        early_credit_trx=trx(view.early_credit_sun),
        payment_txid=view.payment_txid,
        delegation_txids=list(view.delegation_txids),
        reclaim_txids=list(view.reclaim_txids),
        extends_order_id=view.extends_id,
        failure=view.failure,
        compensation=view.compensation,
        waits_for_person=view.waits_for_person,
    )


def monitor_told(monitor: Monitor, order_id: UUID) -> MonitorTold:
    return MonitorTold(
        monitor_id=monitor.id,
        order_id=order_id,
        status=monitor.state,
        payment_address=monitor.payment_address,
        expected_amount=trx(monitor.expected_sun),
        actual_amount=None if monitor.actual_sun is None else trx(monitor.actual_sun),
        txid=monitor.txid,
        confirmations=monitor.confirmations,
        expires_at=monitor.expires_at,
        confirmed_at=monitor.confirmed_at,
    )


def delegation_told(delegation: Delegation) -> DelegationTold:
    return DelegationTold(
        delegation_id=delegation.id,
        status=delegation.state,
        pool_address=delegation.pool,
        recipient_address=delegation.recipient,
        energy_amount=delegation.energy,
        duration_hours=hours(delegation.duration),
        tx_id=delegation.txid,
        reclaim_tx_id=delegation.reclaim_txid,
        expires_at=delegation.expires_at,
    )


def status_told(detail: OrderDetail) -> StatusTold:
    view = detail.view
    return StatusTold(
        **dict(order_told(view)),
        id=view.id,
        user_id=str(view.user_id),
        updated_at=detail.changed_at,
        monitor=monitor_told(detail.monitor, view.id),
        delegations=[delegation_told(each) for each in detail.delegations],
    )
