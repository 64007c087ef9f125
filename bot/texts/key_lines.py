"""What customers and the staff read of an API key in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import utf16_length
from bot.texts.notation import Notation, joined, lines
from services.api_keys import LONGEST_NAME, MOST_NETWORKS, ApiKey, KeyTerms, Network, Scope

_LONGEST_LABEL = 40
_SHOWN_NETWORKS = 6


@dataclass(frozen=True, slots=True)
class ApiPlace:
    """Whether programs are served, and where from outside, if that is known."""

    served: bool
    url: str | None


class KeyFormTexts(Protocol):
    """The labels of the form."""

    def scope_button(self, scope: Scope) -> str: ...
    def lasting_button(self, lasts: timedelta | None) -> str: ...
    def networks_button(self, count: int) -> str:
        """With how many there are already."""


class KeyLineWords(Protocol):
    """The words of one language."""

    new_key_button: str
    make_key_button: str
    anywhere_button: str
    copy_key_button: str

    _scope_buttons: ClassVar[Mapping[Scope, str]]
    _scopes: ClassVar[Mapping[Scope, str]]
    """In a list, within a sentence."""
    _lengths: ClassVar[Mapping[timedelta | None, str]]
    _may: str
    _works_until: str
    _no_end: str
    _ran_out: str
    _revoked: str
    _last_used: str
    _never_used: str
    _only_from: str
    _from_anywhere: str
    _made: str
    _works: str
    _tap_to_change: str
    _spends: str
    _ask_name: str
    _ask_networks: tuple[str, str]
    _is_key: tuple[str, str]

    def networks_button(self, count: int) -> str: ...
    def _key_named(self, name: str) -> str: ...
    def _examples(self, most: int) -> str: ...
    def _name_unfit(self, most: int) -> str: ...
    def _no_network(self, word: str) -> str: ...
    def _too_many_networks(self, most: int) -> str: ...


class KeyLines(Notation, KeyLineWords):
    """Keys in a list, on a card, and while they are being made."""

    _between: ClassVar[str] = ", "
    """Of things in a row."""

    def scope_button(self, scope: Scope) -> str:
        return self._scope_buttons[scope]

    def lasting_button(self, lasts: timedelta | None) -> str:
        return _begun(self._lasting(lasts))

    def _lasting(self, lasts: timedelta | None) -> str:
        if lasts is None or lasts in self._lengths:
            return self._lengths[lasts]
        return self.duration(lasts)

    def _allowed(self, scopes: AbstractSet[Scope]) -> str:
        return self._between.join(self._scopes[scope] for scope in Scope if scope in scopes)

    def _line(self, title: str, value: Text | str) -> Text:
        return Text(f"{title}{self.colon}", value)

    # Keys that there are

    def _listed(self, keys: Sequence[ApiKey]) -> list[Text | str]:
        """Some lines for each key: what it is called, may do, and when it was used."""
        rows: list[Text | str] = []
        for key in keys:
            used = self.day_and_time(key.used_at) if key.used_at else None
            last = self._never_used if used is None else f"{self._last_used}{self.colon}{used}"
            rows += [
                "",
                joined(" · ", [Bold(key.name), Text(key.shown)]),
                self._line(self._may, self._allowed(key.scopes)),
                f"{self._runs_until(key)} · {last}",
            ]
        return rows

    def _runs_until(self, key: ApiKey) -> str:
        if key.expires_at is None:
            return self._no_end
        return f"{self._works_until} {self.date(key.expires_at)}"

    def _details(self, key: ApiKey, now: datetime) -> list[Text | str]:
        """What there is to know of a key; `now` is the machine's time."""
        return [
            Text(key.shown),
            "",
            *self._standing(key, now),
            self._line(self._may, self._allowed(key.scopes)),
            self._line(self._only_from, _some(key.networks))
            if key.networks
            else self._from_anywhere,
            self._line(self._made, self.date(key.created_at)),
            self._line(_begun(self._last_used), self.moment(key.used_at))
            if key.used_at
            else _begun(self._never_used),
        ]

    def _standing(self, key: ApiKey, now: datetime) -> list[Text | str]:
        if key.revoked_at is not None:
            return [self._line(f"⛔ {self._revoked}", self.date(key.revoked_at))]
        if not key.lives_at(now) and key.expires_at is not None:
            return [self._line(f"⌛ {self._ran_out}", self.date(key.expires_at))]
        return [self._line(self._works, self._runs_until(key))]

    # One that is being made

    def _form(self, terms: KeyTerms) -> list[Text | str]:
        return [
            Bold(self._key_named(terms.name)),
            "",
            self._line(self._may, self._allowed(terms.scopes)),
            self._line(self._works, self._lasting(terms.lasts)),
            self._line(self._only_from, _some(terms.networks))
            if terms.networks
            else self._from_anywhere,
            *([f"⚠️ {self._spends}"] if Scope.SPEND in terms.scopes else []),
        ]

    def key_name_refused(self) -> Text:
        return Text(self._name_unfit(LONGEST_NAME))

    def ask_networks(self) -> Text:
        what, how = self._ask_networks
        return lines(Bold(what), how, self._examples(MOST_NETWORKS))

    def network_refused(self, word: str) -> Text:
        """A word that is none; without one, there were too many."""
        if not word:
            return Text(self._too_many_networks(MOST_NETWORKS))
        return lines(Bold(self._no_network(_cut(word))), self._examples(MOST_NETWORKS))

    def looks_like_api_key(self) -> Text:
        what, then = self._is_key
        return lines(Bold(what), then)


def _some(networks: Sequence[Network]) -> str:
    """The first of them; a single address without its length."""
    shown = [str(each).removesuffix(f"/{each.max_prefixlen}") for each in networks]
    left_out = len(shown) - _SHOWN_NETWORKS
    return ", ".join(shown[:_SHOWN_NETWORKS]) + (f" +{left_out}" if left_out > 0 else "")


def _begun(words: str) -> str:
    """Words where a line begins."""
    return words[:1].upper() + words[1:]


def key_label(key: ApiKey) -> str:
    """For a button: its name, as much of it as fits."""
    return _cut(key.name)


def _cut(words: str) -> str:
    """At most so many characters, of which a message counts two for some."""
    if utf16_length(words) <= _LONGEST_LABEL:
        return words
    while utf16_length(words) >= _LONGEST_LABEL:
        words = words[:-1].rstrip()
    return f"{words}…"
