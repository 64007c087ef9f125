"""How a paid order ends: completed or failed, with its books and its news in one go."""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chain.addresses import Address
from db.database import Transaction
from db.orders import OrderRow
from db.payments import PaymentRow
from services import ledger
from services.alerts import AlertKind, raise_alert
from services.crediting import hold_payment
from services.fail_points import reach
from services.log_context import about
from services.matching import HeldReason
from services.notices import RECLAIM_TOPIC, NoticeKind, tell_customer, tell_group
from services.refunds import RefundRefused, Refunds

log = logging.getLogger(__name__)


class Compensation(StrEnum):
    """What becomes of the money of an order that could not be delivered."""

    REFUND = "refund"
    CREDIT = "credit"
    HOLD = "hold"


class OrderEnds:
    """Completes and fails orders. `compensation` is the operator's wish for those that fail.

    `orders_chat` is a group or channel that hears of each delivery.
    """

    def __init__(
        self, refunds: Refunds, *, compensation: Compensation, orders_chat: int | None = None
    ) -> None:
        self._refunds = refunds
        self._compensation = compensation
        self._orders_chat = orders_chat

    async def fail(
        self, tx: Transaction, order_id: UUID, failure: str, *, wish: Compensation | None = None
    ) -> bool:
        """paid or processing → failed; its money goes back, is credited or held, never kept.

        What was delivered of it is taken back at once, and what prolonged it fails with it. A
        payment that has left the chain is left alone: it goes back to nobody before it is in the
        chain again. `wish` stands in the place of what is configured.
        """
        order = await tx.orders.get(order_id)
        if order is None or not await tx.orders.fail(order_id, failure):
            return False
        if await tx.delegations.cut_short(order_id):
            await tx.reclaims.look_again(order.recipient_address)
            await tx.wake(RECLAIM_TOPIC)
        source = ledger.ORDERS if order.completed_at is None else ledger.REVENUE
        done = {
            await self.compensate(tx, payment, source=source, wish=wish)
            for payment in await tx.payments.of_order(order_id)
            if not payment.adrift
        }
        if order.balance_sun and await self._return_balance(tx, order, source):
            done.add(Compensation.CREDIT)
        # The least that was done is what the customer may count on.
        least = next((kind for kind in reversed(Compensation) if kind in done), None)
        await tx.orders.compensate(order_id, least)
        await tell_customer(tx, NoticeKind.ORDER_FAILED, user_id=order.user_id, order_id=order_id)
        await raise_alert(
            tx,
            AlertKind.ORDER_FAILED,
            subject=f"order {order.number}",
            details={"order_id": str(order_id)},
        )
        with about(order=order.number, order_id=order_id):
            log.error("order %s failed: %s; its money: %s", order.number, failure, least)
        for extension in await tx.orders.extensions_of(order_id):
            if await tx.orders.reopen(extension.id):
                await self.fail(tx, extension.id, failure, wish=wish)
        return True

    async def complete(
        self, tx: Transaction, order_id: UUID, *, completed_at: datetime, expires_at: datetime
    ) -> bool:
        """processing → completed: the energy is there, its money is earned.

        It was earned before if the first delivery left the chain after it was read back.
        """
        order = await tx.orders.get(order_id)
        if order is None or not await tx.orders.complete(
            order_id, completed_at=completed_at, expires_at=expires_at
        ):
            return False
        again = order.completed_at is not None
        if not again:
            await self._earn(tx, order)
        await tell_customer(
            tx,
            NoticeKind.ORDER_DELIVERED,
            user_id=order.user_id,
            order_id=order_id,
            occasion=completed_at.isoformat() if again else "",
        )
        await tell_group(tx, NoticeKind.GROUP_DELIVERED, chat=self._orders_chat, order_id=order_id)
        with about(order=order.number, order_id=order_id):
            log.info("order %s: delivered", order.number)
        reach("order completed, not committed")
        return True

    async def _earn(self, tx: Transaction, order: OrderRow) -> None:
        for payment in await tx.payments.of_order(order.id):
            await tx.payments.settle(payment.id, old="matched", new="delivered")
            await tx.ledger.book(
                ledger.delivered(payment.order_sun),
                event="delivered",
                payment_id=payment.id,
                order_id=order.id,
            )
        await tx.ledger.book(
            ledger.delivered(order.balance_sun), event="delivered", order_id=order.id
        )

    async def compensate(
        self,
        tx: Transaction,
        payment: PaymentRow,
        *,
        source: str,
        wish: Compensation | None = None,
    ) -> Compensation:
        """What the account `source` has of a payment goes where the operator wants it to.

        What cannot be sent back is credited.
        """
        wish = wish or self._compensation
        if wish is Compensation.REFUND:
            try:
                await self._refunds.of_payment(tx, payment, source=source, asked=False)
            except RefundRefused:
                pass
            else:
                return Compensation.REFUND
        if wish is Compensation.HOLD:
            await self._give_up(tx, payment, source, ledger.HELD)
            await hold_payment(tx, payment, HeldReason.UNDELIVERABLE, choice=None)
            return Compensation.HOLD
        account = ledger.balance_account(payment.user_id, Address(payment.sender))
        await self._give_up(tx, payment, source, account)
        await tx.payments.credit(payment.id, old=payment.status)
        return Compensation.CREDIT

    async def _give_up(
        self, tx: Transaction, payment: PaymentRow, source: str, target: str
    ) -> None:
        if source == target:
            return
        await tx.ledger.book(
            ledger.moved(source, target, payment.amount_sun - payment.credited_sun),
            event="undeliverable",
            payment_id=payment.id,
            order_id=payment.order_id,
        )

    async def _return_balance(self, tx: Transaction, order: OrderRow, source: str) -> bool:
        """What was paid from the balance is there again."""
        if order.user_id is None:
            return False
        await tx.ledger.book(
            ledger.moved(source, ledger.user_account(order.user_id), order.balance_sun),
            event="undeliverable",
            order_id=order.id,
        )
        return True
