"""Cards about the API keys of somebody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton
from aiogram.utils.formatting import Text

from bot.callbacks import KeyPart
from bot.key_forms import form_rows
from bot.keyboards import button, copying, keyboard
from bot.office.taps import (
    KeysOfPerson,
    LookAtKey,
    LookAtPerson,
    NewKeyFor,
    RevokeKeyOf,
    ShapeKeyFor,
)
from bot.screen import Card
from bot.texts.key_lines import key_label
from bot.texts.office import OfficeTexts
from services.api_keys import ApiKey, KeyTerms, NewApiKey
from services.people import Person
from services.staff import Actor, Right


def keys(texts: OfficeTexts, person: Person, living: Sequence[ApiKey], actor: Actor) -> Card:
    doors = [button(key_label(key), LookAtKey(key=key.id).pack()) for key in living]
    rows = [doors[start : start + 2] for start in range(0, len(doors), 2)]
    new = button(texts.keys.new_key_button, NewKeyFor(person=person.id).pack())
    return Card(
        texts.keys.keys(person, living),
        keyboard(
            *rows,
            [new] if actor.may(Right.KEYS) else [],
            [button(texts.common.back_button, LookAtPerson(person=person.id).pack())],
        ),
    )


def key(texts: OfficeTexts, shown: ApiKey, now: datetime, actor: Actor) -> Card:
    revoke = button(texts.keys.revoke_button, RevokeKeyOf(key=shown.id).pack())
    return Card(
        texts.keys.key(shown, now),
        keyboard(
            [revoke] if shown.lives_at(now) and actor.may(Right.KEYS) else [],
            [_back_to_keys(texts, shown.user_id)],
        ),
    )


def asked(texts: OfficeTexts, question: Text, person_id: int) -> Card:
    """A question about a new key's name, or what was wrong with its answer."""
    return Card(question, keyboard([_back_to_keys(texts, person_id)]))


def form(texts: OfficeTexts, person: Person, terms: KeyTerms) -> Card:
    make = button(
        texts.keys.make_key_button, _shaping(person.id, KeyPart.MAKE), ButtonStyle.SUCCESS
    )
    rows = form_rows(texts.keys, terms, lambda part: _shaping(person.id, part))
    return Card(
        texts.keys.key_form(person, terms),
        keyboard(*rows, [make], [_back_to_keys(texts, person.id)]),
    )


def networks(texts: OfficeTexts, question: Text, person_id: int) -> Card:
    """From where the key may be used, or what was wrong with the answer."""
    return Card(
        question,
        keyboard(
            [button(texts.keys.anywhere_button, _shaping(person_id, KeyPart.ANYWHERE))],
            [button(texts.common.back_button, _shaping(person_id, KeyPart.FORM))],
        ),
    )


def made(texts: OfficeTexts, new: NewApiKey) -> Card:
    """The only card of the office with a secret; its second button puts the key's in its place."""
    return Card(
        texts.keys.key_made(new),
        keyboard(
            [copying(texts.keys.copy_key_button, new.secret, ButtonStyle.PRIMARY)],
            [button(texts.keys.handed_over_button, LookAtKey(key=new.key.id).pack())],
        ),
    )


def _back_to_keys(texts: OfficeTexts, person_id: int) -> InlineKeyboardButton:
    return button(texts.common.back_button, KeysOfPerson(person=person_id).pack())


def _shaping(person_id: int, part: KeyPart) -> str:
    return ShapeKeyFor(person=person_id, part=part).pack()
