"""Who did what to what, and why: the log that nobody can change.

Called trail here, because audit is the word for comparing the books with the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.database import Database, Transaction
from db.trail import TrailRow
from services.staff import Actor

# So that nobody can fill the log.
_REFUSALS_AN_HOUR = 300

PAGE_SIZE = 8
_MOST_SUBJECTS = 8
_LARGEST_ID = 2**63 - 1

REFUSED = "refused"
"""The act of those who tried what they may not."""

STRANGER = "stranger"
"""The role of those who have none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did. `at` is the machine's time; without `actor_id` the program did it.

    `actor_name` is what Telegram calls the person, None if they never met the bot.
    """

    id: int
    at: datetime
    actor_id: int | None
    role: str | None
    act: str
    subject: str
    reason: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    actor_name: str | None = None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries, newest first; `older`: there are more before them. `subject` is what all are about,
    if they were chosen by that."""

    entries: tuple[Entry, ...]
    older: bool
    subject: str | None


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
                    role=str(actor.role) if actor else STRANGER,
                    act=REFUSED,
                    subject=what,
                )

    async def page(
        self, *, before: int | None = None, actor_id: int | None = None, like: int | None = None
    ) -> EntryPage:
        """The newest entries older than the entry `before`: of one actor, and about the same as
        the entry `like`."""
        async with self._database.transaction() as tx:
            subject = None
            if like is not None:
                model = await tx.trail.get(like)
                subject = "" if model is None else model.subject
            rows = await tx.trail.page(
                PAGE_SIZE + 1, before=before, actor_id=actor_id, subject=subject
            )
        entries = tuple(_entry(row) for row in rows[:PAGE_SIZE])
        return EntryPage(entries, older=len(rows) > PAGE_SIZE, subject=subject)

    async def entry(self, entry_id: int) -> Entry | None:
        async with self._database.transaction() as tx:
            row = await tx.trail.get(entry_id)
        return None if row is None else _entry(row)

    async def person(self, words: str) -> int | None:
        """Whom a Telegram id or a @username names; None if the shop never met the name.

        Of an id nothing is known but what the log says: strangers stand there too.
        """
        if words.isdecimal():
            number = int(words[:20])
            return number if 0 < number <= _LARGEST_ID else None
        async with self._database.transaction() as tx:
            return await tx.customers.named(words.removeprefix("@"))

    async def subjects(self, words: str) -> tuple[Entry, ...]:
        """The newest entry about each thing that is called so, or nearly; the very thing alone."""
        async with self._database.transaction() as tx:
            rows = await tx.trail.about(words, _MOST_SUBJECTS)
        exact = [row for row in rows if row.subject.lower() == words.lower()]
        return tuple(_entry(row) for row in exact or rows)


def _entry(row: TrailRow) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        actor_id=row.actor_id,
        role=row.role,
        act=row.act,
        subject=row.subject,
        reason=row.reason,
        before=row.before,
        after=row.after,
        actor_name=row.actor_name,
    )
