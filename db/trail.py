"""The table `audit_log`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection


class TrailRepository:
    """Who did what; rows are only ever added."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        *,
        actor_id: int | None,
        role: str | None,
        act: str,
        subject: str,
        reason: str = "",
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        await self._connection.execute(
            """
            INSERT INTO audit_log (actor_id, role, act, subject, reason, before, after)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            actor_id,
            role,
            act,
            subject,
            reason,
            before,
            after,
        )

    async def count_lately(self, actor_id: int, act: str) -> int:
        """How often somebody did it within an hour."""
        count: int = await self._connection.fetchval(
            """
            SELECT count(*) FROM audit_log
            WHERE actor_id = $1 AND act = $2 AND at > now() - interval '1 hour'
            """,
            actor_id,
            act,
        )
        return count
