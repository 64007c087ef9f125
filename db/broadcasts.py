"""The tables `broadcasts` and `broadcast_recipients`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from db.outbox import PRESENCE

if TYPE_CHECKING:
    from db.connection import Connection

_COLUMNS = (
    "id, actor_id, from_chat_id, message_id, title, language, activity, state, trouble,"
    " progress_chat_id, progress_message_id, created_at, started_at, ended_at"
)

# Nobody who would not read it: whoever blocked the bot, or is banned.
_AUDIENCE = """
    FROM users u
    WHERE u.blocked_at IS NULL AND u.banned_at IS NULL
      AND ($1::text IS NULL OR u.language = $1)
      AND CASE $2::text
          WHEN 'all' THEN true
          WHEN 'lately' THEN u.seen_at > now() - interval '30 days'
          WHEN 'paid' THEN EXISTS (SELECT 1 FROM energy_flash_orders o
                                   WHERE o.user_id = u.id AND o.paid_at IS NOT NULL)
          ELSE NOT EXISTS (SELECT 1 FROM energy_flash_orders o
                           WHERE o.user_id = u.id AND o.paid_at IS NOT NULL)
      END
"""


@dataclass(frozen=True, slots=True)
class BroadcastRow:
    id: int
    actor_id: int
    from_chat_id: int
    message_id: int
    title: str
    language: str | None
    activity: str
    state: str
    trouble: str | None
    progress_chat_id: int | None
    progress_message_id: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecipientRow:
    broadcast_id: int
    user_id: int
    attempts: int
    from_chat_id: int
    message_id: int


class BroadcastRepository:
    """Messages for many people, and how far they have come."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def compose(
        self, *, actor_id: int, from_chat_id: int, message_id: int, title: str
    ) -> BroadcastRow:
        row = await self._connection.fetchrow(
            f"""
            INSERT INTO broadcasts (actor_id, from_chat_id, message_id, title)
            VALUES ($1, $2, $3, $4) RETURNING {_COLUMNS}
            """,
            actor_id,
            from_chat_id,
            message_id,
            title,
        )
        assert row is not None
        return BroadcastRow(**row)

    async def forget_drafts(self, older_than: timedelta) -> None:
        await self._connection.execute(
            "DELETE FROM broadcasts WHERE state = 'draft' AND created_at < now() - $1::interval",
            older_than,
        )

    async def get(self, broadcast_id: int) -> BroadcastRow | None:
        return await self._one(f"SELECT {_COLUMNS} FROM broadcasts WHERE id = $1", broadcast_id)

    async def newest(self, limit: int) -> tuple[BroadcastRow, ...]:
        """Those that were started, the latest first."""
        return await self._many(
            f"SELECT {_COLUMNS} FROM broadcasts WHERE state <> 'draft' ORDER BY id DESC LIMIT $1",
            limit,
        )

    async def count(self) -> int:
        """How many were started."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM broadcasts WHERE state <> 'draft'"
        )
        return count

    async def aim(
        self, broadcast_id: int, *, language: str | None, activity: str
    ) -> BroadcastRow | None:
        """Choose for whom a draft is."""
        return await self._one(
            f"""
            UPDATE broadcasts SET language = $2, activity = $3
            WHERE id = $1 AND state = 'draft' RETURNING {_COLUMNS}
            """,
            broadcast_id,
            language,
            activity,
        )

    async def audience(self, language: str | None, activity: str) -> int:
        """How many people there are of such."""
        count: int = await self._connection.fetchval(
            f"SELECT count(*) {_AUDIENCE}", language, activity
        )
        return count

    async def start(self, broadcast_id: int) -> BroadcastRow | None:
        """A draft is sent from now on, to its audience of this moment."""
        row = await self._one(
            f"""
            UPDATE broadcasts SET state = 'sending', started_at = now(), unsaid = true
            WHERE id = $1 AND state = 'draft' RETURNING {_COLUMNS}
            """,
            broadcast_id,
        )
        if row is not None:
            await self._connection.execute(
                f"""
                INSERT INTO broadcast_recipients (broadcast_id, user_id)
                SELECT $3, u.id {_AUDIENCE}
                """,
                row.language,
                row.activity,
                broadcast_id,
            )
        return row

    async def move(
        self,
        broadcast_id: int,
        *,
        old: tuple[str, ...],
        new: str,
        trouble: str | None = None,
        said: bool = False,
    ) -> BroadcastRow | None:
        """From one of the `old` states to the `new` one; None if it is in none of them.

        `said`: its message is left as it is.
        """
        return await self._one(
            f"""
            UPDATE broadcasts SET state = $3, trouble = $4, unsaid = NOT $5::boolean,
                   ended_at = CASE WHEN $3 IN ('cancelled', 'done') THEN now() END
            WHERE id = $1 AND state = ANY($2) RETURNING {_COLUMNS}
            """,
            broadcast_id,
            list(old),
            new,
            trouble,
            said,
        )

    async def finish(self) -> None:
        """Those for which nobody waits any more are done."""
        await self._connection.execute(
            """
            UPDATE broadcasts b SET state = 'done', ended_at = now(), unsaid = true
            WHERE state = 'sending' AND NOT EXISTS (
                SELECT 1 FROM broadcast_recipients r
                WHERE r.broadcast_id = b.id AND r.state = 'waiting')
            """
        )

    async def counts(self, broadcast_ids: list[int]) -> dict[int, dict[str, int]]:
        """How many recipients of each are in each state."""
        rows = await self._connection.fetch(
            """
            SELECT broadcast_id, state, count(*) AS people FROM broadcast_recipients
            WHERE broadcast_id = ANY($1) GROUP BY broadcast_id, state
            """,
            broadcast_ids,
        )
        counts: dict[int, dict[str, int]] = {each: {} for each in broadcast_ids}
        for row in rows:
            counts[row["broadcast_id"]][row["state"]] = row["people"]
        return counts

    # Progress

    async def shown_on(self, broadcast_id: int, chat_id: int, message_id: int) -> None:
        """This message shows how far it is from now on, and does so already."""
        await self._connection.execute(
            """
            UPDATE broadcasts SET progress_chat_id = $2, progress_message_id = $3, unsaid = false
            WHERE id = $1
            """,
            broadcast_id,
            chat_id,
            message_id,
        )

    async def unsaid(self) -> tuple[BroadcastRow, ...]:
        """Whose message shows something that is true no more, and those that are being sent."""
        return await self._many(
            f"SELECT {_COLUMNS} FROM broadcasts WHERE unsaid OR state = 'sending' ORDER BY id"
        )

    async def said(self, broadcast_id: int, state: str) -> None:
        """Its message shows it in this state."""
        await self._connection.execute(
            "UPDATE broadcasts SET unsaid = false WHERE id = $1 AND state = $2",
            broadcast_id,
            state,
        )

    # Recipients

    async def claim(self, limit: int, lease: timedelta, presence: int) -> tuple[RecipientRow, ...]:
        """Recipients that are due, leased to `presence` for `lease`; the oldest broadcast first."""
        rows = await self._connection.fetch(
            """
            WITH due AS (
                SELECT r.broadcast_id, r.user_id, b.from_chat_id, b.message_id
                FROM broadcast_recipients r JOIN broadcasts b ON b.id = r.broadcast_id
                WHERE r.state = 'waiting' AND r.next_attempt_at <= now() AND b.state = 'sending'
                ORDER BY r.broadcast_id, r.user_id LIMIT $1 FOR UPDATE OF r SKIP LOCKED
            )
            UPDATE broadcast_recipients r
            SET attempts = attempts + 1, leased_by = $3, next_attempt_at = now() + $2
            FROM due WHERE r.broadcast_id = due.broadcast_id AND r.user_id = due.user_id
            RETURNING r.broadcast_id, r.user_id, r.attempts, due.from_chat_id, due.message_id
            """,
            limit,
            lease,
            presence,
        )
        return tuple(RecipientRow(**row) for row in rows)

    async def end_leases_of_the_dead(self, presence: int) -> None:
        """Make due at once what processes were sending that are gone; `presence` is our own."""
        await self._connection.execute(
            """
            UPDATE broadcast_recipients SET leased_by = NULL, next_attempt_at = now()
            WHERE state = 'waiting' AND leased_by <> $1 AND NOT EXISTS (
                SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND l.classid::bigint = $2
                  AND l.objid::bigint = leased_by AND l.objsubid = 2
                  AND d.datname = current_database())
            """,
            presence,
            PRESENCE,
        )

    async def settle(
        self, broadcast_id: int, user_id: int, state: str, error: str | None = None
    ) -> None:
        """How it ended for this recipient."""
        await self._connection.execute(
            """
            UPDATE broadcast_recipients SET state = $3, last_error = $4, leased_by = NULL
            WHERE broadcast_id = $1 AND user_id = $2 AND state = 'waiting'
            """,
            broadcast_id,
            user_id,
            state,
            error,
        )

    async def postpone(
        self, broadcast_id: int, user_id: int, delay: timedelta, error: str, *, counts: bool
    ) -> None:
        """Try again after `delay`; unless it `counts`, as if this attempt had not been made."""
        await self._connection.execute(
            """
            UPDATE broadcast_recipients SET leased_by = NULL, next_attempt_at = now() + $3,
                   last_error = $4, attempts = attempts - CASE WHEN $5 THEN 0 ELSE 1 END
            WHERE broadcast_id = $1 AND user_id = $2 AND state = 'waiting'
            """,
            broadcast_id,
            user_id,
            delay,
            error,
            counts,
        )

    async def _one(self, statement: str, *arguments: object) -> BroadcastRow | None:
        row = await self._connection.fetchrow(statement, *arguments)
        return BroadcastRow(**row) if row else None

    async def _many(self, statement: str, *arguments: object) -> tuple[BroadcastRow, ...]:
        rows = await self._connection.fetch(statement, *arguments)
        return tuple(BroadcastRow(**row) for row in rows)
