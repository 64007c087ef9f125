"""/user: finding people, and what is done about them."""

from __future__ import annotations

import re

from aiogram.utils.formatting import Text

from bot.inputs import read_count
from bot.office import people_cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import ChangePerson, PersonChange
from bot.screen import Card
from bot.turn import Turn
from services.acts import Act, ActFault, ActRefused, Proposal
from services.people import (
    LONGEST_NOTE,
    MOST_ORDERS,
    BalanceTooSmall,
    Bound,
    People,
    Person,
    subject_of,
)
from services.staff import Actor, Right

_FIND = "people.find"
_AMOUNT = "people.amount"
_NOTE = "people.note"
_BOUND = "people.bound"
_AWAY = "-"
"""What is typed to take something away."""

_SIGNED = re.compile(
    r"([+\-\u2212\u2013])\s*(\d{1,12})(?:[.,](\d{1,6}))?\s*(?:trx)?", re.IGNORECASE
)
_SUN_PER_TRX = 1_000_000


class PeopleArea(Area):
    """Whoever talks to the bot."""

    name = "people"
    acts = frozenset({Act.ADJUST, Act.BAN, Act.UNBAN, Act.NOTE, Act.LIMIT})

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        people: People,
        asking: Asking,
        confirming: Confirming,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts.office
        self._actor = actor
        self._people = people
        self._asking = asking
        self._confirming = confirming

    async def enter(self) -> None:
        await self._asking.ask(_FIND, people_cards.ask(self._texts))

    async def find(self, words: str) -> None:
        """Somebody's card, or a choice of people; if there is nobody, the question again."""
        found = await self._people.find(words)
        if not found.people:
            await self._asking.ask(_FIND, people_cards.nobody(self._texts))
            return
        await self._asking.done()
        if len(found.people) == 1:
            await self.look(found.people[0].id)
        else:
            await self._turn.show(people_cards.found(self._texts, found))

    async def look(self, person_id: int) -> None:
        person = await self._known(person_id)
        if person is not None:
            await self._asking.done()
            await self._turn.show(people_cards.person(self._texts, person, self._actor))

    async def orders(self, person_id: int, page: int) -> None:
        person = await self._known(person_id)
        if person is not None:
            listed = await self._people.orders(person_id, page)
            await self._turn.show(people_cards.orders(self._texts, person, listed))

    async def change(self, tapped: ChangePerson) -> None:
        """Ask what has to be known before something is done about somebody."""
        person = await self._known(tapped.person)
        if person is None:
            return
        words = self._texts.people
        match tapped.what:
            case PersonChange.BALANCE:
                await self._ask(_AMOUNT, words.ask_amount(person), person)
            case PersonChange.NOTE:
                await self._ask(_NOTE, words.ask_note(person), person)
            case PersonChange.DAY:
                await self._ask_bound(person, Bound.DAY)
            case PersonChange.OPEN:
                await self._ask_bound(person, Bound.OPEN)
            case PersonChange.BAN if self._people.works_here(person.id):
                await self._turn.toast(words.cannot_ban_staff, alert=True)
            case PersonChange.BAN:
                await self._begin(Act.BAN, person, words.ban_means(person))
            case PersonChange.UNBAN:
                await self._begin(Act.UNBAN, person, words.unban_means(person))

    async def _ask(self, question: str, text: Text, person: Person) -> None:
        card = people_cards.asked(self._texts, text, person.id)
        await self._asking.ask(question, card, person=person.id)

    async def _ask_bound(self, person: Person, bound: Bound) -> None:
        text = self._texts.people.ask_bound(person, bound)
        card = people_cards.asked(self._texts, text, person.id)
        await self._asking.ask(_BOUND, card, person=person.id, bound=bound)

    async def _begin(self, act: Act, person: Person, about: Text, **arguments: object) -> None:
        await self._confirming.begin(
            act, subject=subject_of(person.id), about=about, user=person.id, **arguments
        )

    # Typed answers

    async def answered(self, question: Question, words: str) -> None:
        if question.name == _FIND:
            await self.find(words)
            return
        person = await self._known(int(question.about["person"]))
        if person is None:
            await self._asking.done()
            return
        match question.name:
            case "people.amount":
                await self._amount_given(person, words)
            case "people.note":
                await self._note_given(person, words)
            case "people.bound":
                await self._bound_given(person, Bound(question.about["bound"]), words)

    async def _amount_given(self, person: Person, words: str) -> None:
        # The question may have been asked before a role was taken away: the act looks as well.
        sun = read_signed_trx(words)
        texts = self._texts.people
        if sun is None or not self._actor.may(Right.PAY):
            await self._again(texts.amount_unclear(), person)
        elif person.balance_sun + sun < 0:
            await self._again(texts.not_below_zero(person.balance_sun), person)
        else:
            await self._begin(Act.ADJUST, person, texts.adjust_means(person, sun), sun=sun)

    async def _note_given(self, person: Person, words: str) -> None:
        note = "" if words.strip() == _AWAY else words.strip()[:LONGEST_NOTE]
        await self._confirming.propose(
            Act.NOTE, subject=subject_of(person.id), user=person.id, note=note
        )

    async def _bound_given(self, person: Person, bound: Bound, words: str) -> None:
        most = None if words.strip() == _AWAY else read_count(words)
        texts = self._texts.people
        if words.strip() != _AWAY and (most is None or most > MOST_ORDERS):
            await self._again(texts.bound_unclear(), person)
            return
        about = texts.bound_means(person, bound, most)
        await self._begin(Act.LIMIT, person, about, bound=bound, most=most)

    async def _again(self, text: Text, person: Person) -> None:
        """What was wrong with an answer; the question is still open."""
        await self._turn.show(people_cards.asked(self._texts, text, person.id))

    # Acts

    async def meaning(self, proposal: Proposal) -> Text | None:
        person = await self._people.look(int(proposal.arguments["user"]))
        if person is None:
            return None
        words = self._texts.people
        match proposal.act:
            case Act.ADJUST:
                sun = int(proposal.arguments["sun"])
                possible = person.balance_sun + sun >= 0
                return words.adjust_means(person, sun) if possible else None
            case Act.BAN:
                return words.ban_means(person) if person.banned_at is None else None
            case Act.UNBAN:
                return words.unban_means(person) if person.banned_at is not None else None
            case Act.NOTE:
                return words.note_means(person, str(proposal.arguments["note"]))
            case _:
                bound = Bound(proposal.arguments["bound"])
                return words.bound_means(person, bound, proposal.arguments["most"])

    async def carry_out(self, proposal: Proposal) -> Card:
        match proposal.act:
            case Act.ADJUST:
                try:
                    await self._people.adjust(self._actor, proposal.nonce)
                except BalanceTooSmall as refusal:
                    text = self._texts.people.not_below_zero(refusal.balance_sun)
                    person_id = int(proposal.arguments["user"])
                    return people_cards.asked(self._texts, text, person_id)
            case Act.BAN:
                await self._people.ban(self._actor, proposal.nonce)
            case Act.UNBAN:
                await self._people.unban(self._actor, proposal.nonce)
            case Act.NOTE:
                await self._people.write_note(self._actor, proposal.nonce)
            case _:
                await self._people.limit(self._actor, proposal.nonce)
        person = await self._people.look(int(proposal.arguments["user"]))
        if person is None:
            raise ActRefused(ActFault.GONE)
        return people_cards.person(self._texts, person, self._actor)

    async def _known(self, person_id: int) -> Person | None:
        """The person; says so if there is none."""
        person = await self._people.look(person_id)
        if person is None:
            await self._turn.toast(self._texts.people.nobody_like_that, alert=True)
        return person


def read_signed_trx(words: str) -> int | None:
    """A signed amount of TRX in sun, such as ``+5`` or ``-0.25 TRX``; None if it is unclear.

    Three digits after a comma could be thousands: unclear, as is nothing at all.
    """
    found = _SIGNED.fullmatch(words.strip())
    if found is None:
        return None
    sign, whole, fraction = found.groups()
    if fraction and "," in words and len(fraction) == 3:
        return None
    sun = int(whole) * _SUN_PER_TRX + int((fraction or "").ljust(6, "0"))
    if not sun:
        return None
    return sun if sign == "+" else -sun
