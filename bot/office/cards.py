"""Cards and buttons that the areas of the office share."""

from __future__ import annotations

from collections.abc import Callable

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton
from aiogram.utils.formatting import Text

from bot.callbacks import Nothing
from bot.keyboards import button, keyboard
from bot.office.taps import ROOM_RIGHTS, Enter, NeverMind, NoReason, Room, Sure
from bot.screen import Card
from bot.texts.office import CommonTexts
from services.acts import ActFault, Proposal
from services.staff import Actor, Right

_ROOMS = tuple(room for room in Room if room is not Room.TODAY)


def entering(texts: CommonTexts, room: Room) -> InlineKeyboardButton:
    return button(texts.room_button(room.name.lower()), Enter(room=room).pack())


def entering_as(label: str, room: Room) -> InlineKeyboardButton:
    """Into a room, by another name."""
    return button(label, Enter(room=room).pack())


def rooms(texts: CommonTexts, actor: Actor) -> list[list[InlineKeyboardButton]]:
    """The doors that this person may go through, two in a row."""
    doors = [
        entering(texts, room) for room in _ROOMS if actor.may(ROOM_RIGHTS.get(room, Right.LOOK))
    ]
    return [doors[start : start + 2] for start in range(0, len(doors), 2)]


def back(texts: CommonTexts, room: Room = Room.TODAY) -> InlineKeyboardButton:
    """Back into a room."""
    return button(texts.back_button, Enter(room=room).pack())


def pages(page: int, count: int, data: Callable[[int], str]) -> list[InlineKeyboardButton]:
    """Turning the pages of a list; `data` is what a button to a page carries."""
    if count < 2:
        return []
    earlier = [button("‹", data(page - 1))] if page > 1 else []
    later = [button("›", data(page + 1))] if page < count else []
    return [*earlier, button(f"{page} / {count}", Nothing().pack()), *later]


def stop(texts: CommonTexts) -> InlineKeyboardButton:
    """Leave a question unanswered."""
    return button(texts.never_mind_button, NeverMind().pack())


def asked(texts: CommonTexts, question: Text) -> Card:
    """A question that is answered by typing."""
    return Card(question, keyboard([stop(texts)]))


def why(texts: CommonTexts, about: Text | None, *, may_skip: bool) -> Card:
    skip = [button(texts.no_reason_button, NoReason().pack())] if may_skip else []
    return Card(texts.why(about), keyboard(skip, [stop(texts)]))


def sure(texts: CommonTexts, meaning: Text, proposal: Proposal) -> Card:
    yes = button(texts.do_it_button, Sure(nonce=proposal.nonce).pack(), ButtonStyle.DANGER)
    return Card(texts.sure(meaning, proposal.reason), keyboard([yes], [stop(texts)]))


def refused(texts: CommonTexts, fault: ActFault) -> Card:
    return Card(Text(texts.act_refused(fault)), keyboard([back(texts)]))


def left(texts: CommonTexts) -> Card:
    return Card(texts.left(), keyboard([back(texts)]))
