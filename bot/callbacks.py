"""What the buttons carry: the only place with prefixes.

Telegram gives a button 64 bytes. What arrives here may come from any client and name anything:
ids are looked up together with the person who tapped, never trusted alone. A field added to a
class makes its old buttons unreadable, so it takes a new prefix.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from services.held import Choice

# What the database can look up: anything else was made up.
Positive = Annotated[int, Field(ge=1, lt=2**63)]


class Place(StrEnum):
    """Where a button of the menu leads."""

    MENU = "m"
    RENT = "r"
    LANGUAGE = "l"
    HELP = "h"
    BALANCE = "b"
    PAY_OUT = "o"
    PROVE = "p"
    API_KEYS = "k"
    NEW_KEY = "n"


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


class ChooseToken(CallbackData, prefix="k"):
    """Send USDT, or another token: then its address is asked for."""

    draft: str
    usdt: bool


class CountOwn(CallbackData, prefix="s"):
    """Buy only what the wallet's own energy falls short of, or all of it."""

    draft: str
    own: bool


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
    PAY = "b"
    EXTEND = "e"
    END = "n"
    END_NOW = "k"


class OrderTap(CallbackData, prefix="o"):
    order: UUID
    do: Do


class ExtendBy(CallbackData, prefix="x"):
    """So much more time for a rental, at the price that was said."""

    order: UUID
    seconds: Annotated[int, Field(ge=1, lt=10**9)]
    sun: Positive


class OrdersPage(CallbackData, prefix="p"):
    page: int


class Choose(CallbackData, prefix="c"):
    """What its customer wants done with a payment that pays no order."""

    payment: Positive
    choice: Choice


class PayOut(CallbackData, prefix="y"):
    """Pay the balance out to this address: asks once more."""

    to: str


class PayOutNow(CallbackData, prefix="z"):
    """Pay out this much, as it was said. A second tap finds the balance empty."""

    to: str
    sun: Positive


class Prove(CallbackData, prefix="v"):
    """Prove that this address is one's own."""

    address: str


class KeyDoing(StrEnum):
    """What to do with an API key."""

    LOOK = "l"
    REVOKE = "r"
    REVOKE_NOW = "x"


class KeyTap(CallbackData, prefix="i"):
    key: UUID
    do: KeyDoing


class KeyPart(StrEnum):
    """What can be said about an API key before it is made."""

    READ = "r"
    ORDER = "o"
    SPEND = "s"
    WEBHOOKS = "w"
    MONTH = "m"
    YEAR = "y"
    FOR_EVER = "e"
    NETWORKS = "n"
    ANYWHERE = "a"
    FORM = "f"
    MAKE = "k"


class ShapeKey(CallbackData, prefix="j"):
    """Change the key that is being made, or make it."""

    draft: str
    part: KeyPart


class Nothing(CallbackData, prefix="-"):
    """A button that only shows something."""
