"""How amounts, times and lengths of time are written, whatever the language.

Two kinds of amounts: the exact one, which a person copies into a wallet, has six decimals and
nothing else in any language; all others are for reading.
"""

from __future__ import annotations

from datetime import datetime, timedelta

SUN_PER_TRX = 1_000_000

NO_BREAK_SPACE = "\u00a0"


def exact_trx(sun: int) -> str:
    """An amount to be paid to the last sun: ``13.370042``, without grouping or unit."""
    return f"{sun // SUN_PER_TRX}.{sun % SUN_PER_TRX:06d}"


def grouped(value: int, separator: str = ",") -> str:
    """A whole number in groups of three: ``65,000``."""
    return f"{value:,}".replace(",", separator)


def rounded_trx(sun: int, separator: str = ",") -> str:
    """An amount to two decimals, for comparisons: the half is rounded up."""
    cents = (sun + 5_000) // 10_000
    return f"{grouped(cents // 100, separator)}.{cents % 100:02d}"


def price_trx(sun: int, separator: str = ",") -> str:
    """A price to two decimals, rounded up: what is paid is not more than what was said."""
    return rounded_trx(-(-sun // 10_000) * 10_000, separator)


def readable_tokens(units: int, decimals: int, separator: str = ",") -> str:
    """A token's amount to two decimals, rounded down: nobody is promised a cent they do not have.

    `units` are the token's smallest.
    """
    cents = units * 100 // 10**decimals
    return f"{grouped(cents // 100, separator)}.{cents % 100:02d}"


def short_address(address: str) -> str:
    """An address for a list or a label: its first and last six characters."""
    return f"{address[:6]}…{address[-6:]}"


def clock(moment: datetime) -> str:
    """The time of day: ``15:42 UTC``."""
    return f"{moment:%H:%M} UTC"


def days_hours_minutes(duration: timedelta) -> tuple[int, int, int]:
    """A length of time, rounded to the minute, in the units people say it in."""
    minutes = round(duration.total_seconds() / 60)
    return minutes // 1440, minutes % 1440 // 60, minutes % 60


def saved_percent(price_sun: int, burn_sun: int) -> int:
    """How much less `price_sun` is than `burn_sun`, in whole per cent, rounded down."""
    return (burn_sun - price_sun) * 100 // burn_sun if burn_sun > price_sun else 0


USE_STAYS_VISIBLE = timedelta(hours=23)
"""The network forgets the use of energy within 24 hours: when energy goes back later than this
after it came, nothing that shows then says what was used at the beginning."""


def saved_by_use(*, paid_sun: int, burn_sun: int, energy: int, energy_used: int) -> int:
    """What `energy_used` of a rental saved against burning, in sun; 0 if it did not pay off.

    `burn_sun` is what all transfers would have burned. They need a little less than what was
    rented, which has a margin: nine tenths used count as all of it.
    """
    return max(burn_sun * min(energy_used * 10, energy * 9) // (energy * 9) - paid_sun, 0)


def russian_plural(count: int, one: str, few: str, many: str) -> str:
    """The form a noun takes after a whole number (the plural rules of CLDR for Russian)."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14):
        return few
    return many


def utf16_length(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2
