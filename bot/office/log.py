"""The log of who did what, newest first: by pages, of one person, about one thing."""

from __future__ import annotations

from collections.abc import Sequence

from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.taps import LookAtEntry, LookAtLog, Room, SearchLog
from bot.screen import Card
from bot.texts.office import OfficeTexts
from bot.turn import Turn
from services.staff import Actor, Staff
from services.trail import Entry, EntryPage, Trail

_WHOSE = "log.whose"
_ABOUT = "log.about"
_LARGEST = 2**63 - 1


class LogArea(Area):
    """/log."""

    name = "log"

    def __init__(self, turn: Turn, *, asking: Asking, trail: Trail, staff: Staff) -> None:
        self._turn = turn
        self._texts = turn.texts.office
        self._asking = asking
        self._trail = trail
        self._staff = staff

    async def look(self, at: LookAtLog | None = None) -> None:
        """A page; `at` says from where on, of whom and about what."""
        at = at or LookAtLog()
        found = await self._trail.page(before=at.before, actor_id=at.actor, like=at.like)
        await self._turn.show(page(self._texts, found, at))

    async def entry(self, tapped: LookAtEntry) -> None:
        entry = await self._trail.entry(tapped.entry)
        if entry is None:
            await self.look()
            return
        await self._turn.show(entry_card(self._texts, entry, tapped))

    async def search(self, *, person: bool) -> None:
        if person:
            await self._asking.ask(_WHOSE, whose(self._texts, self._staff.everybody()))
        else:
            question = self._texts.log.ask_about()
            await self._asking.ask(_ABOUT, cards.asked(self._texts.common, question))

    async def answered(self, question: Question, words: str) -> None:
        words = words.strip()
        if question.name == _WHOSE:
            person = await self._trail.person(words)
            if person is None:
                await self._turn.toast(self._texts.log.nobody(words))
                return
            await self._asking.done()
            await self.look(LookAtLog(actor=person))
            return
        found = await self._trail.subjects(self._texts.log.stored(words))
        if not found:
            await self._turn.toast(self._texts.log.not_found(words))
            return
        await self._asking.done()
        if len(found) == 1:
            await self.look(LookAtLog(like=found[0].id))
        else:
            await self._turn.show(subjects(self._texts, found))


def page(texts: OfficeTexts, found: EntryPage, at: LookAtLog) -> Card:
    rows = [
        [
            button(
                texts.log.entry_button(entry),
                LookAtEntry(entry=entry.id, actor=at.actor, like=at.like).pack(),
            )
        ]
        for entry in found.entries
    ]
    turning = []
    if at.before is not None:
        newest = LookAtLog(actor=at.actor, like=at.like)
        turning.append(button(texts.log.newest_button, newest.pack()))
    if found.older:
        older = LookAtLog(before=found.entries[-1].id, actor=at.actor, like=at.like)
        turning.append(button(texts.log.older_button, older.pack()))
    ways = [
        button(texts.log.by_person_button, SearchLog(person=True).pack()),
        button(texts.log.by_subject_button, SearchLog(person=False).pack()),
    ]
    if at.actor is not None or at.like is not None:
        ways.append(cards.entering_as(texts.log.everything_button, Room.LOG))
    return Card(
        texts.log.page(found.entries, at.actor, found.subject),
        keyboard(*rows, turning, ways, [cards.back(texts.common)]),
    )


def entry_card(texts: OfficeTexts, entry: Entry, tapped: LookAtEntry) -> Card:
    """One entry; back leads to where it stands on its page."""
    before = min(entry.id + 1, _LARGEST)
    there = LookAtLog(before=before, actor=tapped.actor, like=tapped.like)
    more = []
    if entry.actor_id is not None and tapped.actor is None:
        theirs = LookAtLog(actor=entry.actor_id)
        more.append(button(texts.log.same_person_button, theirs.pack()))
    if entry.subject and tapped.like is None:
        label = texts.log.same_subject_button
        more.append(button(label, LookAtLog(like=entry.id).pack()))
    return Card(
        texts.log.entry(entry),
        keyboard(more, [button(texts.common.back_button, there.pack())]),
    )


def whose(texts: OfficeTexts, staff: Sequence[Actor]) -> Card:
    people = [
        button(texts.log.staff_button(actor), LookAtLog(actor=actor.id).pack())
        for actor in staff[:20]
    ]
    rows = [people[start : start + 2] for start in range(0, len(people), 2)]
    return Card(texts.log.ask_whose(), keyboard(*rows, [cards.stop(texts.common)]))


def subjects(texts: OfficeTexts, found: Sequence[Entry]) -> Card:
    rows = [
        [button(texts.log.subject_button(entry.subject), LookAtLog(like=entry.id).pack())]
        for entry in found
    ]
    return Card(texts.log.which_subject(), keyboard(*rows, [cards.back(texts.common, Room.LOG)]))
