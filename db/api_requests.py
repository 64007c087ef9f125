"""The table `api_requests`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from db.connection import Connection


@dataclass(frozen=True, slots=True)
class ApiRequestRow:
    id: UUID
    asked_hash: bytes
    holder: UUID
    held: bool
    status: int | None
    answer: bytes | None
    content_type: str | None


class ApiRequestRepository:
    """Requests that are done once, and what they were answered."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def hold(
        self,
        user_id: int,
        idempotency_key: str,
        asked_hash: bytes,
        *,
        holder: UUID,
        seconds: float,
    ) -> ApiRequestRow:
        """The request, which `holder` works on for so long if nobody else does.

        Also of one that was asked before, whatever it asked.
        """
        row = await self._connection.fetchrow(
            """
            INSERT INTO api_requests AS r
                (user_id, idempotency_key, asked_hash, holder, held_until)
            VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
            ON CONFLICT (user_id, idempotency_key) DO UPDATE SET
                holder = CASE WHEN r.held_until < now() AND r.asked_hash = $3 THEN $4
                              ELSE r.holder END,
                held_until = CASE WHEN r.held_until < now() AND r.asked_hash = $3
                                  THEN now() + make_interval(secs => $5) ELSE r.held_until END
            RETURNING id, asked_hash, holder, held_until >= now() AS held, status, answer,
                      content_type
            """,
            user_id,
            idempotency_key,
            asked_hash,
            holder,
            seconds,
        )
        assert row is not None
        return ApiRequestRow(**row)

    async def answer(
        self, request_id: UUID, holder: UUID, status: int, answer: bytes, content_type: str
    ) -> bool:
        """Keep the answer; False if another took the request over meanwhile."""
        done = await self._connection.execute(
            """
            UPDATE api_requests SET status = $3, answer = $4, content_type = $5,
                                    answered_at = now()
            WHERE id = $1 AND holder = $2 AND status IS NULL
            """,
            request_id,
            holder,
            status,
            answer,
            content_type,
        )
        return done == "UPDATE 1"

    async def let_go(self, request_id: UUID, holder: UUID) -> None:
        """It could not be done now: whoever asks again may try at once."""
        await self._connection.execute(
            """
            UPDATE api_requests SET held_until = '-infinity'
            WHERE id = $1 AND holder = $2 AND status IS NULL
            """,
            request_id,
            holder,
        )

    async def forget(self, before: datetime) -> int:
        """Delete what was asked before that; an order's own name stays with the order."""
        done = await self._connection.execute(
            "DELETE FROM api_requests WHERE created_at < $1", before
        )
        return int(done.split()[-1])
