"""What the buttons carry: the only place with prefixes.

Telegram gives a button 64 bytes. What arrives here may come from any client and name anything:
ids are looked up together with the person who tapped, never trusted alone. A field added to a
class makes its old buttons unreadable, so it takes a new prefix.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class Place(StrEnum):
    """Where a button of the menu leads."""

    MENU = "m"
    RENT = "r"
    LANGUAGE = "l"
    HELP = "h"


class Go(CallbackData, prefix="g"):
    """To a place of the menu."""

    place: Place


class ChooseLanguage(CallbackData, prefix="l"):
    language: str


class ChooseSender(CallbackData, prefix="a"):
    """This address will send the USDT."""

    address: str


class Step(StrEnum):
    """A question on the way to a quote."""

    DESTINATION = "w"
    TRANSFERS = "n"
    DURATION = "d"
    QUOTE = "q"


class BackTo(CallbackData, prefix="b"):
    """Ask a question of this draft again."""

    draft: str
    step: Step


class ChooseReceiver(CallbackData, prefix="w"):
    """Whether the receiver of the USDT already holds some."""

    draft: str
    holds_token: bool


class ChooseTransfers(CallbackData, prefix="n"):
    draft: str
    transfers: int


class ChooseDuration(CallbackData, prefix="d"):
    """There is one active price per duration, and an id of a price may not fit a button."""

    draft: str
    seconds: int


class PlaceOrder(CallbackData, prefix="q"):
    """Make a quote an order; if it has lapsed, the draft says what to quote again."""

    quote: UUID
    draft: str


class Do(StrEnum):
    """What to do with an order."""

    OPEN = "o"
    REFRESH = "r"
    CANCEL = "x"
    AGAIN = "a"


class OrderTap(CallbackData, prefix="o"):
    order: UUID
    do: Do


class OrdersPage(CallbackData, prefix="p"):
    page: int


class Nothing(CallbackData, prefix="-"):
    """A button that only shows something."""
