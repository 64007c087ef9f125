"""The log of who did what: which lines its cards have, and when; a language has the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import Notation, lines
from services.staff import Actor
from services.trail import Entry

_MOST_CHANGES = 15
_LONGEST_VALUE = 160
_LONGEST_SUBJECT = 80
_LONGEST_NAME = 32
_NOTHING = "—"
# Whose values are words of the program's; all others are what somebody wrote, or figures.
_OF_WORDS = frozenset(
    {"status", "state", "compensation", "risk_decision", "waits_for", "language", "activity"}
)
_IN_SUN = frozenset({"sun", "price.minimum"})
_BARE_SUN = frozenset({"cost_sun", "price.sun"})
_MOMENTS = frozenset({"since", "expires_at", "ended_at", "from", "price.start"})
_EXPORTED = re.compile(r"(\w+) of the (\w+) of ([\d-]+)")


class LogWords(Protocol):
    """The words of one language."""

    newest_button: str
    older_button: str
    by_person_button: str
    by_subject_button: str
    everything_button: str
    same_person_button: str
    same_subject_button: str

    _acts: ClassVar[Mapping[str, str]]
    """What was done, by what the log calls it."""
    _roles: ClassVar[Mapping[str, str]]
    _subjects: ClassVar[Mapping[str, str]]
    """Kinds of things that are done something to."""
    _settings: ClassVar[Mapping[str, str]]
    _alert_titles: ClassVar[Mapping[Any, str]]
    _fields: ClassVar[Mapping[str, str]]
    """What changes."""
    _values: ClassVar[Mapping[str, str]]
    _books: ClassVar[Mapping[str, str]]
    _spans: ClassVar[Mapping[str, str]]
    _languages: ClassVar[Mapping[str, str]]

    def _of_person(self, who: str) -> str: ...
    def _about(self, subject: str) -> str: ...
    def _export(self, book: str, span: str, day: str) -> str: ...

    _log: str
    _nothing_yet: str
    _program: str
    _button: str
    _whose: str
    _about_what: str

    def _nobody_did(self, words: str) -> str: ...
    def _nobody_is(self, words: str) -> str: ...

    _which_subject: str
    _why: str
    _changed: str

    def _more_changes(self, left_out: int) -> str: ...


class LogTexts(Notation, LogWords):
    """Pages of the log, and one entry."""

    def page(self, entries: Sequence[Entry], actor_id: int | None, subject: str | None) -> Text:
        return lines(
            Bold(self._log),
            None if actor_id is None else self._of_person(self._name(entries, actor_id)),
            None if subject is None else self._about(self.subject(subject)),
            "",
            *([self._line(entry) for entry in entries] or [self._nothing_yet]),
        )

    def _line(self, entry: Entry) -> str:
        about = f" · {self.subject(entry.subject)}" if entry.subject else ""
        return f"{self.day_and_time(entry.at)} · {self._who(entry)} · {self.act(entry.act)}{about}"

    def _name(self, entries: Sequence[Entry], actor_id: int) -> str:
        names = [entry.actor_name for entry in entries if entry.actor_name]
        opening, closing = self.brackets
        named = f"{_cut(names[0], _LONGEST_NAME)}{opening}{actor_id}{closing}" if names else None
        return named or str(actor_id)

    def _who(self, entry: Entry) -> str:
        if entry.actor_id is None:
            return self._program
        name = _cut(entry.actor_name or str(entry.actor_id), _LONGEST_NAME)
        return f"{name}{self.comma}{self.role(entry.role or '')}"

    def act(self, act: str) -> str:
        """What was done."""
        return self._acts.get(act, act.replace("_", " "))

    def role(self, role: str) -> str:
        """What somebody was when they did it."""
        return self._roles.get(role, role)

    def subject(self, subject: str) -> str:
        """What it was done to, on one line."""
        return _cut(self._subject(subject), _LONGEST_SUBJECT)

    def _subject(self, subject: str) -> str:
        kind, _, name = subject.partition(" ")
        if subject.startswith("~"):
            return f"{self._button} {subject}"
        if exported := _EXPORTED.fullmatch(subject):
            book, span, day = exported.groups()
            return self._export(self._books.get(book, book), self._spans.get(span, span), day)
        word = self._subjects.get(kind)
        if word is None:
            return subject
        if kind == "alert":
            number, _, rest = name.partition(" ")
            title, *about = rest.split() or [""]
            told = f"{word} {number}{self.colon}{self._alert_titles.get(title, title)}"
            known = len(about) > 1 and about[0] in self._subjects
            return f"{told} · {self._subject(' '.join(about[:2]))}" if known else told
        if kind == "price" and name.isdecimal():
            name = self.duration(timedelta(seconds=int(name)))
        elif kind == "setting":
            name = self._settings.get(name, name)
        elif kind == "order":
            name = f"{self.number_sign}{name}"
        return f"{word} {name}".strip()

    def stored(self, words: str) -> str:
        """What the log calls what somebody typed, who knows it by the words of their language."""
        words = " ".join(words.split())
        for key, name in self._settings.items():
            if words.lower() in (name.lower(), self.subject(f"setting {key}").lower()):
                return f"setting {key}"
        for kind, word in self._subjects.items():
            if words.lower().startswith(word.lower()):
                name = words[len(word) :].strip().lstrip("#№")
                return f"{kind} {name}".strip()
        return words.lstrip("#№") or words

    def entry_button(self, entry: Entry) -> str:
        about = f" · {self.subject(entry.subject)}" if entry.subject else ""
        return _cut(f"{entry.id} · {self.act(entry.act)}{about}", 44)

    def entry(self, entry: Entry) -> Text:
        """What was done, by whom and why; before → after, where something changed."""
        changes = list(self._changes(entry))
        left_out = len(changes) - _MOST_CHANGES
        known = entry.actor_id is not None and entry.actor_name
        return lines(
            Bold(f"{entry.id} · {self.act(entry.act)}"),
            Text(
                self.moment(entry.at),
                f" · {self._who(entry)}",
                *((" · ", self.copied(str(entry.actor_id))) if known else ()),
            ),
            self._about_entry(entry.subject),
            f"{self._why}{entry.reason}" if entry.reason else None,
            *(("", Bold(self._changed)) if changes else ()),
            *changes[:_MOST_CHANGES],
            self._more_changes(left_out) if left_out > 0 else None,
        )

    def _about_entry(self, subject: str) -> Text | None:
        """The thing, with what can be looked for elsewhere to be copied."""
        if not subject:
            return None
        kind, _, name = subject.partition(" ")
        if kind in ("pool", "address", "user") and name:
            named = _cut(name, 2 * _LONGEST_SUBJECT)
            return Text(f"{self._subjects[kind]} ", self.copied(named))
        if subject.startswith(("~", "/")):
            return self.copied(_cut(subject, 2 * _LONGEST_SUBJECT))
        return Text(_cut(self._subject(subject), 2 * _LONGEST_SUBJECT))

    def _changes(self, entry: Entry) -> Iterator[str]:
        for name, old, new in changed(entry.before or {}, entry.after or {}):
            old_value, new_value = self._value(name, old), self._value(name, new)
            yield f"{self.field(name)}{self.colon}{old_value} → {new_value}"

    def field(self, name: str) -> str:
        """What changes, as the reader calls it."""
        whole, _, part = name.partition(".")
        if whole == "messages":
            opening, closing = self.brackets
            language = self._languages.get(part, part)
            return f"{self._fields['messages']}{opening}{language}{closing}"
        return self._settings.get(name) or self._fields.get(name, name.replace("_", " "))

    def _value(self, name: str, value: object) -> str:
        if value is None or value in ("", []):
            return _NOTHING
        if isinstance(value, bool):
            return self._values["yes" if value else "no"]
        if isinstance(value, list):
            told = [self._values.get(str(each), str(each)) for each in value]
            return _cut(", ".join(told), _LONGEST_VALUE)
        if isinstance(value, int) and name in _BARE_SUN:
            return f"{self.number(value)} sun"
        if isinstance(value, int) and (name in _IN_SUN or name.endswith("_sun")):
            return f"{exact_trx(value)} TRX"
        if name in _MOMENTS:
            return self._moment(str(value))
        if name in _OF_WORDS:
            value = self._values.get(str(value), value)
        return _cut(str(value), _LONGEST_VALUE)

    def _moment(self, iso: str) -> str:
        try:
            return f"{self.day_and_time(datetime.fromisoformat(iso))} UTC"
        except ValueError:
            return iso

    def ask_whose(self) -> Text:
        return Text(self._whose)

    def ask_about(self) -> Text:
        return Text(self._about_what)

    def which_subject(self) -> Text:
        return Text(self._which_subject)

    def staff_button(self, actor: Actor) -> str:
        return f"{self.role(actor.role)} {actor.id}"

    def subject_button(self, subject: str) -> str:
        return _cut(self._subject(subject), 44)

    def not_found(self, words: str) -> str:
        return self._nobody_did(_cut(words, _LONGEST_SUBJECT))

    def nobody(self, words: str) -> str:
        return self._nobody_is(_cut(words, _LONGEST_SUBJECT))


def changed(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, object, object]]:
    """Name, old and new of each value that is not as it was."""
    old, new = dict(_flat(before)), dict(_flat(after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _cut(text: str, longest: int) -> str:
    """On one line, and no longer than that."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
