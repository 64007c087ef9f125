"""All about an order, for programs: its payment monitor, its delegations, and what arrived.

The specification's PaymentMonitorService: its monitors are rows that the one scanner keeps
(`services.payments`), and here they are only looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from db.database import Database
from db.delegations import DelegationRow
from db.payment_monitors import MonitorRow
from services.chain_time import rental_time
from services.order_views import OrderView, order_views


class MonitorState(StrEnum):
    """How the waiting for an order's money stands."""

    MONITORING = "monitoring"
    CONFIRMED = "confirmed"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"


class DelegationState(StrEnum):
    """How a delegation stands: sent; there; over; on its way back; back; never in a block."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    RECLAIMING = "reclaiming"
    REVOKED = "revoked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Monitor:
    """The waiting for an order's money: `expected_sun` at an address until `expires_at`.

    `actual_sun`, `txid` and `confirmations` (the blocks on top of its own) are of what came last;
    without a `txid` but with an amount it was paid from a balance. Times of the chain, UTC.
    """

    id: UUID
    state: MonitorState
    payment_address: Address
    expected_sun: int
    actual_sun: int | None
    txid: str | None
    confirmations: int
    expires_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delegation:
    """Energy of an order from one pool. Times of the chain, UTC."""

    id: UUID
    state: DelegationState
    pool: Address
    recipient: Address
    energy: int
    duration: timedelta
    txid: str
    reclaim_txid: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order and what belongs to it; `changed_at` by the machine's clock."""

    view: OrderView
    monitor: Monitor
    delegations: tuple[Delegation, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """A transfer of a customer's that arrived. Sun; the time of its block; the blocks on top."""

    txid: str
    sender: Address
    amount_sun: int
    at: datetime
    confirmations: int


class NotAPaymentAddress(Exception):
    """Nobody is asked to pay there."""


class OrderDetails:
    """Looks at orders. New ones are paid at `payment_address`."""

    def __init__(self, database: Database, payment_address: Address) -> None:
        self._database = database
        self.payment_address = payment_address

    async def look(self, user_id: int, order: UUID | int) -> OrderDetail | None:
        """The customer's order, by its id or number; None if it is unknown or another person's."""
        async with self._database.statements() as tx:
            row = await (
                tx.orders.numbered(order) if isinstance(order, int) else tx.orders.get(order)
            )
            if row is None or row.user_id != user_id:
                return None
            [view] = await order_views(tx, [row])
            monitor = await tx.payment_monitors.of_order(row.id)
            delegations = await tx.delegations.of_order(row.id)
        return OrderDetail(
            view=view,
            monitor=_monitor(monitor, view),
            delegations=tuple(map(_delegation, delegations)),
            changed_at=monitor.updated_at,
        )

    async def arrived(self, user_id: int, address: Address, *, limit: int) -> tuple[Arrival, ...]:
        """What the customer sent to an address where people are asked to pay, newest first.

        That is: for orders of theirs, or from an address that they have proved to be theirs.

        Raises:
            NotAPaymentAddress: it is none.
        """
        async with self._database.transaction() as tx:
            # Open orders may still ask for money where it was configured before.
            if address != self.payment_address and (
                address not in await tx.orders.payment_addresses()
            ):
                raise NotAPaymentAddress(address)
            rows = await tx.payment_monitors.arrived(address, user_id, limit)
        return tuple(
            Arrival(
                row.txid, Address(row.sender), row.amount_sun, row.block_time, row.confirmations
            )
            for row in rows
        )


def _monitor(row: MonitorRow, order: OrderView) -> Monitor:
    return Monitor(
        id=row.id,
        state=MonitorState(row.status),
        payment_address=Address(row.payment_address),
        expected_sun=row.expected_amount,
        actual_sun=row.actual_amount,
        txid=row.txid,
        confirmations=row.confirmations,
        expires_at=order.pay_until,
        confirmed_at=row.confirmed_at,
    )


def _delegation(row: DelegationRow) -> Delegation:
    return Delegation(
        id=row.id,
        state=DelegationState(row.status),
        pool=Address(row.pool_address),
        recipient=Address(row.recipient_address),
        energy=row.energy_amount,
        duration=rental_time(row.duration_hours),
        txid=row.tx_id,
        reclaim_txid=row.reclaim_tx_id,
        expires_at=row.expires_at,
    )
