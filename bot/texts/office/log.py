"""The log of who did what: which lines its cards have, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.notation import Notation, lines
from services.trail import Entry

_MOST_CHANGES = 15
_LONGEST_VALUE = 160
_LONGEST_SUBJECT = 80
_NOTHING = "—"


class LogWords(Protocol):
    """The words of one language."""

    newest_button: str
    older_button: str
    by_person_button: str
    by_subject_button: str
    everything_button: str

    _log: str
    _nothing_yet: str

    def _of_person(self, actor_id: int) -> str: ...
    def _about(self, subject: str) -> str: ...

    _program: str
    _whose: str
    _about_what: str

    def _nobody_did(self, words: str) -> str: ...

    _which_subject: str
    _why: str
    _changed: str

    def _more_changes(self, left_out: int) -> str: ...


class LogTexts(Notation, LogWords):
    """Pages of the log, and one entry."""

    def page(self, entries: Sequence[Entry], actor_id: int | None, subject: str | None) -> Text:
        return lines(
            Bold(self._log),
            None if actor_id is None else self._of_person(actor_id),
            None if subject is None else self._about(_cut(subject, _LONGEST_SUBJECT)),
            "",
            *([self._line(entry) for entry in entries] or [self._nothing_yet]),
        )

    def _line(self, entry: Entry) -> str:
        about = f" · {_cut(entry.subject, _LONGEST_SUBJECT)}" if entry.subject else ""
        return (
            f"{self.day_and_time(entry.at)} · {self._who(entry)} · "
            f"{entry.act.replace('_', ' ')}{about}"
        )

    def _who(self, entry: Entry) -> str:
        return self._program if entry.actor_id is None else f"{entry.role} {entry.actor_id}"

    @staticmethod
    def entry_button(entry: Entry) -> str:
        return _cut(f"{entry.id} · {entry.act.replace('_', ' ')}", 40)

    def entry(self, entry: Entry) -> Text:
        """What was done, by whom and why; before → after, where something changed."""
        changes = list(changed(entry.before or {}, entry.after or {}))
        left_out = len(changes) - _MOST_CHANGES
        return lines(
            Bold(f"{entry.id} · {entry.act.replace('_', ' ')}"),
            Text(self.moment(entry.at), f" · {self._who(entry)}"),
            self.copied(_cut(entry.subject, 2 * _LONGEST_SUBJECT)) if entry.subject else None,
            f"{self._why}{entry.reason}" if entry.reason else None,
            *(("", Bold(self._changed)) if changes else ()),
            *changes[:_MOST_CHANGES],
            self._more_changes(left_out) if left_out > 0 else None,
        )

    def ask_whose(self) -> Text:
        return Text(self._whose)

    def ask_about(self) -> Text:
        return Text(self._about_what)

    def which_subject(self) -> Text:
        return Text(self._which_subject)

    @staticmethod
    def subject_button(subject: str) -> str:
        return _cut(subject, 44)

    def not_found(self, words: str) -> str:
        return self._nobody_did(_cut(words, _LONGEST_SUBJECT))


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """``price: 40 → 38`` for each value that is not as it was."""
    old, new = dict(_flat(before)), dict(_flat(after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"{name}: {_shown(old.get(name))} → {_shown(new.get(name))}"


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _shown(value: object) -> str:
    if value is None or value in ("", []):
        return _NOTHING
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return _cut(str(value), _LONGEST_VALUE)


def _cut(text: str, longest: int) -> str:
    """On one line, and no longer than that."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
