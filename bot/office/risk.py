"""Risk: the rules as they are, orders that wait for a person, and whom nothing is sold to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiogram.enums import ButtonStyle
from aiogram.utils.formatting import Text

from bot.inputs import EthereumAddress, HexAddress, WrongAddress, read_address
from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import AskListed, DecideRisky, LookAtListed, LookAtRisky, Room, Unlist
from bot.screen import Card
from bot.texts import Texts
from bot.texts.office import OfficeTexts
from bot.turn import Turn
from chain.addresses import Address
from services.acts import Act, ActFault, Proposal
from services.order_views import OrderStatus, OrderView
from services.risk import RiskReason
from services.risk_review import Listed, RiskDesk, RiskReview, RiskyOrder, subject_of
from services.staff import Actor, Right

_WHOM = "risk.whom"
_LARGEST = 2**63 - 1


class RiskArea(Area):
    """/risk."""

    name = "risk"
    acts = frozenset({Act.BLACKLIST, Act.UNLIST, Act.ALLOW_ORDER, Act.REFUSE_ORDER})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        confirming: Confirming,
        review: RiskReview,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts.office
        self._actor = actor
        self._asking = asking
        self._confirming = confirming
        self._review = review

    async def look(self) -> None:
        await self._turn.show(await self._room())

    async def order(self, number: int) -> None:
        risky = await self._review.order(number)
        if risky is None:
            await self._gone()
            return
        await self._turn.show(order(self._texts, risky, may=self._actor.may(Right.PAY)))

    async def decide(self, number: int, *, allow: bool) -> None:
        risky = await self._review.order(number)
        if risky is None or not waits(risky):
            await self._gone()
            return
        await self._confirming.begin(
            Act.ALLOW_ORDER if allow else Act.REFUSE_ORDER,
            subject=f"order {number}",
            about=self._texts.risk.order(risky.order, risky.reasons, risky.decision),
            order=str(risky.order.id),
            number=number,
        )

    async def ask_whom(self) -> None:
        question = cards.asked(self._texts.common, self._texts.risk.ask_whom())
        await self._asking.ask(_WHOM, question)

    async def listed(self, listed_id: int) -> None:
        entry = await self._review.entry(listed_id)
        if entry is None:
            await self._gone()
            return
        await self._turn.show(listed(self._texts, entry, may=self._actor.may(Right.PEOPLE)))

    async def unlist(self, listed_id: int) -> None:
        entry = await self._review.entry(listed_id)
        if entry is None:
            await self._gone()
            return
        await self._confirming.begin(
            Act.UNLIST,
            subject=entry.subject,
            about=self._texts.risk.entry(entry),
            listed=entry.id,
        )

    async def answered(self, question: Question, words: str) -> None:  # noqa: ARG002 (asks one thing)
        whom = _named(words.strip())
        if whom is None:
            await self._turn.toast(self._texts.risk.whom_unclear)
            return
        address, user_id = whom
        entry = await self._review.find_listed(address, user_id)
        if entry is not None:
            await self._asking.done()
            await self.listed(entry.id)
            return
        subject = subject_of(address, user_id)
        await self._confirming.begin(
            Act.BLACKLIST,
            subject=subject,
            about=self._texts.risk.will_list(address, user_id),
            address=address,
            user=user_id,
        )

    async def meaning(self, proposal: Proposal) -> Text | None:
        arguments, texts = proposal.arguments, self._texts.risk
        match proposal.act:
            case Act.BLACKLIST:
                return texts.will_list(arguments["address"], arguments["user"])
            case Act.UNLIST:
                entry = await self._review.entry(int(arguments["listed"]))
                return None if entry is None else texts.will_unlist(entry)
            case _:
                risky = await self._review.order(int(arguments["number"]))
                if risky is None or not waits(risky):
                    return None
                if proposal.act is Act.ALLOW_ORDER:
                    return texts.will_deliver(risky.order)
                return texts.will_refuse(risky.order)

    async def carry_out(self, proposal: Proposal) -> Card:
        match proposal.act:
            case Act.BLACKLIST:
                await self._review.add(self._actor, proposal.nonce)
            case Act.UNLIST:
                await self._review.remove(self._actor, proposal.nonce)
            case _:
                risky = await self._review.decide(
                    self._actor, proposal.nonce, allow=proposal.act is Act.ALLOW_ORDER
                )
                return order(self._texts, risky, may=False)
        return await self._room()

    async def _room(self) -> Card:
        return room(self._texts, await self._review.look(), may=self._actor.may(Right.PEOPLE))

    async def _gone(self) -> None:
        await self._turn.toast(self._texts.common.act_refused(ActFault.GONE), alert=True)


def _named(words: str) -> tuple[Address | None, int | None] | None:
    """The address or the person that somebody named."""
    if words.isdecimal():
        return (None, int(words)) if 0 < int(words[:20]) <= _LARGEST else None
    found = read_address(words)
    if isinstance(found, HexAddress):
        return found.address, None
    return None if isinstance(found, EthereumAddress | WrongAddress) else (found, None)


def waits(risky: RiskyOrder) -> bool:
    return risky.order.waits_for_person and risky.order.status is OrderStatus.PAID


def room(texts: OfficeTexts, desk: RiskDesk, *, may: bool) -> Card:
    rows = [
        [button(texts.risk.order_button(risky.order), LookAtRisky(order=risky.order.number).pack())]
        for risky in desk.orders
    ]
    rows += [
        [button(texts.risk.listed_button(entry), LookAtListed(listed=entry.id).pack())]
        for entry in desk.newest
    ]
    if may:
        rows.append([button(texts.risk.list_somebody_button, AskListed().pack())])
    return Card(texts.risk.room(desk), keyboard(*rows, [cards.back(texts.common)]))


def order(texts: OfficeTexts, risky: RiskyOrder, *, may: bool) -> Card:
    """An order that waits, or what was decided; for who `may` decide, with the buttons."""
    deciding = _deciding(texts, risky.order.number) if may and waits(risky) else []
    return Card(
        texts.risk.order(risky.order, risky.reasons, risky.decision),
        keyboard(deciding, [cards.back(texts.common, Room.RISK)]),
    )


def asked_about(texts: Texts, view: OrderView, reasons: Sequence[Any]) -> Card | None:
    """The news that an order waits; None if it does not any more."""
    if not view.waits_for_person or view.status is not OrderStatus.PAID:
        return None
    named = [RiskReason(reason) for reason in reasons]
    own = texts.office
    return Card(own.risk.order(view, named, None), keyboard(_deciding(own, view.number)))


def _deciding(texts: OfficeTexts, number: int) -> list[Any]:
    return [
        button(
            texts.risk.allow_button,
            DecideRisky(order=number, allow=True).pack(),
            ButtonStyle.PRIMARY,
        ),
        button(texts.risk.refuse_button, DecideRisky(order=number, allow=False).pack()),
    ]


def listed(texts: OfficeTexts, entry: Listed, *, may: bool) -> Card:
    off = [button(texts.risk.unlist_button, Unlist(listed=entry.id).pack())] if may else []
    return Card(texts.risk.entry(entry), keyboard(off, [cards.back(texts.common, Room.RISK)]))
