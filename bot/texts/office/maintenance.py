"""Maintenance: which lines its cards have, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.notation import Notation, lines
from services.customers import Language
from services.maintenance import Closure, Unfinished


class MaintenanceWords(Protocol):
    """The words of one language."""

    stop_orders_button: str
    take_orders_button: str

    _language_names: ClassVar[Mapping[Language, str]]
    _orders_are_taken: str

    def _no_orders_since(self, since: Text, by: int | None) -> Text: ...
    def _goes_on(self, unpaid: int, paid: int) -> str: ...

    _unasked_is_held: str
    _customers_read: str
    _usual_words: str

    def _write_in(self, language: str) -> str: ...
    def _usual_in(self, language: str) -> str: ...
    def _what_to_say(self, language: str, longest: int) -> str: ...
    def _too_long(self, longest: int) -> str: ...

    _nobody_can_order: str
    _everybody_can_order: str

    def _will_read(self, language: str) -> str: ...
    def _will_read_the_usual(self, language: str) -> str: ...


class MaintenanceTexts(Notation, MaintenanceWords):
    """New orders stopped and let in again, and what customers read about it."""

    def room(self, state: Closure, unfinished: Unfinished) -> Text:
        head = Bold(self._orders_are_taken)
        if state.closed and state.since is not None:
            head = Bold(self._no_orders_since(self.moment(state.since), state.by))
        return lines(
            head,
            self._goes_on(unfinished.unpaid, unfinished.paid) if state.closed else None,
            "",
            self._customers_read,
            *(
                f"{self._language_names[language]}{self.colon}"
                f"{state.words(language) or self._usual_words}"
                for language in Language
            ),
        )

    def write_button(self, language: Language) -> str:
        return self._write_in(self._language_names[language])

    def usual_button(self, language: Language) -> str:
        return self._usual_in(self._language_names[language])

    def ask_words(self, language: Language, longest: int) -> Text:
        return Text(self._what_to_say(self._language_names[language], longest))

    def too_long(self, longest: int) -> str:
        return self._too_long(longest)

    def will_stop(self, unfinished: Unfinished) -> Text:
        return lines(
            Bold(self._nobody_can_order),
            self._goes_on(unfinished.unpaid, unfinished.paid),
            self._unasked_is_held,
        )

    def will_go_on(self) -> Text:
        return Text(self._everybody_can_order)

    def will_read(self, language: Language, words: str) -> Text:
        name = self._language_names[language]
        if not words:
            return Text(self._will_read_the_usual(name))
        return lines(self._will_read(name), words)
