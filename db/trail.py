"""The table `audit_log`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection


_COLUMNS = """
    a.id, a.at, a.actor_id, a.role, a.act, a.subject, a.reason, a.before, a.after,
    nullif(u.first_name, '') AS actor_name
"""
_FROM = "FROM audit_log a LEFT JOIN users u ON u.id = a.actor_id"


@dataclass(frozen=True, slots=True)
class TrailRow:
    """A row; `actor_name` is what Telegram calls the person, None if they never met the bot."""

    id: int
    at: datetime
    actor_id: int | None
    role: str | None
    act: str
    subject: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    actor_name: str | None


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

    async def page(
        self, limit: int, *, before: int | None, actor_id: int | None, subject: str | None
    ) -> tuple[TrailRow, ...]:
        """The newest entries older than `before`: of one actor, about one subject, or any."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} {_FROM}
            WHERE ($2::bigint IS NULL OR a.id < $2) AND ($3::bigint IS NULL OR a.actor_id = $3)
              AND ($4::text IS NULL OR a.subject = $4)
            ORDER BY a.id DESC LIMIT $1
            """,
            limit,
            before,
            actor_id,
            subject,
        )
        return tuple(TrailRow(**row) for row in rows)

    async def get(self, entry_id: int) -> TrailRow | None:
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} {_FROM} WHERE a.id = $1", entry_id
        )
        return TrailRow(**row) if row else None

    async def about(self, words: str, limit: int) -> tuple[TrailRow, ...]:
        """The newest entry of each subject in which `words` stand; the very subject first."""
        rows = await self._connection.fetch(
            f"""
            SELECT {_COLUMNS} {_FROM} WHERE a.id IN (
                SELECT max(id) FROM audit_log WHERE strpos(lower(subject), lower($1)) > 0
                GROUP BY subject)
            ORDER BY lower(a.subject) = lower($1) DESC, a.id DESC LIMIT $2
            """,
            words,
            limit,
        )
        return tuple(TrailRow(**row) for row in rows)
