"""Maintenance: no new orders for a while, and everything that has begun goes on.

Whether it is on stands in the database and is read there by each decision, in its own transaction:
all processes see it at once, and a start changes nothing about it. Paid orders are delivered,
unpaid ones can be paid, rentals end and are prolonged; only what would begin anew does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from db.database import Database, Transaction, again_after_conflict
from services.acts import Acts, Proposal
from services.customers import Language
from services.staff import Actor
from services.trail import note

SUBJECT = "maintenance"
LONGEST_WORDS = 500
"""What customers are told has to fit beside a menu."""

_KEY = "maintenance"


@dataclass(frozen=True, slots=True)
class Closure:
    """What customers are told, in the languages that somebody wrote it in, and whether they are.

    `since` is the machine's time, `by` Telegram's id of who stopped new orders; both None while
    `closed` is false.
    """

    closed: bool
    since: datetime | None
    by: int | None
    messages: Mapping[Language, str]

    def words(self, language: Language) -> str | None:
        """What was written in this language; None: what is always said."""
        return self.messages.get(language)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """How many orders go on meanwhile: `unpaid` still may be paid, `paid` are on their way."""

    unpaid: int
    paid: int


async def closure(tx: Transaction) -> Closure | None:
    """What customers are told now; None while the shop takes orders."""
    state = await _state(tx)
    return state if state.closed else None


class Maintenance:
    """Stops new orders, and lets them in again."""

    def __init__(self, database: Database, acts: Acts) -> None:
        self._database = database
        self._acts = acts

    async def look(self) -> Closure:
        """How it is now, and what is written for the next time."""
        async with self._database.transaction() as tx:
            return await _state(tx)

    async def unfinished(self) -> Unfinished:
        async with self._database.transaction() as tx:
            counts = await tx.orders.count_by_status()
        paid = counts.get("paid", 0) + counts.get("processing", 0)
        return Unfinished(unpaid=counts.get("pending", 0), paid=paid)

    @again_after_conflict
    async def begin(self, actor: Actor, nonce: str) -> Closure:
        """Take no new orders from now on. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            before = await _state(tx)
            if before.closed:
                return before
            return await _change(
                tx,
                actor,
                proposal,
                before,
                Closure(
                    closed=True, since=datetime.now(UTC), by=actor.id, messages=before.messages
                ),
            )

    @again_after_conflict
    async def end(self, actor: Actor, nonce: str) -> Closure:
        """Take orders again. What was written stays for the next time. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            before = await _state(tx)
            after = Closure(closed=False, since=None, by=None, messages=before.messages)
            return await _change(tx, actor, proposal, before, after)

    @again_after_conflict
    async def word(self, actor: Actor, nonce: str) -> Closure:
        """Tell customers of one language something else; no words: what is always said.

        Raises ActRefused.
        """
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            before = await _state(tx)
            language = Language(proposal.arguments["language"])
            messages = {key: said for key, said in before.messages.items() if key != language}
            if proposal.arguments["words"]:
                messages[language] = str(proposal.arguments["words"])[:LONGEST_WORDS]
            after = Closure(
                closed=before.closed, since=before.since, by=before.by, messages=messages
            )
            return await _change(tx, actor, proposal, before, after)


async def _state(tx: Transaction) -> Closure:
    stored = await tx.values.get(_KEY)
    if stored is None:
        return Closure(closed=False, since=None, by=None, messages={})
    since = stored["since"]
    return Closure(
        closed=stored["closed"],
        since=None if since is None else datetime.fromisoformat(since),
        by=stored["by"],
        messages={Language(key): said for key, said in stored["messages"].items()},
    )


async def _change(
    tx: Transaction, actor: Actor, proposal: Proposal, before: Closure, after: Closure
) -> Closure:
    await tx.values.put(_KEY, _plain(after))
    await note(
        tx,
        actor,
        proposal.act,
        subject=proposal.subject,
        reason=proposal.reason,
        before=_plain(before),
        after=_plain(after),
    )
    return after


def _plain(state: Closure) -> dict[str, Any]:
    return {
        "closed": state.closed,
        "since": None if state.since is None else state.since.isoformat(),
        "by": state.by,
        "messages": {str(key): said for key, said in state.messages.items()},
    }
