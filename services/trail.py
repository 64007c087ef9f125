"""Who did what to what, and why: the log that nobody can change.

Called trail here, because audit is the word for comparing the books with the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.database import Database, Transaction
from services.staff import Actor

# So that nobody can fill the log: about as many as a person can tap.
_REFUSALS_AN_HOUR = 100

REFUSED = "refused"
"""The act of those who tried what they may not."""


async def note(
    tx: Transaction,
    actor: Actor | None,
    act: str,
    *,
    subject: str,
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write down what `actor` (None: the program itself) does in this transaction.

    `before` and `after` are what changed, as plain JSON.
    """
    await tx.trail.add(
        actor_id=actor.id if actor else None,
        role=str(actor.role) if actor else None,
        act=act,
        subject=subject,
        reason=reason,
        before=before,
        after=after,
    )


class Trail:
    """The log, to be read; and what was refused, to be written."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def refused(self, user_id: int, actor: Actor | None, what: str) -> None:
        """Somebody tried what they may not: `what` is the button's data, or the command."""
        async with self._database.transaction() as tx:
            if await tx.trail.count_lately(user_id, REFUSED) < _REFUSALS_AN_HOUR:
                await tx.trail.add(
                    actor_id=user_id,
                    role=str(actor.role) if actor else "stranger",
                    act=REFUSED,
                    subject=what,
                )
