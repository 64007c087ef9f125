"""Cards about people."""

from __future__ import annotations

from aiogram.types import InlineKeyboardButton
from aiogram.utils.formatting import Text

from bot.callbacks import Nothing
from bot.keyboards import button, keyboard
from bot.office import cards
from bot.office.taps import (
    ChangePerson,
    KeysOfPerson,
    LookAtPerson,
    OrdersOfPerson,
    PersonChange,
    Room,
)
from bot.screen import Card
from bot.texts.office import OfficeTexts
from services.orders import OrderPage
from services.people import Bound, FoundPeople, Person
from services.staff import Actor


def ask(texts: OfficeTexts) -> Card:
    return Card(texts.people.ask(), keyboard([cards.back(texts.common)]))


def nobody(texts: OfficeTexts) -> Card:
    """Nobody was found; the question stays open."""
    return Card(texts.people.nobody(), keyboard([cards.back(texts.common)]))


def found(texts: OfficeTexts, people: FoundPeople) -> Card:
    rows = [
        [button(texts.people.found_button(each), LookAtPerson(person=each.id).pack())]
        for each in people.people
    ]
    return Card(texts.people.found(people), keyboard(*rows, [cards.back(texts.common, Room.USERS)]))


def person(texts: OfficeTexts, shown: Person, actor: Actor) -> Card:
    """Somebody's card, with what this one of the staff may do about them."""
    words = texts.people
    banned = shown.banned_at is not None
    offered = [
        (words.adjust_button, PersonChange.BALANCE),
        (words.note_button, PersonChange.NOTE),
        (words.bound_button(Bound.DAY), PersonChange.DAY),
        (words.bound_button(Bound.OPEN), PersonChange.OPEN),
        (words.unban_button, PersonChange.UNBAN)
        if banned
        else (words.ban_button, PersonChange.BAN),
    ]
    taps = [
        button(label, tap.pack())
        for label, what in offered
        if actor.may((tap := ChangePerson(person=shown.id, what=what)).right)
    ]
    orders = [button(words.orders_button, OrdersOfPerson(person=shown.id, page=1).pack())]
    return Card(
        words.person(shown),
        keyboard(
            *([orders] if shown.orders else []),
            [button(texts.keys.keys_button, KeysOfPerson(person=shown.id).pack())],
            *(taps[start : start + 2] for start in range(0, len(taps), 2)),
            [cards.back(texts.common, Room.USERS)],
        ),
    )


def orders(texts: OfficeTexts, shown: Person, page: OrderPage) -> Card:
    turning = []
    if page.pages > 1:
        turning = [
            _turn("‹", shown.id, page.page - 1, page.pages),
            button(f"{page.page}/{page.pages}", Nothing().pack()),
            _turn("›", shown.id, page.page + 1, page.pages),
        ]
    return Card(texts.people.orders(shown, page), keyboard(turning, [_back_to(texts, shown.id)]))


def _turn(sign: str, person_id: int, page: int, pages: int) -> InlineKeyboardButton:
    if 1 <= page <= pages:
        return button(sign, OrdersOfPerson(person=person_id, page=page).pack())
    return button("·", Nothing().pack())


def _back_to(texts: OfficeTexts, person_id: int) -> InlineKeyboardButton:
    return button(texts.common.back_button, LookAtPerson(person=person_id).pack())


def asked(texts: OfficeTexts, question: Text, person_id: int) -> Card:
    """A question about somebody, or what was wrong with its answer: the way back is to them."""
    return Card(question, keyboard([_back_to(texts, person_id)]))
