"""What the office's buttons carry. Their prefixes begin with ``~``: the office's alone do.

As everywhere, what arrives may come from any client. Whether somebody may tap at all is decided by
`right`, in one place (`bot/office/access.py`), before a handler sees the tap.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from aiogram.filters.callback_data import CallbackData

from bot.callbacks import Positive
from services.held import Choice
from services.staff import Right

OFFICE = "~"


class OfficeTap(CallbackData, prefix=OFFICE):
    """A button of the office. `needs` is the right for all of a kind."""

    needs: ClassVar[Right] = Right.LOOK

    @property
    def right(self) -> Right:
        """What one has to be allowed, to tap this one."""
        return self.needs


class Room(StrEnum):
    """Where a button of the office leads."""

    TODAY = "t"
    ORDERS = "o"
    HELD = "h"
    REFUNDS = "f"
    POOLS = "p"
    PRICES = "c"
    USERS = "u"
    BROADCAST = "b"
    MAINTENANCE = "m"
    RISK = "k"
    SETTINGS = "s"
    LOG = "l"
    ALERTS = "a"
    REPORTS = "r"


ROOM_RIGHTS = {
    Room.USERS: Right.PEOPLE,
    Room.BROADCAST: Right.BROADCAST,
    Room.SETTINGS: Right.SETTINGS,
    Room.LOG: Right.LOG,
}
"""Where looking is not enough."""


class Enter(OfficeTap, prefix="~e"):
    """Into a room."""

    room: Room

    @property
    def right(self) -> Right:
        return ROOM_RIGHTS.get(self.room, Right.LOOK)


class Sure(OfficeTap, prefix="~y"):
    """Yes, do it: takes the proposal that the nonce stands for, which has a right of its own."""

    nonce: str


class NoReason(OfficeTap, prefix="~n"):
    """Go on without saying why."""


class NeverMind(OfficeTap, prefix="~x"):
    """Leave the question open and do nothing."""


# Orders

# Held payments and refunds


class LookAtHeld(OfficeTap, prefix="~h"):
    """An admin looks at a held payment; without one, at all of them."""

    payment: Positive | None = None


class Decide(OfficeTap, prefix="~d"):
    """An admin decides about a held payment; `sure` after they read what it means."""

    needs = Right.SERVE

    payment: Positive
    choice: Choice
    sure: bool


class Approve(OfficeTap, prefix="~f"):
    """An admin allows a refund above the cap; `sure` after they read what it means."""

    needs = Right.PAY

    refund: Positive
    sure: bool


# Pools

# Prices

# People

# Broadcasts

# Maintenance, settings, risk, log

# Alerts

# Reports
