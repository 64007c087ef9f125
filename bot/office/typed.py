"""Reading what staff type where it has to be exact: amounts, numbers, times, and secrets."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_SUN_PER_TRX = 1_000_000
# A point or a comma before decimals; blanks between groups of three. `1,000` could be a thousand
# or one: it is not guessed.
_AMOUNT = re.compile(r"(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,12})(?:[.,](\d+))?")
_AMBIGUOUS = re.compile(r"\d{1,3},\d{3}")
_WHOLE = re.compile(r"[+-]?(?:\d{1,3}(?:[ \u00a0\u202f,]\d{3})+|\d{1,18})")
_TRX = re.compile(r"\s*trx\s*$", re.IGNORECASE)
_KEY = re.compile(r"(?<![0-9a-z])(?:0x)?[0-9a-f]{64}(?![0-9a-z])", re.IGNORECASE)
_HOURS = re.compile(r"(\d{1,5}(?:\.\d{1,4})?)\s*(h|hours?|d|days?)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_NOTHING = frozenset("-–—−")


def is_nothing(words: str) -> bool:
    """Whether a bound is to be taken away: the answer is a dash."""
    return words.strip() in _NOTHING


def read_sun(words: str) -> int | None:
    """An amount of TRX in sun, exactly: ``12.5``, ``1 000,25 TRX``; None if it is unclear.

    More than six decimals are no amount, and neither is anything with a sign.
    """
    words = _TRX.sub("", unicodedata.normalize("NFKC", words).strip())
    found = _AMOUNT.fullmatch(words)
    if found is None or _AMBIGUOUS.fullmatch(words) or len(found[2] or "") > 6:
        return None
    whole = re.sub(r"\D", "", found[1])
    return int(Decimal(f"{whole}.{found[2] or 0}") * _SUN_PER_TRX)


def read_whole(words: str) -> int | None:
    """A whole number, which may have a sign; None if it is anything else."""
    words = unicodedata.normalize("NFKC", words).strip().replace("−", "-")
    if _WHOLE.fullmatch(words) is None:
        return None
    return int(re.sub(r"[^\d-]", "", words))


def looks_like_key(words: str) -> bool:
    """Whether there are 64 hexadecimal digits, which where no txid is asked for are a key."""
    return _KEY.search(words) is not None


def read_hours(words: str) -> Decimal | None:
    """A length of time in hours: ``6``, ``0.5``, ``3d``; None if it is unclear."""
    words = unicodedata.normalize("NFKC", words).strip().lower().replace(",", ".")
    found = _HOURS.fullmatch(words)
    if found is None:
        return None
    return Decimal(found[1]) * (24 if found[2] and found[2].startswith("d") else 1)


def read_steps(words: str) -> tuple[tuple[int, int], ...] | None:
    """Lines such as ``700000: 30``: from so much energy on so much sun; None if one is unclear."""
    steps = []
    for line in re.split(r"[\n;]", words.strip()):
        energy, colon, sun = unicodedata.normalize("NFKC", line).partition(":")
        step = read_whole(energy), read_whole(sun)
        if not colon or step[0] is None or step[1] is None:
            return None
        steps.append((step[0], step[1]))
    return tuple(steps)


def read_moment(words: str, now: datetime) -> datetime | None:
    """A time in UTC: ``2026-11-28 12:00``, or ``12:00``, which is the next one after `now`."""
    words = unicodedata.normalize("NFKC", words).strip().upper().removesuffix("UTC").strip()
    try:
        if _CLOCK.fullmatch(words):
            hour, minute = map(int, words.split(":"))
            today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
            return today if today > now else today + timedelta(days=1)
        return datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None
