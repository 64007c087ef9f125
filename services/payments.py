"""Incoming transfers: recorded once, and taken for something, in the block that shows them.

The specification's PaymentMonitorService. There is no task per order: every transfer of
every block the scanner handles is looked at here, in the same database transaction that
moves the scanner's cursor, so none can be skipped or counted twice. What a transfer was taken
for it becomes when it is confirmed (`services.crediting`).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from chain.addresses import Address
from chain.blocks import Block, TrxTransfer, trx_transfers
from db.database import Conflict, DatabaseUnavailable, Transaction
from db.orders import AmountTaken, OrderRow
from db.payments import NewPayment
from services.alerts import AlertKind, raise_alert
from services.fail_points import reach
from services.live import Live
from services.log_context import about, learned
from services.matching import (
    Candidate,
    Choose,
    Dust,
    Flash,
    Held,
    HeldReason,
    Incoming,
    MatchTerms,
    Own,
    Part,
    Pays,
    Verdict,
    judge,
)
from services.notices import NoticeKind, tell_customer

# More open orders of one payer than this are ambiguous anyway.
_MOST_OF_PAYER = 20
_DUE_TRIES = 1_000

log = logging.getLogger(__name__)


class PoolAddresses(Protocol):
    """The pools, of which there may be more in a minute."""

    @property
    def addresses(self) -> frozenset[Address]: ...
    @property
    def permissions(self) -> Mapping[Address, int]: ...


@dataclass(frozen=True, slots=True)
class OurAddresses:
    """Which addresses are the shop's, and what for.

    `payment`: where customers are asked to pay. `refund_wallet` sends money back, by its permission
    `refund_permission`; `lenders` lend their stake. `treasury`: the operator's own, which top the
    others up.
    """

    payment: frozenset[Address]
    refund_wallet: Address | None
    lenders: PoolAddresses
    refund_permission: int = 0
    treasury: frozenset[Address] = frozenset()

    @property
    def pools(self) -> frozenset[Address]:
        return self.lenders.addresses

    @property
    def permissions(self) -> Mapping[Address, int]:
        """By which permission of an account only this program signs."""
        wallet = {self.refund_wallet: self.refund_permission} if self.refund_wallet else {}
        return {**self.lenders.permissions, **wallet}

    @property
    def watched(self) -> frozenset[Address]:
        """Whose coming and going is recorded."""
        return self.payment | self.pools | self.wallet

    @property
    def wallet(self) -> frozenset[Address]:
        """The refund wallet, if there is one."""
        return frozenset() if self.refund_wallet is None else frozenset({self.refund_wallet})

    def __contains__(self, address: object) -> bool:
        return address in self.watched or address in self.treasury


class Payments:
    """Records transfers to our addresses."""

    def __init__(self, terms: Live[MatchTerms], *, ours: OurAddresses) -> None:
        self._live_terms = terms
        self._ours = ours

    @property
    def _terms(self) -> MatchTerms:
        return self._live_terms.now

    async def handle_block(self, tx: Transaction, block: Block) -> None:
        """Record the transfers to our addresses in `block`."""
        # An address that open orders ask to pay to is ours, whatever is configured meanwhile.
        asked = self._ours.payment | {Address(a) for a in await tx.orders.payment_addresses()}
        for transfer in trx_transfers(block, asked | self._ours.watched):
            with about(payment=transfer.txid):
                await self.record(tx, transfer, to_payment_address=transfer.receiver in asked)

    async def record(
        self, tx: Transaction, transfer: TrxTransfer, *, to_payment_address: bool
    ) -> None:
        """Record one transfer, whether it was known before or not."""
        known = await tx.payments.find(transfer.txid, transfer.position)
        block = transfer.block
        if known is not None and known.status != "orphaned":
            # Its old block left the chain after it was confirmed; it stands in another now.
            await tx.payments.moved(
                known.id, block_number=block.number, block_id=block.id, block_time=block.time
            )
            if known.adrift:
                log.warning("payment %s is back in the chain", known.txid)
            return
        payment = await self._judged_or_held(tx, transfer, to_payment_address=to_payment_address)
        if known is None:
            await tx.payments.record(payment)
        else:
            await tx.payments.seen_again(known.id, payment)
        await self._announce(tx, payment)
        reach("payment recorded")

    async def forget_above(self, tx: Transaction, block_number: int) -> None:
        """Blocks above `block_number` left the chain.

        Payments that were not confirmed are unmade. Those that were stop where they are, until
        they are in the chain again or never can be (`services.adrift`).
        """
        for payment in await tx.payments.orphan_above(block_number):
            with about(payment=payment.txid):
                log.warning("payment %s left the chain with its block", payment.txid)
            if payment.order_id is not None and payment.intent in ("pays", "part"):
                await tx.orders.lost_payment(payment.order_id)
                order = await tx.orders.lock(payment.order_id)
                if order is not None:
                    await ask_for_the_rest(tx, order)
        for payment in await tx.payments.set_adrift(block_number):
            with about(payment=payment.txid):
                log.error("payment %s left the chain after it was confirmed", payment.txid)
            await raise_alert(
                tx,
                AlertKind.PAYMENT_ADRIFT,
                subject=f"payment {payment.id}",
                details={"payment_id": payment.id},
            )

    async def _judged_or_held(
        self, tx: Transaction, transfer: TrxTransfer, *, to_payment_address: bool
    ) -> NewPayment:
        """One transfer that nothing can be made of must not stop the reading of all others."""
        try:
            async with tx.savepoint():
                verdict, user_id = await self._judge(
                    tx, transfer, to_payment_address=to_payment_address
                )
                return await self._taken_for(tx, transfer, verdict, user_id)
        except (Conflict, DatabaseUnavailable):
            raise  # these say nothing about the transfer
        except Exception:
            log.exception("nothing can be made of payment %s; it is held", transfer.txid)
            return await self._taken_for(tx, transfer, Held(HeldReason.UNBOOKABLE), None)

    async def _judge(
        self, tx: Transaction, transfer: TrxTransfer, *, to_payment_address: bool
    ) -> tuple[Verdict, int | None]:
        """What the transfer is for, and who has proved to own its sender."""
        user_id = await tx.customers.owner_of(transfer.sender)
        verdict = judge(
            Incoming(
                amount_sun=transfer.amount_sun,
                time=transfer.block.time,
                to_payment_address=to_payment_address,
                from_ourselves=transfer.sender in self._ours,
                by_contract=transfer.position > 0,
                user_id=user_id,
            ),
            await self._candidates(tx, transfer, user_id),
            self._terms,
        )
        return verdict, user_id

    async def _taken_for(
        self, tx: Transaction, transfer: TrxTransfer, verdict: Verdict, user_id: int | None
    ) -> NewPayment:
        intent, order_id, reason = _stored(verdict)
        if isinstance(verdict, Choose):
            user_id = verdict.user_id
        elif order_id is not None and (order := await tx.orders.get(order_id)) is not None:
            user_id = order.user_id
        return NewPayment(
            txid=transfer.txid,
            position=transfer.position,
            sender=transfer.sender,
            receiver=transfer.receiver,
            amount_sun=transfer.amount_sun,
            block_number=transfer.block.number,
            block_id=transfer.block.id,
            block_time=transfer.block.time,
            expiration=transfer.expiration,
            intent=intent,
            order_id=order_id,
            user_id=user_id,
            reason=reason,
        )

    async def _candidates(
        self, tx: Transaction, transfer: TrxTransfer, user_id: int | None
    ) -> tuple[Candidate, ...]:
        orders: dict[UUID, OrderRow] = {}
        exact = await tx.orders.reserving(transfer.receiver, transfer.amount_sun)
        if exact is not None:
            orders[exact.id] = exact
        else:
            for order in await tx.orders.of_payer(
                transfer.receiver, transfer.sender, user_id, _MOST_OF_PAYER
            ):
                orders[order.id] = order
        if not orders:
            return ()
        stories = await tx.orders.stories([order.id for order in orders.values()])
        return tuple(
            Candidate(
                order_id=order.id,
                user_id=order.user_id,
                status=order.status,
                price_sun=order.trx_amount,
                due_sun=order.due_sun,
                received_sun=order.trx_amount
                if stories[order.id].paying
                else stories[order.id].received_sun,
                pay_until=order.pay_until,
                of_payer=order.recipient_address == transfer.sender
                or (user_id is not None and order.user_id == user_id),
            )
            for order in orders.values()
        )

    async def _announce(self, tx: Transaction, payment: NewPayment) -> None:
        """Tell the customer of an order at once that money for it is in sight."""
        if payment.intent not in ("pays", "part") or payment.order_id is None:
            return
        order = await tx.orders.lock(payment.order_id)
        if order is None:
            return
        learned(order=order.number, order_id=order.id)
        await tx.orders.saw_payment(order.id, txid=payment.txid, amount_sun=payment.amount_sun)
        if payment.intent == "part":
            await ask_for_the_rest(tx, order)
            return
        await tell_customer(
            tx,
            NoticeKind.ORDER_SEEN,
            user_id=order.user_id,
            order_id=order.id,
            occasion=payment.block_id[:24],
        )
        log.info("order %s: payment seen in block %s", order.number, payment.block_number)


async def ask_for_the_rest(tx: Transaction, order: OrderRow) -> int:
    """Let the order ask for what it still needs; returns that, in sun.

    A few sun more where another order asks for the same: what is too much is credited.
    """
    if not order.amount_reserved:
        return order.due_sun
    parts = sum(
        payment.order_sun if payment.status != "seen" else payment.amount_sun
        for payment in await tx.payments.in_sight_of(order.id)
        if payment.intent != "pays" or payment.status != "seen"
    )
    rest = order.trx_amount - order.balance_sun - parts
    if rest <= 0 or rest == order.due_sun:
        return order.due_sun
    for due_sun in range(rest, rest + _DUE_TRIES):
        try:
            await tx.orders.ask_for(order.id, due_sun)
        except AmountTaken:
            continue
        return due_sun
    # Then only the payer's own wallet tells whose the rest is.
    log.warning("order %s: no amount near %s sun is free for the rest of it", order.number, rest)
    return order.due_sun


def _stored(verdict: Verdict) -> tuple[str, UUID | None, str | None]:
    """The intent, the order and the reason that stand for a verdict."""
    match verdict:
        case Pays(order_id):
            return "pays", order_id, None
        case Part(order_id):
            return "part", order_id, None
        case Flash():
            return "flash", None, None
        case Choose(reason, _, order_id):
            return "choose", order_id, reason
        case Held(reason, order_id):
            return "hold", order_id, reason
        case Dust():
            return "dust", None, None
        case Own():
            return "own", None, None
