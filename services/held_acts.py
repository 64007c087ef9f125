"""What the shop decides about held payments and refunds: once, and written down."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from db.database import Database, Transaction, again_after_conflict
from services.acts import Act, Acts, Proposal
from services.held import Choice, ChoiceFault, ChoiceRefused, HeldPayment, HeldPayments
from services.log_context import learned
from services.matching import HeldReason
from services.notices import REFUND_TOPIC
from services.order_search import fitting_orders
from services.order_views import OrderView
from services.people import find_user
from services.refunds import Refund, RefundWait, refund_of
from services.staff import Actor
from services.trail import note

_CHOICES: Mapping[Act, Choice] = {
    Act.CREDIT_PAYMENT: Choice.CREDIT,
    Act.REFUND_PAYMENT: Choice.REFUND,
    Act.DELIVER_PAYMENT: Choice.DELIVER,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeldDesk:
    """A held payment as the shop sees it: `fitting` are orders that it could be meant for."""

    payment: HeldPayment
    username: str | None
    fitting: tuple[OrderView, ...]

    @property
    def possible(self) -> frozenset[Act]:
        return possible(self.payment)


def possible(payment: HeldPayment) -> frozenset[Act]:
    """What can be decided about a payment now."""
    if payment.status != "held" or payment.adrift:
        return frozenset()
    acts = {
        Act.ASSIGN_PAYMENT,
        Act.CREDIT_PAYMENT,
        Act.CREDIT_PAYMENT_TO,
        Act.KEEP_PAYMENT,
        *(act for act, choice in _CHOICES.items() if choice in payment.possible),
    }
    if payment.from_wallet and payment.reason != HeldReason.UNDERPAID:
        acts.add(Act.FLASH_PAYMENT)
    return frozenset(acts)


class HeldActs:
    """Decides, in the transaction that uses the decision up."""

    def __init__(
        self,
        database: Database,
        *,
        acts: Acts,
        held_payments: HeldPayments,
    ) -> None:
        self._database = database
        self._acts = acts
        self._held_payments = held_payments

    async def look(self, payment_id: int) -> HeldDesk | None:
        """A payment, decided or not."""
        async with self._database.transaction() as tx:
            return await self._look(tx, payment_id)

    async def _look(self, tx: Transaction, payment_id: int) -> HeldDesk | None:
        rows = await tx.payments.by_ids([payment_id])
        row = rows.get(payment_id)
        if row is None:
            return None
        payment = (await self._held_payments.views(tx, [row]))[payment_id]
        fitting: tuple[OrderView, ...] = ()
        if Act.ASSIGN_PAYMENT in possible(payment):
            fitting = await fitting_orders(tx, row, row.undecided_sun)
        username = None if row.user_id is None else await tx.customers.username(row.user_id)
        return HeldDesk(payment, username, fitting)

    async def user(self, words: str) -> tuple[int, str | None] | None:
        """The customer whom an id or a @username names, and their name."""
        async with self._database.transaction() as tx:
            user_id = await find_user(tx, words)
            return None if user_id is None else (user_id, await tx.customers.username(user_id))

    @again_after_conflict
    async def carry_out(self, actor: Actor, proposal: Proposal) -> HeldDesk:
        """Decide about a payment as proposed.

        Raises:
            ActRefused: it was done already, or may not be.
            ChoiceRefused: it was decided already, or that is not possible.
        """
        async with self._acts.taking(actor, proposal.nonce) as (tx, taken):
            payment_id = int(taken.arguments["payment"])
            before = await self._look(tx, payment_id)
            if before is not None:
                learned(payment=before.payment.txid)
            if before is None or taken.act not in before.possible:
                waits = before is not None and before.possible
                raise ChoiceRefused(ChoiceFault.NOT_POSSIBLE if waits else ChoiceFault.DECIDED)
            await self._do(tx, payment_id, taken)
            after = await self._look(tx, payment_id)
            assert after is not None, "it was there before"
            await note(
                tx,
                actor,
                taken.act,
                subject=taken.subject,
                reason=taken.reason,
                before=_state(before.payment),
                after=_state(after.payment),
            )
        log.info("payment %s: %s by %s", after.payment.txid, taken.act, actor.id)
        return after

    async def _do(self, tx: Transaction, payment_id: int, taken: Proposal) -> None:
        held = self._held_payments
        match taken.act:
            case Act.ASSIGN_PAYMENT:
                await held.assign(tx, payment_id, int(taken.arguments["order"]))
            case Act.FLASH_PAYMENT:
                await held.flash(tx, payment_id)
            case Act.CREDIT_PAYMENT_TO:
                user = taken.arguments["user"]
                await held.credit_to(tx, payment_id, None if user is None else int(user))
            case Act.KEEP_PAYMENT:
                await held.keep(tx, payment_id)
            case act:
                await held.decide(tx, payment_id, _CHOICES[act])

    @again_after_conflict
    async def approve(self, actor: Actor, proposal: Proposal) -> Refund | None:
        """Allow a refund above the cap; None if it does not wait for that any more.

        Raises:
            ActRefused: it was done already, or may not be.
        """
        async with self._acts.taking(actor, proposal.nonce) as (tx, taken):
            row = await tx.refunds.lock(int(taken.arguments["refund"]))
            waits = row is not None and row.wait_reason == RefundWait.OVER_CAP
            if row is None or not waits or not await tx.refunds.approve(row.id):
                return None
            await tx.wake(REFUND_TOPIC)
            await note(
                tx,
                actor,
                taken.act,
                subject=taken.subject,
                reason=taken.reason,
                before={"approved": False, "waits_for": row.wait_reason},
                after={"approved": True, "sent_sun": row.sent_sun, "to": row.to_address},
            )
        log.info("refund %s is approved by %s", row.id, actor.id)
        return refund_of(row)


def _state(payment: HeldPayment) -> dict[str, Any]:
    return {
        "status": payment.status,
        "sun": payment.amount_sun,
        "user": payment.user_id,
        "order": payment.order_number,
    }
