"""Whether the shop can serve: what a load balancer asks before it sends anybody here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from chain.errors import ChainError
from chain.node import NodeClient
from db.database import Database, DatabaseUnavailable
from services.alerts import AlertKind
from services.chain_time import ChainUnread, last_handled

_NODE_LAG = timedelta(minutes=1)
_SCANNER_LAG = timedelta(minutes=1)
_PATIENCE_SECONDS = 3.0
# Whoever asks often gets the same answer for so long, and costs nothing.
_KEPT_SECONDS = 1.0

_OF_TELEGRAM = (AlertKind.TELEGRAM_CONFLICT, AlertKind.MESSAGES_REFUSED)


class Part(StrEnum):
    """What the shop stands on."""

    DATABASE = "database"
    REDIS = "redis"
    NODE = "node"
    SCANNER = "scanner"
    TELEGRAM = "telegram"


NEEDED = frozenset({Part.DATABASE, Part.NODE, Part.SCANNER})
"""Without one of these nothing can be sold. Without the others less is comfortable."""


@dataclass(frozen=True, slots=True)
class PartState:
    """How a part is: `why` not well, in a word; `lag_seconds` of what can be behind."""

    well: bool
    why: str | None = None
    lag_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """How all parts are."""

    parts: dict[Part, PartState]

    @property
    def ready(self) -> bool:
        return all(self.parts[part].well for part in NEEDED)

    @property
    def all_well(self) -> bool:
        return all(state.well for state in self.parts.values())


class Readiness:
    """Looks at every part. `now` is the machine's clock, which a node is compared with."""

    def __init__(
        self,
        database: Database,
        node: NodeClient,
        ping_redis: Callable[[], Awaitable[object]],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._node = node
        self._ping_redis = ping_redis
        self._now = now
        self._looking = asyncio.Lock()
        self._last: Ready | None = None
        self._last_at = 0.0

    async def look(self) -> Ready:
        """How things are now, or were a moment ago."""
        async with self._looking:
            if self._last is None or time.monotonic() - self._last_at > _KEPT_SECONDS:
                self._last = await self._look()
                self._last_at = time.monotonic()
            return self._last

    async def _look(self) -> Ready:
        head, books, redis = await asyncio.gather(self._head(), self._books(), self._redis())
        database, handled, telegram = books
        return Ready(
            {
                Part.DATABASE: database,
                Part.REDIS: redis,
                Part.NODE: _behind(head, self._now(), _NODE_LAG, "silent"),
                Part.SCANNER: _behind(handled, head, _SCANNER_LAG, "unread"),
                Part.TELEGRAM: telegram,
            }
        )

    async def _head(self) -> datetime | None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return (await self._node.head()).ref.time
        except (ChainError, TimeoutError):
            return None

    async def _books(self) -> tuple[PartState, datetime | None, PartState]:
        handled: datetime | None = None
        try:
            async with (
                asyncio.timeout(_PATIENCE_SECONDS),
                self._database.transaction() as tx,
            ):
                is_open = await tx.alerts.open_kinds()
                with suppress(ChainUnread):
                    handled = (await last_handled(tx)).time
        except (DatabaseUnavailable, TimeoutError):
            unknown = PartState(well=False, why="unknown")
            return PartState(well=False, why="unreachable"), None, unknown
        wrong = [kind for kind in _OF_TELEGRAM if kind in is_open]
        return (
            PartState(well=True),
            handled,
            PartState(well=not wrong, why=wrong[0].value if wrong else None),
        )

    async def _redis(self) -> PartState:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._ping_redis()
        except Exception as error:  # noqa: BLE001 - whatever the client raises, Redis is not there
            return PartState(well=False, why=type(error).__name__)
        return PartState(well=True)


def _behind(
    then: datetime | None, now: datetime | None, most: timedelta, without: str
) -> PartState:
    """How far `then` is behind `now`; `without` is what to call it where there is no `then`."""
    if then is None:
        return PartState(well=False, why=without)
    if now is None:
        return PartState(well=False, why="unknown")
    lag = max(timedelta(0), now - then)
    return PartState(lag <= most, None if lag <= most else "behind", int(lag.total_seconds()))
