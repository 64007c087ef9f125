"""What an API key may do, and for how long: a form that is filled in by taps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from aiogram.types import InlineKeyboardButton

from bot.callbacks import KeyPart
from bot.keyboards import button
from bot.texts.key_lines import KeyFormTexts
from services.api_keys import KeyTerms, Scope

SCOPES: Mapping[KeyPart, Scope] = {
    KeyPart.READ: Scope.READ,
    KeyPart.ORDER: Scope.ORDER,
    KeyPart.SPEND: Scope.SPEND,
    KeyPart.WEBHOOKS: Scope.WEBHOOKS,
}
LASTING: Mapping[KeyPart, timedelta | None] = {
    KeyPart.MONTH: timedelta(days=30),
    KeyPart.YEAR: timedelta(days=365),
    KeyPart.FOR_EVER: None,
}


def shaped(terms: KeyTerms, part: KeyPart) -> KeyTerms | None:
    """The terms after a tap on a part of the form; None if they would allow nothing at all."""
    if part in SCOPES:
        scopes = terms.scopes ^ {SCOPES[part]}
        return replace(terms, scopes=scopes) if scopes else None
    if part in LASTING:
        return replace(terms, lasts=LASTING[part])
    return replace(terms, networks=()) if part is KeyPart.ANYWHERE else terms


def form_rows(
    texts: KeyFormTexts, terms: KeyTerms, data: Callable[[KeyPart], str]
) -> list[list[InlineKeyboardButton]]:
    """The form's buttons: a mark on what is chosen."""
    scopes = [
        button(_marked(texts.scope_button(scope), chosen=scope in terms.scopes), data(part))
        for part, scope in SCOPES.items()
    ]
    lasting = [
        button(_marked(texts.lasting_button(lasts), chosen=lasts == terms.lasts), data(part))
        for part, lasts in LASTING.items()
    ]
    networks = button(texts.networks_button(len(terms.networks)), data(KeyPart.NETWORKS))
    return [scopes[:2], scopes[2:], lasting, [networks]]


def _marked(label: str, *, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label
