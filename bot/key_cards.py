"""Cards about API keys, for those whose programs use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton
from aiogram.utils.formatting import Text

from bot.callbacks import KeyDoing, KeyPart, KeyTap, Place, ShapeKey
from bot.key_drafts import KeyDraft
from bot.key_forms import form_rows
from bot.keyboards import back_to_menu, button, copying, going, keyboard
from bot.screen import Card
from bot.texts import Texts
from bot.texts.key_lines import ApiPlace, key_label
from services.api_keys import ApiKey, NewApiKey


def api_keys(
    texts: Texts, living: Sequence[ApiKey], ran_out: Sequence[ApiKey], place: ApiPlace
) -> Card:
    """What the keys are for, and a button for each; `ran_out` did so lately."""
    doors = [_to_key(key_label(key), key.id) for key in living]
    rows = [doors[start : start + 2] for start in range(0, len(doors), 2)]
    new = going(texts.new_key_button, Place.NEW_KEY, ButtonStyle.PRIMARY)
    return Card(
        texts.api_keys(living, ran_out, place), keyboard(*rows, [new], [back_to_menu(texts)])
    )


def api_key(texts: Texts, key: ApiKey, now: datetime) -> Card:
    revoke = [button(texts.revoke_key_button, KeyTap(key=key.id, do=KeyDoing.REVOKE).pack())]
    return Card(
        texts.api_key(key, now),
        keyboard(revoke if key.lives_at(now) else [], [_to_keys(texts)]),
    )


def revoke_key(texts: Texts, key: ApiKey) -> Card:
    now = button(
        texts.revoke_key_now_button,
        KeyTap(key=key.id, do=KeyDoing.REVOKE_NOW).pack(),
        ButtonStyle.DANGER,
    )
    return Card(texts.revoke_key(key), keyboard([now], [_to_key(texts.back_button, key.id)]))


# A new key


def ask_key_name(texts: Texts) -> Card:
    return Card(texts.ask_key_name(), keyboard([_to_keys(texts)]))


def key_form(texts: Texts, draft: KeyDraft) -> Card:
    make = button(texts.make_key_button, _shaping(draft, KeyPart.MAKE), ButtonStyle.SUCCESS)
    rows = form_rows(texts, draft.terms, lambda part: _shaping(draft, part))
    return Card(texts.key_form(draft.terms), keyboard(*rows, [make], [_to_keys(texts)]))


def ask_networks(texts: Texts, draft: KeyDraft) -> Card:
    return Card(texts.ask_networks(), keyboard(*_around_networks(texts, draft)))


def network_refused(texts: Texts, draft: KeyDraft, word: str) -> Card:
    """What was wrong with the answer; the question is still open."""
    return Card(texts.network_refused(word), keyboard(*_around_networks(texts, draft)))


def _around_networks(texts: Texts, draft: KeyDraft) -> list[list[InlineKeyboardButton]]:
    return [
        [button(texts.anywhere_button, _shaping(draft, KeyPart.ANYWHERE))],
        [button(texts.back_button, _shaping(draft, KeyPart.FORM))],
    ]


def key_made(texts: Texts, made: NewApiKey, place: ApiPlace) -> Card:
    """The only card that shows a secret; its second button puts the key's own in its place."""
    return Card(
        texts.key_made(made, place),
        keyboard(
            [copying(texts.copy_key_button, made.secret, ButtonStyle.PRIMARY)],
            [_to_key(texts.key_saved_button, made.key.id)],
        ),
    )


def answer(texts: Texts, text: Text) -> Card:
    """Words with the way back to the keys."""
    return Card(text, keyboard([_to_keys(texts)]))


# What the shop did


def key_made_by_shop(texts: Texts, details: Mapping[str, Any]) -> Card:
    look = _to_key(texts.api_keys_button, UUID(details["id"]))
    return Card(texts.key_made_by_shop(details), keyboard([look]))


def key_revoked_by_shop(texts: Texts, details: Mapping[str, Any]) -> Card:
    keys = going(texts.api_keys_button, Place.API_KEYS)
    return Card(texts.key_revoked_by_shop(details), keyboard([keys]))


def _to_key(label: str, key_id: UUID) -> InlineKeyboardButton:
    return button(label, KeyTap(key=key_id, do=KeyDoing.LOOK).pack())


def _to_keys(texts: Texts) -> InlineKeyboardButton:
    return going(texts.back_button, Place.API_KEYS)


def _shaping(draft: KeyDraft, part: KeyPart) -> str:
    return ShapeKey(draft=draft.id, part=part).pack()
