"""What all areas of the office say: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Text

from bot.texts.notation import Notation, lines
from services.acts import ActFault


class CommonWords(Protocol):
    """The words of one language."""

    back_button: str
    never_mind_button: str
    no_reason_button: str
    do_it_button: str
    commands: tuple[tuple[str, str], ...]
    """The office's own in Telegram's menu, and what each does."""

    _rooms: ClassVar[Mapping[str, str]]
    _why: str
    _because: str
    _left: str
    _refused: ClassVar[Mapping[ActFault, str]]


class CommonTexts(Notation, CommonWords):
    """Doors, reasons, and the question whether somebody is sure."""

    def room_button(self, room: str) -> str:
        return self._rooms[room]

    def why(self, about: Text | None) -> Text:
        """The question for a reason, below what it is about."""
        return lines(about, "" if about else None, self._why)

    def sure(self, meaning: Text, reason: str) -> Text:
        return lines(meaning, *(("", f"{self._because}{reason}") if reason else ()))

    def left(self) -> Text:
        return Text(self._left)

    def act_refused(self, fault: ActFault) -> str:
        """A toast."""
        return self._refused[fault]
