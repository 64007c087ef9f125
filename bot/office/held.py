"""Held payments and refunds: what becomes of money that waits, decided once and written down."""

from __future__ import annotations

from typing import Any

from aiogram.utils.formatting import Text

from bot import operator_cards
from bot.office import cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import HeldDoing
from bot.screen import Card
from bot.turn import Turn
from services.acts import WITHOUT_REASON, Act, Proposal
from services.held import Choice, ChoiceFault, ChoiceRefused, HeldPayment, HeldPayments
from services.held_acts import HeldActs
from services.outbox import Outbox
from services.refunds import Refunds, RefundWait
from services.staff import Actor

_LARGEST = 2**63 - 1
_CHOICES = {
    Act.CREDIT_PAYMENT: Choice.CREDIT,
    Act.REFUND_PAYMENT: Choice.REFUND,
    Act.DELIVER_PAYMENT: Choice.DELIVER,
}


class HeldArea(Area):
    """Money that waits for a word."""

    name = "held"
    acts = frozenset(
        {
            *(doing.act for doing in HeldDoing),
            Act.APPROVE_REFUND,
        }
    )

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        confirming: Confirming,
        acts: HeldActs,
        held_payments: HeldPayments,
        refunds: Refunds,
        outbox: Outbox,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._words = turn.texts.office.held
        self._actor = actor
        self._asking = asking
        self._confirming = confirming
        self._acts = acts
        self._held_payments = held_payments
        self._refunds = refunds
        self._outbox = outbox

    # Looking

    async def overview(self, page: int) -> None:
        waiting, held = await self._outbox.waiting(), await self._held_payments.look(page)
        await self._turn.show(operator_cards.overview(self._texts, waiting, held))

    async def look(self, payment_id: int) -> None:
        desk = await self._acts.look(payment_id)
        if desk is None:
            await self._refuse(ChoiceFault.NOT_POSSIBLE)
            return
        await self._turn.show(operator_cards.held_desk(self._texts, desk, self._actor))

    async def list_refunds(self) -> None:
        listed = await self._refunds.open_all()
        await self._turn.show(operator_cards.refunds(self._texts, listed, self._actor))

    # Deciding

    async def begin(self, payment_id: int, doing: HeldDoing) -> None:
        desk = await self._acts.look(payment_id)
        if desk is None or doing.act not in desk.possible:
            await self._refuse(ChoiceFault.DECIDED)
            if desk is not None:
                await self.look(payment_id)
            return
        match doing:
            case HeldDoing.ASSIGN:
                await self._ask("held.assign", self._words.which_order(), payment_id)
            case HeldDoing.CREDIT_OTHER:
                await self._ask("held.credit", self._words.which_user(), payment_id)
            case HeldDoing.CREDIT_SENDER:
                await self._propose(doing.act, payment_id, user=None)
            case _:
                await self._propose(doing.act, payment_id)

    async def _ask(self, name: str, question: Text, payment_id: int) -> None:
        card = cards.asked(self._texts.office.common, question)
        await self._asking.ask(name, card, payment=payment_id)

    async def assign(self, payment_id: int, order_number: int) -> None:
        await self._propose(Act.ASSIGN_PAYMENT, payment_id, order=order_number)

    async def answered(self, question: Question, words: str) -> None:
        payment_id = int(question.about["payment"])
        if question.name == "held.assign":
            numbers = _numbers(words)
            if len(numbers) == 1:
                await self.assign(payment_id, numbers[0])
            else:
                await self._turn.send(
                    cards.asked(self._texts.office.common, self._words.which_order())
                )
            return
        found = await self._acts.user(words)
        if found is None:
            await self._turn.send(
                cards.asked(self._texts.office.common, self._words.no_such_user())
            )
            return
        await self._propose(Act.CREDIT_PAYMENT_TO, payment_id, user=found[0])

    async def assign_words(self, words: str) -> None:
        """`words` name a payment's id and an order's number."""
        numbers = _numbers(words)
        if len(numbers) != 2:
            await self._turn.send(Card(self._texts.assign_usage()))
            return
        await self._of_command(Act.ASSIGN_PAYMENT, numbers[0], order=numbers[1])

    async def keep_words(self, words: str) -> None:
        """`words` name the payment that is the operator's own money."""
        numbers = _numbers(words)
        if len(numbers) != 1:
            await self._turn.send(Card(self._texts.keep_usage()))
            return
        await self._of_command(Act.KEEP_PAYMENT, numbers[0])

    async def _of_command(self, act: Act, payment_id: int, **arguments: Any) -> None:
        desk = await self._acts.look(payment_id)
        if desk is None or act not in desk.possible:
            await self._refuse(ChoiceFault.DECIDED)
            return
        await self._propose(act, payment_id, **arguments)

    async def approve(self, refund_id: int) -> None:
        refund = await self._refunds.view(refund_id)
        if refund is None or refund.waits_for is not RefundWait.OVER_CAP:
            await self._turn.toast(self._texts.refund_not_waiting, alert=True)
            return
        await self._confirming.begin(
            Act.APPROVE_REFUND,
            subject=f"refund {refund_id}",
            about=self._texts.refund_confirm(refund),
            refund=refund_id,
        )

    async def _propose(self, act: Act, payment_id: int, **arguments: Any) -> None:
        subject, about = f"payment {payment_id}", {"payment": payment_id, **arguments}
        if act is Act.ASSIGN_PAYMENT:
            fault = await self._held_payments.fault_of_assigning(payment_id, arguments["order"])
            if fault is not None:
                await self._refuse(fault)
                return
        if act in WITHOUT_REASON:
            await self._confirming.propose(act, subject=subject, **about)
            return
        meaning = await self._meaning(act, about)
        await self._confirming.begin(act, subject=subject, about=meaning, **about)

    async def _refuse(self, fault: ChoiceFault) -> None:
        await self._turn.toast(self._texts.choice_refused(fault), alert=True)

    # Doing

    async def meaning(self, proposal: Proposal) -> Text | None:
        return await self._meaning(proposal.act, proposal.arguments)

    async def _meaning(self, act: Act, arguments: Any) -> Text | None:
        if act is Act.APPROVE_REFUND:
            return await self._meaning_of_approval(int(arguments["refund"]))
        desk = await self._acts.look(int(arguments["payment"]))
        if desk is None or act not in desk.possible:
            return None
        if act is Act.CREDIT_PAYMENT_TO and arguments["user"] is not None:
            found = await self._acts.user(str(arguments["user"]))
            return None if found is None else self._words.credit_other(desk.payment, *found)
        return self._consequence(desk.payment, act, arguments)

    async def _meaning_of_approval(self, refund_id: int) -> Text | None:
        refund = await self._refunds.view(refund_id)
        if refund is None or refund.waits_for is not RefundWait.OVER_CAP:
            return None
        return self._texts.refund_confirm(refund)

    def _consequence(self, payment: HeldPayment, act: Act, arguments: Any) -> Text:
        match act:
            case Act.ASSIGN_PAYMENT:
                return self._words.assign(payment, int(arguments["order"]))
            case Act.FLASH_PAYMENT:
                return self._words.flash(payment)
            case Act.CREDIT_PAYMENT_TO:
                return self._words.credit_sender(payment)
            case Act.KEEP_PAYMENT:
                return self._words.keep(payment)
            case _:
                return self._texts.held_confirm(payment, _CHOICES[act])

    async def carry_out(self, proposal: Proposal) -> Card:
        if proposal.act is Act.APPROVE_REFUND:
            refund = await self._acts.approve(self._actor, proposal)
            if refund is None:
                return operator_cards.said(self._texts, self._texts.refund_not_waiting)
            return operator_cards.refund_approved(self._texts, refund)
        try:
            desk = await self._acts.carry_out(self._actor, proposal)
        except ChoiceRefused as refusal:
            return operator_cards.said(self._texts, self._texts.choice_refused(refusal.fault))
        payment = desk.payment
        match proposal.act:
            case Act.ASSIGN_PAYMENT:
                order = int(proposal.arguments["order"])
                return operator_cards.said(self._texts, self._texts.assigned(payment, order))
            case Act.KEEP_PAYMENT:
                return operator_cards.said(self._texts, self._texts.kept(payment))
            case _:
                return operator_cards.held_decided(self._texts, payment)


def _numbers(words: str) -> list[int]:
    """The numbers in what was typed; none if one of them is no id."""
    numbers = [int(word) for word in words.replace("#", " ").split() if word.isdecimal()]
    return numbers if all(0 < number <= _LARGEST for number in numbers) else []
