"""What the staff read about broadcasts: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.notation import Notation, lines
from services.broadcasts import Activity, Broadcast, BroadcastState
from services.customers import Language

_BAR = 20


class BroadcastWords(Protocol):
    """The words of one language."""

    new_button: str
    preview_button: str
    pause_button: str
    go_on_button: str
    cancel_button: str
    not_copied: str
    """A toast, as is the next one."""
    not_possible: str

    _room: tuple[str, str]
    _none_yet: str
    _ask: tuple[str, str]
    _cannot_copy: str
    _draft: tuple[str, str]
    _languages: ClassVar[Mapping[Language | None, str]]
    _activities: ClassVar[Mapping[Activity, str]]
    _states: ClassVar[Mapping[BroadcastState, str]]
    _for_whom: str
    _arrived: str
    _blocked: str
    _undelivered: str
    _remaining: str
    _message_gone: str
    _notices_first: str

    def send_button(self, people: int) -> str: ...
    def _and_more(self, count: int) -> str: ...
    def _people(self, count: int) -> str: ...
    def _start_means(self, people: int, minutes: int) -> tuple[str, ...]: ...
    def _cancel_means(self, had: int, remaining: int) -> tuple[str, ...]: ...


class BroadcastTexts(Notation, BroadcastWords):
    """Composing a broadcast, how far it is, and the earlier ones."""

    def language_button(self, language: Language | None, *, chosen: bool) -> str:
        return _chosen(self._languages[language], chosen=chosen)

    def activity_button(self, activity: Activity, *, chosen: bool) -> str:
        return _chosen(self._activities[activity], chosen=chosen)

    def earlier_button(self, broadcast: Broadcast) -> str:
        done = broadcast.people - broadcast.remaining
        return (
            f"{_SIGNS[broadcast.state]} {self.number_sign}{broadcast.id} · "
            f"{self.number(done)}/{self.number(broadcast.people)} · "
            f"{self.day_and_time(broadcast.created_at)}"
        )

    def room(self, shown: int, total: int) -> Text:
        title, how = self._room
        if not total:
            return lines(Bold(title), how, "", self._none_yet)
        more = self._and_more(total - shown) if total > shown else None
        return lines(Bold(title), how, *(("", more) if more else ()))

    def ask(self) -> Text:
        what, how = self._ask
        return lines(Bold(what), how)

    def cannot_copy(self) -> Text:
        _, how = self._ask
        return lines(Bold(self._cannot_copy), how)

    def draft(self, broadcast: Broadcast) -> Text:
        above, whom = self._draft
        return lines(
            above,
            "",
            Bold(whom),
            self._audience(broadcast),
            Bold(self._people(broadcast.people)),
        )

    def progress(self, broadcast: Broadcast) -> Text:
        """How far it is, with a bar."""
        done = broadcast.people - broadcast.remaining
        return lines(
            Bold(
                f"{_SIGNS[broadcast.state]} {self.number_sign}{broadcast.id} · "
                f"{self._states[broadcast.state]}"
            ),
            broadcast.title or None,
            Text(f"{self._for_whom}{self.colon}", self._audience(broadcast)),
            "",
            f"{bar(done, broadcast.people)} {self.number(done)}/{self.number(broadcast.people)}",
            f"✅ {self._arrived}{self.colon}{self.number(broadcast.delivered)}",
            f"🔕 {self._blocked}{self.colon}{self.number(broadcast.blocked)}",
            f"✖️ {self._undelivered}{self.colon}{self.number(broadcast.failed)}",
            f"⏳ {self._remaining}{self.colon}{self.number(broadcast.remaining)}",
            *(("", self._message_gone) if broadcast.message_gone else ()),
            *(("", self._notices_first) if broadcast.state is BroadcastState.SENDING else ()),
        )

    def _audience(self, broadcast: Broadcast) -> str:
        return f"{self._languages[broadcast.language]} · {self._activities[broadcast.activity]}"

    def start_means(self, broadcast: Broadcast, per_second: float) -> Text:
        minutes = max(1, round(broadcast.people / per_second / 60))
        first, *rest = self._start_means(broadcast.people, minutes)
        return lines(Bold(first), self._audience(broadcast), *rest)

    def cancel_means(self, broadcast: Broadcast) -> Text:
        first, *rest = self._cancel_means(broadcast.delivered, broadcast.remaining)
        return lines(Bold(first), *rest)


_SIGNS: Mapping[BroadcastState, str] = {
    BroadcastState.DRAFT: "📝",
    BroadcastState.SENDING: "📣",
    BroadcastState.PAUSED: "⏸",
    BroadcastState.CANCELLED: "🚫",
    BroadcastState.DONE: "🏁",
}


def bar(done: int, of: int) -> str:
    """How much is done: full only when all is, empty only when nothing is."""
    if of <= 0:
        return "█" * _BAR
    full = done * _BAR // of
    if done > 0:
        full = max(full, 1)
    return "█" * full + "░" * (_BAR - full)


def _chosen(label: str, *, chosen: bool) -> str:
    return f"● {label}" if chosen else label
