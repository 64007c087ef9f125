"""One customer's turn at a payment that pays no order: what shall become of it?"""

from __future__ import annotations

from bot import money_cards
from bot.callbacks import Choose
from bot.turn import Turn
from services.held import ChoiceFault, ChoiceRefused, HeldPayment, HeldPayments


class Choosing:
    """What a customer can do with held payments of theirs."""

    def __init__(self, turn: Turn, *, held_payments: HeldPayments) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._held_payments = held_payments

    async def choose(self, tapped: Choose) -> None:
        """Do it, and let the tapped message say what was done; now, or before."""
        customer = self._turn.customer.id
        payment: HeldPayment | None
        try:
            payment = await self._held_payments.choose(customer, tapped.payment, tapped.choice)
        except ChoiceRefused as refusal:
            payment = await self._held_payments.view(tapped.payment)
            if payment is None or payment.user_id != customer:
                await self._turn.toast(self._texts.choice_unknown, alert=True)
                return
            await self._turn.toast(self._why_not(refusal.fault, payment), alert=True)
        await self._turn.show(money_cards.payment_choice(self._texts, payment))

    def _why_not(self, fault: ChoiceFault, payment: HeldPayment) -> str:
        if payment.status != "held":
            return self._texts.payment_decided(payment).render()[0].partition("\n")[0]
        if fault is ChoiceFault.NOT_POSSIBLE:
            return self._texts.choice_not_possible
        return self._texts.choice_not_now
