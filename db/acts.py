"""The table `proposals`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.connection import Connection

_COLUMNS = "nonce, actor_id, act, subject, arguments, reason"


@dataclass(frozen=True, slots=True)
class ProposalRow:
    nonce: str
    actor_id: int
    act: str
    subject: str
    arguments: dict[str, Any]
    reason: str


class ActRepository:
    """What staff are about to do, until they say it again or it lapses."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def propose(self, row: ProposalRow, lasts: timedelta) -> None:
        await self._connection.execute(
            """
            INSERT INTO proposals (nonce, actor_id, act, subject, arguments, reason, lapses_at)
            VALUES ($1, $2, $3, $4, $5, $6, now() + $7)
            """,
            row.nonce,
            row.actor_id,
            row.act,
            row.subject,
            row.arguments,
            row.reason,
            lasts,
        )

    async def find(self, nonce: str, actor_id: int) -> ProposalRow | None:
        """One that can still be taken by its actor."""
        row = await self._connection.fetchrow(
            f"SELECT {_COLUMNS} FROM proposals "
            "WHERE nonce = $1 AND actor_id = $2 AND lapses_at > now()",
            nonce,
            actor_id,
        )
        return ProposalRow(**row) if row else None

    async def take(self, nonce: str, actor_id: int) -> ProposalRow | None:
        """Take it: nobody can again."""
        row = await self._connection.fetchrow(
            f"DELETE FROM proposals WHERE nonce = $1 AND actor_id = $2 AND lapses_at > now() "
            f"RETURNING {_COLUMNS}",
            nonce,
            actor_id,
        )
        return ProposalRow(**row) if row else None

    async def forget_lapsed(self) -> None:
        await self._connection.execute("DELETE FROM proposals WHERE lapses_at < now()")
