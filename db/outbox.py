"""The table `outbox`: what we want to say, at least once and in order per chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection

# The first key of the advisory locks that say which processes live; arbitrary, and our own.
PRESENCE = 0x50524553


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: int
    chat_id: int
    kind: str
    order_id: UUID | None
    payment_id: int | None
    refund_id: int | None
    alert_id: int | None
    payload: dict[str, Any]
    attempts: int


class OutboxRepository:
    """Messages waiting to be sent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        key: str,
        *,
        chat_id: int,
        kind: str,
        order_id: UUID | None = None,
        payment_id: int | None = None,
        refund_id: int | None = None,
        alert_id: int | None = None,
        payload: dict[str, Any] | None = None,
    ) -> bool:
        """Queue one message; False if an event of this key was announced before."""
        done = await self._connection.execute(
            """
            INSERT INTO outbox
                (key, chat_id, kind, order_id, payment_id, refund_id, alert_id, payload)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key) DO NOTHING
            """,
            key,
            chat_id,
            kind,
            order_id,
            payment_id,
            refund_id,
            alert_id,
            payload or {},
        )
        return bool(done == "INSERT 0 1")

    async def claim(
        self, limit: int, lease: timedelta, presence: int, *, groups: bool
    ) -> tuple[OutboxRow, ...]:
        """The first waiting message of each chat that is due, leased to `presence` for `lease`.

        Only the first: a later message of the same chat has to wait for it. Either of `groups`,
        whose ids are below zero, or of people.
        """
        rows = await self._connection.fetch(
            """
            WITH due AS (
                SELECT id FROM outbox o
                WHERE state = 'waiting' AND next_attempt_at <= now() AND (chat_id < 0) = $4
                AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.chat_id = o.chat_id
                                AND e.state = 'waiting' AND e.id < o.id)
                ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
            )
            UPDATE outbox o SET attempts = attempts + 1, leased_by = $3,
                                next_attempt_at = now() + $2
            FROM due WHERE o.id = due.id
            RETURNING o.id, chat_id, kind, order_id, payment_id, refund_id, alert_id, payload,
                      attempts
            """,
            limit,
            lease,
            presence,
            groups,
        )
        return tuple(sorted((OutboxRow(**row) for row in rows), key=lambda row: row.id))

    async def end_leases_of_the_dead(self, presence: int) -> int:
        """Make due at once what processes were sending that are gone; returns how many messages.

        `presence` is the caller's own. Presence is an advisory lock (`Database.presence`), which
        PostgreSQL lets go of when the process dies.
        """
        done = await self._connection.execute(
            """
            UPDATE outbox SET leased_by = NULL, next_attempt_at = now()
            WHERE state = 'waiting' AND leased_by <> $1 AND NOT EXISTS (
                SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND l.classid::bigint = $2
                  AND l.objid::bigint = leased_by AND l.objsubid = 2
                  AND d.datname = current_database())
            """,
            presence,
            PRESENCE,
        )
        return int(done.removeprefix("UPDATE "))

    async def sent(self, message_id: int) -> None:
        await self._connection.execute(
            "UPDATE outbox SET state = 'sent', sent_at = now() WHERE id = $1 AND state = 'waiting'",
            message_id,
        )

    async def postpone(
        self, message_id: int, delay: timedelta, error: str, *, counts: bool
    ) -> None:
        """Try again after `delay`; unless it `counts`, as if this attempt had not been made."""
        await self._connection.execute(
            """
            UPDATE outbox SET leased_by = NULL, next_attempt_at = now() + $2, last_error = $3,
                   attempts = attempts - CASE WHEN $4 THEN 0 ELSE 1 END
            WHERE id = $1 AND state = 'waiting'
            """,
            message_id,
            delay,
            error,
            counts,
        )

    async def drop(self, message_id: int, error: str) -> None:
        await self._connection.execute(
            """
            UPDATE outbox SET state = 'dropped', last_error = $2, sent_at = now()
            WHERE id = $1 AND state = 'waiting'
            """,
            message_id,
            error,
        )

    async def any_due(self) -> bool:
        """Whether a message to somebody is being sent, or could be now.

        Those to groups do not count: there may always be one that waits for its turn.
        """
        due: bool = await self._connection.fetchval(
            """
            SELECT EXISTS (
                SELECT 1 FROM outbox o
                WHERE state = 'waiting' AND chat_id > 0
                AND (next_attempt_at <= now() OR leased_by IS NOT NULL)
                AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.chat_id = o.chat_id
                                AND e.state = 'waiting' AND e.id < o.id))
            """
        )
        return due

    async def waiting(self) -> int:
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM outbox WHERE state = 'waiting'"
        )
        return count
