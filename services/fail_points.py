"""Places where a test kills the program, so that dying there is proved to lose nothing.

Each stands behind an await that matters: between a decision and its commit, between a commit and
what follows from it, between the world's answer and its record. In a shop nothing is armed, and
reaching one costs a look at a module's variable. docs/reliability.md says what is proved with them.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Literal, TypeAlias, get_args

VARIABLE = "ENERGY_FLASH_FAIL_POINT"
"""Arms one: its name, or ``name:3`` for the third time that it is reached."""

FailPoint: TypeAlias = Literal[
    # The scanner.
    "blocks handled, not committed",
    "blocks committed",
    "rewind not committed",
    "rewind committed",
    "payment recorded",
    "payment credited",
    "large payments credited",
    # What customers do.
    "order placed, not committed",
    "order placed",
    "order cancelled",
    "extension placed, not committed",
    "extension placed",
    "rental ended early, not committed",
    "rental ended early",
    "orders expired, not committed",
    "orders expired",
    "balance paid, not committed",
    "order paid from balance",
    "address proved",
    "choice not committed",
    "choice carried out",
    "nobody chose, credited",
    "pay-out taken",
    # Rentals.
    "flash decided, not committed",
    "flash decided",
    "delegation not committed",
    "delegation stored",
    "dead delegation given up",
    "transactions claimed",
    "delegation accepted",
    "reclaim accepted",
    "refund accepted",
    "broadcast recorded",
    "dead transaction buried",
    "order completed, not committed",
    "read back",
    "extension carried out, not committed",
    "extension carried out",
    "end announced, not committed",
    "end announced",
    "rentals expired",
    "reclaim not committed",
    "reclaim stored",
    "reclaim finished, not committed",
    "reclaim finished",
    "orphans taken back, not committed",
    "orphans taken back",
    # Money that goes back, and the books.
    "refund requested, not committed",
    "refund not committed",
    "refund stored",
    "refund finished, not committed",
    "refund finished",
    "adrift decided, not committed",
    "adrift decided",
    "owner's doing not committed",
    "owner's doing booked",
    "fee booked",
    # What staff do.
    "act taken",
    "act done, not committed",
    "act done",
    # What people are told.
    "notices claimed",
    "notice shown",
    "notice recorded",
    # Start and end.
    "schema made",
    "prices published",
    "prepared",
    "jobs started",
    "open",
    "closing",
    "jobs stopped",
]
FAIL_POINTS: tuple[FailPoint, ...] = get_args(FailPoint)


class _Armed:
    """Kills this process when a point is reached for the `left`-th time."""

    def __init__(self, wanted: str) -> None:
        name, _, times = wanted.partition(":")
        if name not in FAIL_POINTS or not (times or "1").isdigit():
            raise ValueError(f"{VARIABLE} = {wanted!r} names no fail point")
        self._name = name
        self._left = int(times or "1")

    def reached(self, name: FailPoint) -> None:
        if name != self._name:
            return
        self._left -= 1
        if self._left > 0:
            return
        sys.stderr.write(f"killed at the fail point: {name}\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)


_armed = _Armed(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def reach(name: FailPoint) -> None:
    """The program dies here if a test wants it to."""
    if _armed is not None:
        _armed.reached(name)
