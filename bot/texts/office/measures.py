"""Shares and short lengths of time, as figures are written."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import ClassVar

from bot.texts.figures import NO_BREAK_SPACE, exact_trx

_SECOND = timedelta(seconds=1)


class Measures:
    """What a language adds: its short words for hours, minutes and seconds."""

    unmeasured: ClassVar[str] = "–"
    colon: ClassVar[str] = ": "
    _units: ClassVar[tuple[str, str, str]]

    def took(self, time: timedelta) -> str:
        """``9 s``, ``1 min 30 s``: rounded up to the second, and never below zero."""
        seconds = max(0, -(-time // _SECOND))
        hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
        parts = [
            f"{count}{NO_BREAK_SPACE}{unit}"
            for count, unit in zip((hours, minutes, rest), self._units, strict=True)
            if count
        ]
        return " ".join(parts) or f"0{NO_BREAK_SPACE}{self._units[2]}"

    def share(self, share: Fraction | None) -> str:
        """``99.95 %``: rounded down, so that all of it is only said of all of it."""
        if share is None:
            return self.unmeasured
        hundredths = share.numerator * 10_000 // share.denominator
        return f"{hundredths // 100}.{hundredths % 100:02d}{NO_BREAK_SPACE}%"


def exact_trx_signed(sun: int) -> str:
    """An amount to the last sun; below zero it begins with a minus."""
    return exact_trx(sun) if sun >= 0 else f"−{exact_trx(-sun)}"


def capital(words: str) -> str:
    """The same where a line begins."""
    return words[:1].upper() + words[1:]
