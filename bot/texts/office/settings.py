"""Settings of a running shop: which lines its cards have, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import Notation, lines
from services.live_settings import Kind, Setting


class SettingsWords(Protocol):
    """The words of one language."""

    change_button: str
    switch_on_button: str
    switch_off_button: str
    reset_button: str
    is_so_already: str

    names: ClassVar[Mapping[str, str]]
    _what_it_does: ClassVar[Mapping[str, str]]
    _settings: str
    _at_once: str
    _changed_mark: str
    _on: str
    _off: str

    def _minutes(self, count: int) -> str: ...
    def _energy(self, energy: str) -> str: ...
    def _is_now(self, value: str) -> str: ...
    def _from_the_file(self) -> str: ...
    def _changed_by(self, by: int, at: Text, in_file: str) -> Text: ...
    def _may_be(self, least: str, most: str) -> str: ...

    _how_much: str
    _in_trx: str
    _in_minutes: str
    _in_percent: str
    _as_a_number: str


class SettingsTexts(Notation, SettingsWords):
    """The list, one setting, and the question for another value."""

    def name(self, key: str) -> str:
        return self.names[key]

    def room(self, settings: Sequence[Setting]) -> Text:
        return lines(
            Bold(self._settings),
            self._at_once,
            "",
            *(
                f"{self.names[each.key]}{self.colon}{self._shown(each.kind, each.value)}"
                f"{self._changed_mark if each.changed else ''}"
                for each in settings
            ),
        )

    def one(self, setting: Setting) -> Text:
        """What it is, what it does, and where its value is from."""
        origin: Text | str = self._from_the_file()
        if setting.by is not None and setting.at is not None:
            in_file = self._shown(setting.kind, setting.from_file)
            origin = self._changed_by(setting.by, self.moment(setting.at), in_file)
        return lines(
            Bold(self.names[setting.key]),
            self._is_now(self._shown(setting.kind, setting.value)),
            self._what_it_does[setting.key],
            origin,
            self.copied(setting.key),
        )

    def ask_value(self, setting: Setting) -> Text:
        return lines(
            Bold(self.names[setting.key]),
            self._is_now(self._shown(setting.kind, setting.value)),
            f"{self._how_much} {self._unit(setting.kind)}",
        )

    def wrong_value(self, setting: Setting, least: int, most: int) -> str:
        return self._may_be(self._shown(setting.kind, least), self._shown(setting.kind, most))

    def will_change(self, setting: Setting, value: int | bool) -> Text:
        before, after = (self._shown(setting.kind, each) for each in (setting.value, value))
        return lines(
            Bold(self.names[setting.key]),
            f"{before} → {after}",
            self._what_it_does[setting.key],
        )

    def _shown(self, kind: Kind, value: int | bool) -> str:
        match kind:
            case Kind.SWITCH:
                return self._on if value else self._off
            case Kind.SUN:
                return f"{exact_trx(value)} TRX"
            case Kind.PERCENT:
                return f"{value} %"
            case Kind.MINUTES:
                return self._minutes(value)
            case Kind.ENERGY:
                return self._energy(self.number(value))
            case Kind.COUNT:
                return self.number(value)

    def _unit(self, kind: Kind) -> str:
        match kind:
            case Kind.SUN:
                return self._in_trx
            case Kind.MINUTES:
                return self._in_minutes
            case Kind.PERCENT:
                return self._in_percent
            case _:
                return self._as_a_number
