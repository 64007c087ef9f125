"""An operator's turn at held payments and refunds. Whoever calls this has seen that it is one.

Nothing is done at the first tap: it says what the second one does, in numbers.
"""

from __future__ import annotations

import logging

from bot import operator_cards
from bot.office.taps import Approve, Decide
from bot.screen import Card
from bot.turn import Turn
from services.held import ChoiceFault, ChoiceRefused, HeldPayments
from services.outbox import Outbox
from services.refunds import Refunds, RefundWait

_LARGEST = 2**63 - 1

log = logging.getLogger(__name__)


class Deciding:
    """What an operator can do with money that waits."""

    def __init__(
        self, turn: Turn, *, held_payments: HeldPayments, refunds: Refunds, outbox: Outbox
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._held_payments = held_payments
        self._refunds = refunds
        self._outbox = outbox

    async def overview(self) -> None:
        waiting, held = await self._outbox.waiting(), await self._held_payments.look()
        await self._turn.show(operator_cards.overview(self._texts, waiting, held))

    # Held payments

    async def look(self, payment_id: int) -> None:
        payment = await self._held_payments.view(payment_id)
        if payment is None:
            await self._turn.toast(self._texts.choice_refused(ChoiceFault.NOT_POSSIBLE), alert=True)
            return
        await self._turn.show(operator_cards.payment_held(self._texts, payment))

    async def decide(self, tapped: Decide) -> None:
        payment = await self._held_payments.view(tapped.payment)
        if payment is None or payment.status != "held" or tapped.choice not in payment.possible:
            await self._turn.toast(self._texts.choice_refused(ChoiceFault.DECIDED), alert=True)
            await self.look(tapped.payment)
            return
        if not tapped.sure:
            card = operator_cards.held_confirm(self._texts, payment, tapped.choice)
            await self._turn.show(card)
            return
        try:
            done = await self._held_payments.decide(tapped.payment, tapped.choice)
        except ChoiceRefused as refusal:
            await self._turn.toast(self._texts.choice_refused(refusal.fault), alert=True)
            await self.look(tapped.payment)
            return
        log.info("%s decided about payment %s: %s", self._turn.customer.id, done.id, tapped.choice)
        await self._turn.show(operator_cards.held_decided(self._texts, done))

    async def assign(self, words: str) -> None:
        """`words` name a payment's id and an order's number."""
        numbers = _numbers(words)
        if len(numbers) != 2:
            await self._turn.send(Card(self._texts.assign_usage()))
            return
        payment_id, order_number = numbers
        try:
            payment = await self._held_payments.assign(payment_id, order_number)
        except ChoiceRefused as refusal:
            await self._turn.toast(self._texts.choice_refused(refusal.fault))
            return
        log.info(
            "%s assigned payment %s to order %s", self._turn.customer.id, payment_id, order_number
        )
        await self._turn.send(Card(self._texts.assigned(payment, order_number)))

    async def keep(self, words: str) -> None:
        """`words` name the payment that is the operator's own money."""
        numbers = _numbers(words)
        if len(numbers) != 1:
            await self._turn.send(Card(self._texts.keep_usage()))
            return
        [payment_id] = numbers
        try:
            payment = await self._held_payments.keep(payment_id)
        except ChoiceRefused as refusal:
            await self._turn.toast(self._texts.choice_refused(refusal.fault))
            return
        log.info("%s kept payment %s as the shop's own", self._turn.customer.id, payment_id)
        await self._turn.send(Card(self._texts.kept(payment)))

    # Refunds

    async def list_refunds(self) -> None:
        listed = await self._refunds.open_all()
        await self._turn.show(operator_cards.refunds(self._texts, listed))

    async def approve(self, tapped: Approve) -> None:
        refund = await self._refunds.view(tapped.refund)
        if refund is None or refund.waits_for is not RefundWait.OVER_CAP:
            await self._turn.toast(self._texts.refund_not_waiting, alert=True)
        elif not tapped.sure:
            await self._turn.show(operator_cards.refund_confirm(self._texts, refund))
        elif await self._refunds.approve(refund.id):
            log.info("%s approved refund %s", self._turn.customer.id, refund.id)
            await self._turn.show(operator_cards.refund_approved(self._texts, refund))
        else:
            await self._turn.toast(self._texts.refund_not_waiting, alert=True)


def _numbers(words: str) -> list[int]:
    """The numbers in what was typed; none if one of them is no id."""
    numbers = [int(word) for word in words.replace("#", " ").split() if word.isdecimal()]
    return numbers if all(0 < number <= _LARGEST for number in numbers) else []
