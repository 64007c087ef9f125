"""How much of the time the shop could sell: noted once a minute, and counted afterwards.

The minutes are the machine's, not the chain's: the question is what a customer met who came by.
A minute in which nothing ran is one that nobody noted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, Transaction
from services.chain_time import ChainUnread, chain_now

_MINUTE = timedelta(minutes=1)
_KEPT = timedelta(days=400)
NEAR = timedelta(minutes=1)
"""The scanner may be so far behind the chain while the shop is still taken to be open."""

log = logging.getLogger(__name__)


def _machine_now() -> datetime:
    return datetime.now(UTC)


def share(good: int, *, first: datetime, since: datetime, until: datetime) -> Fraction | None:
    """The share of good minutes in a span; None if the span has no whole minute.

    It is counted from the first minute ever noted on, `first`: before it there was no shop.
    """
    minutes = (until - max(first, since)) // _MINUTE
    return Fraction(min(good, minutes), minutes) if minutes > 0 else None


class Availability:
    """Notes whether the shop can sell: it reads the chain, and the database takes a note of it."""

    def __init__(
        self, node: NodeClient, database: Database, now: Callable[[], datetime] = _machine_now
    ) -> None:
        self._node = node
        self._database = database
        self._now = now

    async def note(self) -> int:
        """Note how it is, unless this minute is noted already; returns how many minutes were.

        Raises:
            DatabaseUnavailable: and the minute stays unnoted, which counts against it.
        """
        minute = self._minute()
        async with self._database.transaction() as tx:
            if await tx.service_minutes.is_noted(minute):
                return 0
            try:
                read_until = await chain_now(tx)
            except ChainUnread:
                return 0  # it was never open yet
        try:
            ok = (await self._node.head()).ref.time - read_until <= NEAR
        except ChainError as error:
            log.debug("no node says how far the chain is: %s", error)
            ok = False
        async with self._database.transaction() as tx:
            noted = await tx.service_minutes.note(minute, ok=ok)
            await tx.service_minutes.forget(minute - _KEPT)
        return int(noted)

    async def share(self, tx: Transaction, since: datetime, until: datetime) -> Fraction | None:
        """The share of a span in which the shop could sell; None if none of it was watched.

        The minute that runs counts only once it is over.
        """
        first = await tx.service_minutes.first()
        if first is None:
            return None
        until = min(until, self._minute())
        good = await tx.service_minutes.good(since, until)
        return share(good, first=first, since=since, until=until)

    async def lately(self, tx: Transaction, time: timedelta) -> Fraction | None:
        """The same of so much time until now."""
        until = self._minute()
        return await self.share(tx, until - time, until)

    def _minute(self) -> datetime:
        return self._now().replace(second=0, microsecond=0)
