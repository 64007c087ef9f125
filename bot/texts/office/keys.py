"""What the staff read about somebody's API keys: which lines, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.key_lines import KeyLines
from bot.texts.notation import joined, lines
from services.api_keys import ApiKey, KeyTerms, NewApiKey
from services.people import Person


class PersonKeyWords(Protocol):
    """The words of one language."""

    keys_button: str
    handed_over_button: str
    revoke_button: str
    too_many: str
    """A toast, as are the next two."""
    key_unknown: str
    needs_scope: str

    _api_keys: str
    _no_keys: str
    _bounds: str
    _belongs_to: str
    _ask_name: str
    _is_made: str
    _shown_once: str
    _hand_it_on: str
    _make_means: str
    _revoke_means: str
    _by_hand: str

    def _made_by(self, actor_id: int) -> str: ...


class PersonKeyTexts(KeyLines, PersonKeyWords):
    """The keys of somebody, one of them, and a new one."""

    def keys(self, person: Person, living: Sequence[ApiKey]) -> Text:
        return lines(
            Bold(f"🔑 {self._api_keys}"),
            self._about(person),
            *(self._listed(living) if living else ["", self._no_keys]),
        )

    def key(self, key: ApiKey, now: datetime) -> Text:
        return lines(
            Bold(f"🔑 {key.name}"),
            *self._details(key, now),
            self._maker(key),
            self._line(self._belongs_to, self.copied(str(key.user_id))),
            "",
            self._bounds,
        )

    def _maker(self, key: ApiKey) -> str | None:
        if key.made_by == key.user_id:
            return None
        return self._by_hand if key.made_by is None else self._made_by(key.made_by)

    @staticmethod
    def _name(person: Person) -> str:
        return " ".join(person.first_name.split()) or str(person.id)

    def _about(self, person: Person) -> Text:
        return joined(" · ", [Text(self._name(person)), self.copied(str(person.id))])

    # A new one

    def ask_key_name(self, person: Person) -> Text:
        return lines(self._about(person), "", Bold(self._ask_name))

    def key_form(self, person: Person, terms: KeyTerms) -> Text:
        return lines(self._about(person), *self._form(terms), "", self._tap_to_change)

    def key_made(self, made: NewApiKey) -> Text:
        """The only text of the office with a secret."""
        return lines(
            Bold(f"🔑 {self._is_made}{self.colon}{made.key.name}"),
            self.copied(made.secret),
            "",
            Bold(self._shown_once),
            self._hand_it_on,
        )

    # Consequences

    def make_means(self, person: Person, terms: KeyTerms) -> Text:
        return lines(self._about(person), *self._form(terms), "", self._make_means)

    def revoke_means(self, key: ApiKey) -> Text:
        return lines(
            joined(" · ", [Bold(key.name), Text(key.shown)]),
            self._line(self._belongs_to, self.copied(str(key.user_id))),
            self._revoke_means,
        )
