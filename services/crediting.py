"""What a payment becomes when it is confirmed: money of an order, of a balance, or held.

Small amounts count a few blocks after their own; from a configured amount on, only when the chain
can never take them back (the specification's section 8.1: at least one block).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chain.addresses import Address
from db.database import Conflict, Database, DatabaseUnavailable, Transaction
from db.orders import OrderRow
from db.payments import PaymentRow
from services import ledger
from services.alerts import AlertKind, raise_alert
from services.chain_time import chain_now
from services.fail_points import reach
from services.live import Live
from services.log_context import about, learned
from services.matching import HeldReason, covers
from services.notices import (
    DELIVERY_TOPIC,
    PAYMENT_TOPIC,
    NoticeKind,
    tell_customer,
)
from services.payments import ask_for_the_rest
from services.risk_check import RiskCheck
from services.solid import SolidChain

_ANY_AMOUNT = 2**63 - 1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CreditTerms:
    """The operator's rules for when and how payments count.

    `confirmations` are blocks on top of a payment's own; payments of `solid_from_sun` and more
    wait for a solid block. `choice` is how long a customer may say what becomes of money that
    pays no order; then it is credited.
    """

    confirmations: int
    solid_from_sun: int
    tolerance_percent: int
    choice: timedelta


class Crediting:
    """Turns confirmed payments into what they were taken for."""

    def __init__(
        self,
        database: Database,
        solid: SolidChain,
        terms: Live[CreditTerms],
        *,
        risk: RiskCheck,
    ) -> None:
        self._database = database
        self._solid = solid
        self._risk = risk
        self._live_terms = terms

    @property
    def _terms(self) -> CreditTerms:
        return self._live_terms.now

    async def credit_confirmed(self, tx: Transaction, head: int) -> None:
        """Small payments with enough blocks on top of theirs, the newest being `head`."""
        due = await tx.payments.confirmed(
            head - self._terms.confirmations, self._terms.solid_from_sun
        )
        await self._credit_all(tx, due, head)

    async def credit_solid(self) -> int:
        """Large payments whose block is solid; returns how many.

        Raises:
            ChainError: no node could answer; nothing was decided.
        """
        async with self._database.transaction() as tx:
            if not await tx.payments.any_unconfirmed(self._terms.solid_from_sun):
                return 0
        solid = await self._solid.read()
        if solid is None:
            return 0
        async with self._database.transaction() as tx:
            due = await tx.payments.confirmed(solid.number, _ANY_AMOUNT)
            await self._credit_all(tx, due, solid.number)
        if due:
            reach("large payments credited")
        return len(due)

    async def _credit_all(self, tx: Transaction, payments: Sequence[PaymentRow], head: int) -> None:
        """All of them at once; one by one only if that fails, to find the one that cannot be."""
        if len(payments) > 1:
            try:
                async with tx.savepoint():
                    for payment in payments:
                        with about(payment=payment.txid):
                            await self._credit(tx, payment, head - payment.block_number)
            except (Conflict, DatabaseUnavailable):
                raise  # these say nothing about the payments
            except Exception:
                log.exception("%d payments cannot all be booked at once", len(payments))
            else:
                return
        for payment in payments:
            with about(payment=payment.txid):
                await self._credit_or_hold(tx, payment, head - payment.block_number)

    async def _credit_or_hold(
        self, tx: Transaction, payment: PaymentRow, confirmations: int
    ) -> None:
        """One payment that cannot be booked as it should be must not stop all others.

        If it cannot be held either, nothing can be booked, and the reading of the chain waits.
        """
        try:
            async with tx.savepoint():
                await self._credit(tx, payment, confirmations)
        except (Conflict, DatabaseUnavailable):
            raise  # these say nothing about the payment
        except Exception:
            log.exception("payment %s cannot be booked; it is held", payment.txid)
            await self.hold(tx, payment, HeldReason.UNBOOKABLE, ask=False)

    async def _credit(self, tx: Transaction, payment: PaymentRow, confirmations: int) -> None:
        match payment.intent:
            case "pays" | "part":
                await self._fund(tx, payment, confirmations)
            case "choose":
                await self.hold(tx, payment, HeldReason(payment.reason or ""))
            case "hold":
                await self.hold(tx, payment, HeldReason(payment.reason or ""), ask=False)
            case "flash":
                await self._book(tx, payment, ledger.HELD, "held")
                await tx.payments.settle(payment.id, old="seen", new="flash")
                await tx.wake(PAYMENT_TOPIC)
            case "dust":
                await self._book(tx, payment, ledger.DUST, "dust")
                await tx.payments.settle(payment.id, old="seen", new="dust")
            case "own":
                await self._book(tx, payment, ledger.OWNER, "own")
                await tx.payments.settle(payment.id, old="seen", new="own")
        reach("payment credited")

    async def hold(
        self, tx: Transaction, payment: PaymentRow, reason: HeldReason, *, ask: bool = True
    ) -> None:
        """A confirmed payment waits for a decision: its customer's, if they are known."""
        await self._book(tx, payment, ledger.HELD, "held")
        await hold_payment(
            tx,
            payment,
            reason,
            choice=self._terms.choice if ask else None,
        )

    async def _fund(self, tx: Transaction, payment: PaymentRow, confirmations: int) -> None:
        assert payment.order_id is not None, "what pays an order names it"
        order = await tx.orders.lock(payment.order_id)
        if order is None or order.status not in ("pending", "expired"):
            await self.hold(tx, payment, HeldReason.ORDER_CLOSED)
            return
        learned(order=order.number, order_id=order.id)
        before = order.balance_sun + sum(
            part.order_sun for part in await tx.payments.of_order(order.id)
        )
        needed = order.trx_amount - before
        if needed <= 0:
            await self.hold(tx, payment, HeldReason.PAID_TWICE)
            return
        order_sun = min(payment.amount_sun, needed)
        excess_sun = payment.amount_sun - order_sun
        address, sender = Address(payment.receiver), Address(payment.sender)
        account = ledger.balance_account(order.user_id, sender)
        await tx.payments.assign(
            payment.id,
            old="seen",
            order_id=order.id,
            order_sun=order_sun,
            credited_sun=excess_sun,
        )
        await tx.ledger.book(
            ledger.paid(address, order_sun, excess_sun, account),
            event="paid",
            payment_id=payment.id,
            order_id=order.id,
            block_number=payment.block_number,
        )
        await self._risk.of_payer(tx, order, payment)
        received = before + order_sun
        if not covers(received, order.trx_amount, self._terms.tolerance_percent):
            await self._ask_for_the_rest(tx, payment, order)
            return
        await pay_order(
            tx,
            order,
            txid=payment.txid,
            paid_at=payment.block_time,
            received_sun=received,
            confirmations=confirmations,
        )

    async def _ask_for_the_rest(
        self, tx: Transaction, payment: PaymentRow, order: OrderRow
    ) -> None:
        """It is too little: the order stays open for the rest, until its time is over."""
        if order.status == "expired":
            # Its customer is asked what to do with what there is.
            await give_up_parts(tx, order, choice=self._terms.choice)
            return
        due_sun = await ask_for_the_rest(tx, order)
        await tell_customer(
            tx,
            NoticeKind.ORDER_UNDERPAID,
            user_id=order.user_id,
            order_id=order.id,
            occasion=str(payment.id),
        )
        log.info("order %s: %s sun are still missing", order.number, due_sun)

    async def _book(
        self, tx: Transaction, payment: PaymentRow, account: str, event: ledger.Event
    ) -> None:
        await tx.ledger.book(
            ledger.received(Address(payment.receiver), payment.amount_sun, account),
            event=event,
            payment_id=payment.id,
            order_id=payment.order_id,
            block_number=payment.block_number,
        )


