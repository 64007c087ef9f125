"""Incoming transfers: recorded once, matched, credited when confirmed.

The specification's PaymentMonitorService. There is no task per order: every transfer of
every block the scanner handles is looked at here, in the same database transaction that
moves the scanner's cursor, so none can be skipped or counted twice.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass

from chain.addresses import Address
from chain.blocks import Block, TrxTransfer, trx_transfers
from db.database import Transaction
from db.payments import PaymentRow
from services import ledger
from services.matching import Candidate, Dust, Held, HeldReason, Pays, Verdict, judge
from services.notices import DELIVERY_TOPIC, NoticeKind, tell_admins, tell_customer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """The operator's rules for incoming payments."""

    addresses: frozenset[Address]
    confirmations: int
    dust_sun: int


class Payments:
    """Records transfers to our addresses and credits them."""

    def __init__(
        self, terms: PaymentTerms, *, own_addresses: Container[Address], admins: Sequence[int]
    ) -> None:
        self._terms = terms
        self._own = own_addresses
        self._admins = admins

    async def handle_block(self, tx: Transaction, block: Block) -> None:
        """Record the transfers to our addresses in `block`, then credit what it confirms."""
        # An address that open orders ask to pay to is ours, whatever is configured meanwhile.
        asked_for = map(Address, await tx.orders.payment_addresses())
        addresses = self._terms.addresses.union(asked_for)
        for transfer in trx_transfers(block, addresses):
            await self._record(tx, transfer)
        await self._credit_confirmed(tx, block.ref.number)

    async def forget_above(self, tx: Transaction, block_number: int) -> None:
        """Blocks above `block_number` left the chain: unconfirmed payments lose theirs."""
        for payment in await tx.payments.orphan_above(block_number):
            log.warning("payment %s left the chain with its block", payment.txid)
            if payment.order_id is not None and payment.reason is None:
                await tx.orders.lost_payment(payment.order_id)

    async def _record(self, tx: Transaction, transfer: TrxTransfer) -> None:
        known = await tx.payments.find(transfer.txid, transfer.position)
        block = transfer.block
        if known is not None and known.status != "orphaned":
            # Its old block left the chain after it was credited; it stands in another now.
            await tx.payments.moved(
                known.id, block_number=block.number, block_id=block.id, block_time=block.time
            )
            return
        verdict = await self._judge(tx, transfer)
        order_id = verdict.order_id if isinstance(verdict, Pays | Held) else None
        reason = _reason(verdict)
        if known is None:
            await tx.payments.record(
                txid=transfer.txid,
                position=transfer.position,
                sender=transfer.sender,
                receiver=transfer.receiver,
                amount_sun=transfer.amount_sun,
                block_number=block.number,
                block_id=block.id,
                block_time=block.time,
                status="dust" if isinstance(verdict, Dust) else "seen",
                order_id=order_id,
                reason=reason,
            )
        else:
            await tx.payments.seen_again(
                known.id,
                block_number=block.number,
                block_id=block.id,
                block_time=block.time,
                order_id=order_id,
                reason=reason,
            )
        if isinstance(verdict, Pays):
            await self._announce_seen(tx, verdict, transfer)

    async def _announce_seen(self, tx: Transaction, verdict: Pays, transfer: TrxTransfer) -> None:
        order = await tx.orders.get(verdict.order_id)
        if order is None:
            return
        await tx.orders.saw_payment(order.id, txid=transfer.txid, amount_sun=transfer.amount_sun)
        await tell_customer(
            tx,
            NoticeKind.ORDER_SEEN,
            user_id=order.user_id,
            order_id=order.id,
            occasion=transfer.block.id[:24],
        )
        log.info("order %s: payment seen in block %s", order.number, transfer.block.number)

    async def _judge(self, tx: Transaction, transfer: TrxTransfer) -> Verdict:
        order = await tx.orders.reserving(transfer.receiver, transfer.amount_sun)
        candidate = None
        if order is not None:
            story = (await tx.orders.stories([order.id]))[order.id]
            candidate = Candidate(
                order_id=order.id,
                status=order.status,
                pay_until=order.pay_until,
                has_payment=story.seen_txid is not None,
            )
        return judge(
            amount_sun=transfer.amount_sun,
            time=transfer.block.time,
            from_ourselves=transfer.sender in self._own,
            candidate=candidate,
            dust_sun=self._terms.dust_sun,
        )

    async def _credit_confirmed(self, tx: Transaction, head: int) -> None:
        """Credit payments with enough blocks on top of theirs."""
        for payment in await tx.payments.unconfirmed(head - self._terms.confirmations):
            if payment.reason is None:
                await self._credit(tx, payment, confirmations=head - payment.block_number)
            else:
                await self._hold(tx, payment, payment.reason)

    async def _credit(self, tx: Transaction, payment: PaymentRow, *, confirmations: int) -> None:
        assert payment.order_id is not None, "the schema keeps a payment without reason matched"
        if not await tx.orders.pay(
            payment.order_id,
            txid=payment.txid,
            paid_at=payment.block_time,
            confirmations=confirmations,
        ):
            await self._hold(tx, payment, HeldReason.ORDER_CLOSED)
            return
        await tx.payments.settle(payment.id, old="seen", new="matched", reason=None)
        await tx.ledger.book(
            ledger.paid(Address(payment.receiver), payment.amount_sun),
            event="paid",
            payment_id=payment.id,
            order_id=payment.order_id,
        )
        order = await tx.orders.get(payment.order_id)
        assert order is not None, "a foreign key keeps the order of a payment"
        await tell_customer(tx, NoticeKind.ORDER_PAID, user_id=order.user_id, order_id=order.id)
        await tx.wake(DELIVERY_TOPIC)
        log.info("order %s: paid by %s", order.number, payment.txid)

    async def _hold(self, tx: Transaction, payment: PaymentRow, reason: str) -> None:
        await tx.payments.settle(payment.id, old="seen", new="held", reason=reason)
        await tx.ledger.book(
            ledger.held(Address(payment.receiver), payment.amount_sun),
            event="held",
            payment_id=payment.id,
            order_id=payment.order_id,
        )
        await tell_admins(
            tx, NoticeKind.ADMIN_PAYMENT_HELD, admins=self._admins, payment_id=payment.id
        )
        log.warning("payment %s of %s sun is held: %s", payment.txid, payment.amount_sun, reason)


def _reason(verdict: Verdict) -> str | None:
    match verdict:
        case Pays():
            return None
        case Held(reason=reason):
            return str(reason)
        case Dust():
            return "dust"
