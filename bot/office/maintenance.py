"""Maintenance: stopping new orders, and what customers read meanwhile."""

from __future__ import annotations

from aiogram.utils.formatting import Text

from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import SwitchMaintenance, UsualWords, WriteWords
from bot.screen import Card
from bot.texts.office import OfficeTexts
from bot.turn import Turn
from services.acts import Act, Proposal
from services.customers import Language
from services.maintenance import LONGEST_WORDS, SUBJECT, Closure, Maintenance, Unfinished
from services.staff import Actor, Right

_WORDS = "maintenance.words"


class MaintenanceArea(Area):
    """/maintenance."""

    name = "maintenance"
    acts = frozenset({Act.BEGIN_MAINTENANCE, Act.END_MAINTENANCE, Act.WORD_MAINTENANCE})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        confirming: Confirming,
        maintenance: Maintenance,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts.office
        self._actor = actor
        self._asking = asking
        self._confirming = confirming
        self._maintenance = maintenance

    async def look(self) -> None:
        await self._turn.show(await self._room())

    async def switch(self, *, closed: bool) -> None:
        if closed:
            await self._confirming.begin(Act.BEGIN_MAINTENANCE, subject=SUBJECT)
        else:
            await self._confirming.propose(Act.END_MAINTENANCE, subject=SUBJECT)

    async def write(self, language: Language) -> None:
        question = self._texts.maintenance.ask_words(language, LONGEST_WORDS)
        await self._asking.ask(
            _WORDS, cards.asked(self._texts.common, question), language=str(language)
        )

    async def usual(self, language: Language) -> None:
        await self._propose(language, "")

    async def answered(self, question: Question, words: str) -> None:
        words = words.strip()
        if len(words) > LONGEST_WORDS:
            await self._turn.toast(self._texts.maintenance.too_long(LONGEST_WORDS))
            return
        await self._propose(Language(question.about["language"]), words)

    async def _propose(self, language: Language, words: str) -> None:
        await self._confirming.propose(
            Act.WORD_MAINTENANCE, subject=SUBJECT, language=str(language), words=words
        )

    async def meaning(self, proposal: Proposal) -> Text | None:
        state, texts = await self._maintenance.look(), self._texts.maintenance
        match proposal.act:
            case Act.BEGIN_MAINTENANCE:
                if state.closed:
                    return None
                return texts.will_stop(await self._maintenance.unfinished())
            case Act.END_MAINTENANCE:
                return texts.will_go_on() if state.closed else None
            case _:
                language = Language(proposal.arguments["language"])
                return texts.will_read(language, proposal.arguments["words"])

    async def carry_out(self, proposal: Proposal) -> Card:
        match proposal.act:
            case Act.BEGIN_MAINTENANCE:
                await self._maintenance.begin(self._actor, proposal.nonce)
            case Act.END_MAINTENANCE:
                await self._maintenance.end(self._actor, proposal.nonce)
            case _:
                await self._maintenance.word(self._actor, proposal.nonce)
        return await self._room()

    async def _room(self) -> Card:
        state, unfinished = await self._maintenance.look(), await self._maintenance.unfinished()
        return room(self._texts, state, unfinished, may=self._actor.may(Right.MAINTENANCE))


def room(texts: OfficeTexts, state: Closure, unfinished: Unfinished, *, may: bool) -> Card:
    """How it is; with the buttons that change it for who `may`."""
    rows = []
    if may:
        switch = texts.maintenance.stop_orders_button
        if state.closed:
            switch = texts.maintenance.take_orders_button
        rows.append([button(switch, SwitchMaintenance(closed=not state.closed).pack())])
        for language in Language:
            row = [
                button(
                    texts.maintenance.write_button(language), WriteWords(language=language).pack()
                )
            ]
            if state.words(language) is not None:
                usual = texts.maintenance.usual_button(language)
                row.append(button(usual, UsualWords(language=language).pack()))
            rows.append(row)
    return Card(
        texts.maintenance.room(state, unfinished), keyboard(*rows, [cards.back(texts.common)])
    )
