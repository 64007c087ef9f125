"""Of several processes one leads: it has a seat (`db.seats`), and the others wait for it.

Whoever dies frees the seat at once. Who only stands still (stopped, or too busy to say a word)
keeps it, so those who wait listen: from a holder that is silent for some seconds the seat is taken,
by ending all that its process has open in the database. When it wakes it leads no more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress

from db.database import Database, DatabaseUnavailable
from db.seats import Candidate, Holder, Seat, Term

__all__ = ["Leadership", "Seat", "Term", "bot_seat", "host_seat", "scanner_seat"]

# Arbitrary numbers of our own, the first keys of advisory locks.
_SCANNER = 0x5343414E
_BOT = 0x424F5453
_HOST = 0x484F5354

LOOK_SECONDS = 0.5
"""How often those who wait look whether the seat is free."""
# A holder says something every second: so many looks in a row without a word are enough.
_SILENT_LOOKS = 10

log = logging.getLogger(__name__)


def scanner_seat(genesis: str) -> Seat:
    """The reading of a chain, named by its first block, and all that must happen once for it."""
    return Seat(_SCANNER, genesis)


def bot_seat(bot_id: int) -> Seat:
    """The fetching of a bot's updates: Telegram gives each to one who asks."""
    return Seat(_BOT, str(bot_id))


def host_seat(name: str) -> Seat:
    """The watch over a machine."""
    return Seat(_HOST, name)


class Leadership:
    """Stands for a seat, and lets `work` run while it is held: when it is lost, it is cancelled.

    `work` gets its term if the seat is `counted`, and never ends by itself. While `holds_on` says
    so, the work goes on though the database is away, until somebody else has the seat: for what
    does no harm if two do it for a moment.
    """

    def __init__(
        self,
        database: Database,
        seat: Callable[[], Awaitable[Seat]],
        work: Callable[[Term | None], Coroutine[None, None, None]],
        *,
        what: str,
        counted: bool = False,
        holds_on: Callable[[], bool] = lambda: False,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._database = database
        self._seat = seat
        self._work = work
        self._what = what
        self._counted = counted
        self._holds_on = holds_on
        self._look_seconds = look_seconds
        self._working: asyncio.Task[None] | None = None
        self._away = False

    async def stand(self) -> None:
        """Wait for the seat, work while it is held, and wait again; until cancelled.

        Raises: whatever ended `work` by itself.
        """
        try:
            while True:
                try:
                    seat = await self._seat()
                    async with self._database.stand_for(seat) as candidate:
                        await self._hold(candidate)
                except DatabaseUnavailable as error:
                    # One line for each outage is enough.
                    log.log(logging.DEBUG if self._away else logging.WARNING, *self._said(error))
                    self._away = True
                if self._working is not None and self._working.done():
                    await self._working
                if not self._holds_on():
                    await self._leave()
                await asyncio.sleep(self._look_seconds)
        finally:
            await self._leave()

    async def _hold(self, candidate: Candidate) -> None:
        """Take the seat and work until it is lost."""
        self._away = False
        if not await candidate.take():
            await self._leave()
            log.info(*self._said("standing by, another process does this"))
            await self._wait(candidate)
        term = await candidate.begin_term() if self._counted else None
        if self._working is None:
            log.info(*self._said("leading" + (f", term {term.number}" if term else "")))
            self._working = asyncio.create_task(self._work(term), name=self._what)
        losing = asyncio.create_task(candidate.lost())
        try:
            await asyncio.wait({self._working, losing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            losing.cancel()
            await asyncio.gather(losing, return_exceptions=True)
        if not self._working.done():
            log.warning(*self._said("the seat is lost"))
            if not self._holds_on():
                # Before the session ends, and with it the last that keeps another from beginning.
                await self._leave()

    async def _wait(self, candidate: Candidate) -> None:
        heard: Holder | None = None
        silent = 0
        while not await candidate.take():
            holder = await candidate.holder()
            silent = silent + 1 if holder is not None and holder == heard else 0
            heard = holder
            if holder is not None and silent >= _SILENT_LOOKS:
                ended = await candidate.end_sessions(holder.process)
                log.error(*self._said(f"{holder.process} is silent, {ended} sessions of it ended"))
                silent = 0
            await asyncio.sleep(self._look_seconds)

    def _said(self, words: object) -> tuple[str, str, object]:
        return "%s: %s", self._what, words

    async def _leave(self) -> None:
        """End the work, if there is any."""
        working, self._working = self._working, None
        if working is not None:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
