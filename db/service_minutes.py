"""The table `service_minutes`: when the shop could sell."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.connection import Connection


class ServiceMinuteRepository:
    """Minutes of the machine's clock, each noted once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def is_noted(self, minute: datetime) -> bool:
        noted: bool = await self._connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM service_minutes WHERE minute = $1)", minute
        )
        return noted

    async def note(self, minute: datetime, *, ok: bool) -> bool:
        """False if somebody noted it before."""
        done = await self._connection.execute(
            "INSERT INTO service_minutes (minute, ok) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            minute,
            ok,
        )
        return bool(done == "INSERT 0 1")

    async def forget(self, before: datetime) -> None:
        await self._connection.execute("DELETE FROM service_minutes WHERE minute < $1", before)

    async def first(self) -> datetime | None:
        first: datetime | None = await self._connection.fetchval(
            "SELECT min(minute) FROM service_minutes"
        )
        return first

    async def good(self, since: datetime, until: datetime) -> int:
        """Minutes from `since` until before `until` in which the shop could sell."""
        good: int = await self._connection.fetchval(
            "SELECT count(*) FROM service_minutes WHERE ok AND minute >= $1 AND minute < $2",
            since,
            until,
        )
        return good