async def pay_order(
    tx: Transaction,
    order: OrderRow,
    *,
    txid: str | None,
    paid_at: datetime,
    received_sun: int,
    confirmations: int = 0,
) -> bool:
    """pending or expired → paid: its money is there, delivery begins."""
    if not await tx.orders.pay(
        order.id,
        txid=txid,
        paid_at=paid_at,
        received_sun=received_sun,
        confirmations=confirmations,
    ):
        return False
    learned(order=order.number, order_id=order.id)
    await tell_customer(tx, NoticeKind.ORDER_PAID, user_id=order.user_id, order_id=order.id)
    await tx.wake(DELIVERY_TOPIC)
    log.info("order %s: paid by %s", order.number, txid or "its customer's balance")
    return True


async def hold_payment(
    tx: Transaction,
    payment: PaymentRow,
    reason: HeldReason,
    *,
    choice: timedelta | None,
    tell: bool = True,
) -> None:
    """The payment, whose money is booked as held, waits for a decision.

    For its customer's, if they are known and are given time for a `choice`; else for a person's.
    """
    asked = choice is not None and payment.user_id is not None
    await tx.payments.hold(
        payment.id,
        old=payment.status,
        reason=reason,
        user_id=payment.user_id,
        choose_until=await chain_now(tx) + choice if asked and choice is not None else None,
    )
    if not tell:
        return
    if asked:
        await tell_customer(
            tx, NoticeKind.PAYMENT_CHOICE, user_id=payment.user_id, payment_id=payment.id
        )
        log.info("payment %s (%s) waits for its customer's choice", payment.txid, reason)
    else:
        await raise_alert(
            tx,
            AlertKind.PAYMENT_HELD,
            subject=f"payment {payment.id}",
            details={"payment_id": payment.id},
        )
        log.warning("payment %s of %s sun is held: %s", payment.txid, payment.amount_sun, reason)


async def give_up_parts(tx: Transaction, order: OrderRow, *, choice: timedelta) -> int:
    """The order will not be paid in full: what came for it waits for its customer's choice.

    Then no payment settles it any more, or the rest would come to an order without its part.
    """
    parts = await tx.payments.of_order(order.id)
    if parts:
        await tx.orders.release_amount(order.id)
    for part in parts:
        await tx.ledger.book(
            ledger.moved(ledger.ORDERS, ledger.HELD, part.order_sun),
            event="held",
            payment_id=part.id,
            order_id=order.id,
        )
        await hold_payment(
            tx,
            part,
            HeldReason.UNDERPAID,
            choice=choice,
            tell=part is parts[-1],  # one question for all of them
        )
    return len(parts)


async def credit_held(tx: Transaction, payment: PaymentRow) -> None:
    """Money that is booked as held goes to the balance of whom it belongs to."""
    account = ledger.balance_account(payment.user_id, Address(payment.sender))
    await tx.ledger.book(
        ledger.moved(ledger.HELD, account, payment.undecided_sun),
        event="released",
        payment_id=payment.id,
    )
    await tx.payments.credit(payment.id, old=payment.status)
    await tell_customer(
        tx, NoticeKind.PAYMENT_CREDITED, user_id=payment.user_id, payment_id=payment.id
    )
