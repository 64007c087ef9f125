"""What customers read about API keys: which lines, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.key_lines import ApiPlace, KeyLines
from bot.texts.notation import lines
from services.api_keys import MOST_KEYS, ApiKey, KeyTerms, NewApiKey, Scope


class KeyWords(Protocol):
    """What a language says about keys to those whose programs use them."""

    _api_keys: str
    _what_for: str
    _address: str
    _operator_tells: str
    _not_served: str
    _no_keys: str
    _ran_out_lately: str
    _ask_name: str
    _shown_once: str
    _copy_then: str
    _then_refused: str
    _shop_hands_on: str
    _refused_from_now_on: str

    def _too_many(self, most: int) -> str: ...
    def _is_made(self, name: str) -> str: ...
    def _sure_to_revoke(self, name: str) -> str: ...
    def _shop_made(self, name: str) -> str: ...
    def _shop_revoked(self, name: str) -> str: ...


class KeyCard(KeyLines, KeyWords):
    """The list of somebody's keys, a key, and a new one."""

    def api_keys(
        self, living: Sequence[ApiKey], ran_out: Sequence[ApiKey], place: ApiPlace
    ) -> Text:
        return lines(
            Bold(f"🔑 {self._api_keys}"),
            self._what_for,
            self._place(place),
            *(self._listed(living) if living else ["", self._no_keys]),
            "" if ran_out else None,
            self._line(self._ran_out_lately, self._names(ran_out)) if ran_out else None,
        )

    def _names(self, keys: Sequence[ApiKey]) -> str:
        return self._between.join(key.name for key in keys)

    def _place(self, place: ApiPlace) -> Text | str:
        if not place.served:
            return self._not_served
        if place.url is None:
            return self._operator_tells
        return self._line(self._address, self.copied(place.url))

    def api_key(self, key: ApiKey, now: datetime) -> Text:
        return lines(Bold(f"🔑 {key.name}"), *self._details(key, now))

    # A new one

    def ask_key_name(self) -> Text:
        return Text(self._ask_name)

    def key_form(self, terms: KeyTerms) -> Text:
        return lines(*self._form(terms), "", self._tap_to_change)

    def key_made(self, made: NewApiKey, place: ApiPlace) -> Text:
        """The only card with a secret."""
        return lines(
            Bold(f"🔑 {self._is_made(made.key.name)}"),
            self.copied(made.secret),
            "",
            Bold(self._shown_once),
            self._copy_then,
            self._place(place),
        )

    def too_many_keys(self) -> str:
        return self._too_many(MOST_KEYS)

    # An end to one

    def revoke_key(self, key: ApiKey) -> Text:
        return lines(Bold(self._sure_to_revoke(key.name)), Text(key.shown), self._then_refused)

    # What the shop did

    def key_made_by_shop(self, details: Mapping[str, Any]) -> Text:
        scopes = frozenset(Scope(scope) for scope in details["scopes"])
        return lines(
            Bold(f"🔑 {self._shop_made(details['name'])}"),
            details["shown"],
            self._line(self._may, self._allowed(scopes)),
            self._shop_hands_on,
        )

    def key_revoked_by_shop(self, details: Mapping[str, Any]) -> Text:
        return lines(
            Bold(f"🔑 {self._shop_revoked(details['name'])}"),
            details["shown"],
            self._refused_from_now_on,
        )
