"""Confirmed payments whose block left the chain: a fork deeper than their confirmations.

While such a payment can still come back, what has not been delivered for it stops. When its
transaction's time is over, and the solid chain does not have it, it never was: what is not
delivered is undone, what is delivered is booked as a loss, and the operator is told.
"""

from __future__ import annotations

import logging

from chain.addresses import Address
from chain.node import NodeClient
from db.database import Database, Transaction
from db.payments import PaymentRow
from services import ledger
from services.alerts import AlertKind, close_alert, raise_alert
from services.extensions import undo_unbegun
from services.fail_points import reach
from services.ledger import Entry
from services.log_context import about
from services.order_ends import OrderEnds
from services.payments import ask_for_the_rest
from services.solid import SolidChain

PAYMENT_LOST = "payment_lost"

log = logging.getLogger(__name__)


class Adrift:
    """Decides what became of payments that left the chain after they had counted."""

    def __init__(
        self,
        node: NodeClient,
        database: Database,
        solid: SolidChain,
        ends: OrderEnds,
    ) -> None:
        self._node = node
        self._database = database
        self._solid = solid
        self._ends = ends

    async def decide_due(self) -> int:
        """Unmake payments that can never be in the chain again; returns how many.

        Not before it is clear what of their orders is in the chain.

        Raises:
            ChainError: no node could answer; nothing was decided.
        """
        async with self._database.transaction() as tx:
            if not await tx.payments.any_adrift():
                return 0
        solid = await self._solid.read()
        if solid is None:
            return 0
        async with self._database.transaction() as tx:
            gone = await tx.payments.adrift(solid.time)
        decided = 0
        for payment in gone:
            if await self._node.transaction_info(payment.txid, solid=True) is not None:
                continue  # it is in a block that the scanner will handle, or handle again
            async with self._database.transaction() as tx:
                if payment.order_id is not None:
                    await tx.orders.lock(payment.order_id)  # before its payments, as everywhere
                current = await tx.payments.lock(payment.id)
                if current is None or not current.adrift:
                    continue
                order_id = current.order_id
                if order_id is not None and await tx.delegations.undecided(order_id):
                    continue
                with about(payment=payment.txid):
                    await self._unmake(tx, current)
                decided += 1
                reach("adrift decided, not committed")
            reach("adrift decided")
        return decided

    async def _unmake(self, tx: Transaction, payment: PaymentRow) -> None:
        taken, lost_sun = await self._take_back(tx, payment)
        await tx.ledger.book(
            ledger.left_chain(Address(payment.receiver), taken),
            event="left the chain",
            payment_id=payment.id,
            order_id=payment.order_id,
            block_number=payment.block_number,
        )
        await tx.payments.leave_chain(
            payment.id, old=payment.status, new="lost" if lost_sun else "orphaned"
        )
        if payment.order_id is not None:
            order = await tx.orders.lock(payment.order_id)
            if order is not None and order.status == "pending":
                # It was a part of the price, which is asked for again.
                await ask_for_the_rest(tx, order)
        log.error(
            "payment %s of %s sun is gone for good; %s sun of it are a loss",
            payment.txid,
            payment.amount_sun,
            lost_sun,
        )
        subject = f"payment {payment.id}"
        await raise_alert(
            tx,
            AlertKind.PAYMENT_LOST,
            subject=subject,
            details={"payment_id": payment.id, "lost_sun": lost_sun},
        )
        if not lost_sun:
            # All of it is undone: that is told once, and asks nobody to do anything.
            await close_alert(tx, AlertKind.PAYMENT_LOST, subject)

    async def _take_back(
        self, tx: Transaction, payment: PaymentRow
    ) -> tuple[tuple[Entry, ...], int]:
        """From which accounts its money is taken back, and how much of it is lost."""
        taken: list[Entry] = []
        lost_sun = 0
        if payment.status == "matched":
            await self._fail_order(tx, payment)
            taken.append((ledger.ORDERS, payment.order_sun))
        elif payment.status == "delivered" and await self._fail_order(tx, payment):
            # Its energy has left the chain with it.
            taken.append((ledger.REVENUE, payment.order_sun))
        elif payment.status == "delivered":
            lost_sun = payment.order_sun
        if payment.credited_sun:
            account = ledger.balance_account(payment.user_id, Address(payment.sender))
            left_sun = min(await tx.ledger.lock_balance(account), payment.credited_sun)
            taken.append((account, left_sun))
            lost_sun += payment.credited_sun - left_sun
        match payment.status:
            case "held" | "flash":
                taken.append((ledger.HELD, payment.undecided_sun))
            case "dust":
                taken.append((ledger.DUST, payment.amount_sun))
            case "own":
                taken.append((ledger.OWNER, payment.amount_sun))
            case "refunding":
                withdrawn_sun = await self._withdraw_refund(tx, payment)
                taken.append((ledger.REFUNDS, withdrawn_sun))
                lost_sun += payment.undecided_sun - withdrawn_sun
            case "refunded":
                lost_sun += payment.undecided_sun
        taken.append((ledger.LOSSES, lost_sun))
        return tuple(entry for entry in taken if entry[1]), lost_sun

    async def _withdraw_refund(self, tx: Transaction, payment: PaymentRow) -> int:
        """What of its refund has not been sent, in sun."""
        refund = await tx.refunds.of_payment(payment.id)
        if refund is not None and await tx.refunds.withdraw(refund.id):
            return refund.amount_sun
        return 0

    async def _fail_order(self, tx: Transaction, payment: PaymentRow) -> bool:
        """Its order is not delivered, and is not going to be; what is out of it comes back.

        False for an order that has its energy, or an extension whose time has begun.
        """
        assert payment.order_id is not None, "the schema keeps what an order has with the order"
        await undo_unbegun(tx, payment.order_id)
        return await self._ends.fail(tx, payment.order_id, PAYMENT_LOST)
