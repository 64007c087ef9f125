"""Broadcasts: one message of the staff for many people, once to each.

The message stays where it was written and is copied from there, so that it arrives as it was
meant, whatever it holds. For whom it is, is settled when it starts. A recipient is claimed before
the message is sent and recorded after Telegram's answer; whoever dies between the two may make one
person read it twice, and nobody miss it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from db.broadcasts import BroadcastRow
from db.database import Database, Transaction, again_after_conflict
from services.acts import ActFault, ActRefused, Acts
from services.customers import Language
from services.notices import BROADCAST_TOPIC
from services.staff import Actor
from services.trail import note

LONGEST_TITLE = 60

# Longer than any request to Telegram takes, pauses included.
_LEASE = timedelta(seconds=90)
_DRAFTS_KEPT = timedelta(days=7)

log = logging.getLogger(__name__)


class Activity(StrEnum):
    """What people have done here."""

    ALL = "all"
    LATELY = "lately"
    """Wrote or tapped within thirty days."""
    PAID = "paid"
    NEVER_PAID = "never_paid"


class BroadcastState(StrEnum):
    """Where a broadcast is."""

    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast, and how many people it is for.

    Of a draft, `people` are those who would get it now. `language` None is any. `message_gone`:
    it paused by itself, because there is nothing to copy any more.
    """

    id: int
    actor_id: int
    from_chat_id: int
    message_id: int
    title: str
    language: Language | None
    activity: Activity
    state: BroadcastState
    message_gone: bool
    progress: tuple[int, int] | None
    created_at: datetime
    ended_at: datetime | None
    people: int
    delivered: int = 0
    blocked: int = 0
    failed: int = 0

    @property
    def remaining(self) -> int:
        """For how many it has not ended yet."""
        return self.people - self.delivered - self.blocked - self.failed


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is to get a copy of a message; `attempts` with this one."""

    broadcast_id: int
    user_id: int
    from_chat_id: int
    message_id: int
    attempts: int


def subject_of(broadcast_id: int) -> str:
    """The broadcast, as the log names it."""
    return f"broadcast {broadcast_id}"


class Broadcasts:
    """Composes and steers broadcasts, and hands their recipients out."""

    def __init__(self, database: Database, acts: Acts) -> None:
        self._database = database
        self._acts = acts

    @again_after_conflict
    async def compose(
        self, actor: Actor, *, chat_id: int, message_id: int, title: str
    ) -> Broadcast:
        """A draft of what the actor wrote; old ones are forgotten."""
        async with self._database.transaction() as tx:
            await tx.broadcasts.forget_drafts(_DRAFTS_KEPT)
            row = await tx.broadcasts.compose(
                actor_id=actor.id,
                from_chat_id=chat_id,
                message_id=message_id,
                title=title[:LONGEST_TITLE],
            )
            return await _view(tx, row)

    async def look(self, broadcast_id: int) -> Broadcast | None:
        async with self._database.transaction() as tx:
            row = await tx.broadcasts.get(broadcast_id)
            return None if row is None else await _view(tx, row)

    async def earlier(self, limit: int) -> tuple[tuple[Broadcast, ...], int]:
        """The latest that were started, and how many there are in all."""
        async with self._database.transaction() as tx:
            rows = await tx.broadcasts.newest(limit)
            return await _views(tx, rows), await tx.broadcasts.count()

    @again_after_conflict
    async def aim(
        self, broadcast_id: int, language: Language | None, activity: Activity
    ) -> Broadcast | None:
        """Choose for whom a draft is; None if it is no draft any more."""
        async with self._database.transaction() as tx:
            row = await tx.broadcasts.aim(broadcast_id, language=language, activity=activity)
            return None if row is None else await _view(tx, row)

    @again_after_conflict
    async def start(self, actor: Actor, nonce: str) -> Broadcast:
        """Send a draft, to those it is for now. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            row = await tx.broadcasts.start(int(proposal.arguments["broadcast"]))
            if row is None:
                raise ActRefused(ActFault.GONE)
            broadcast = await _view(tx, row)
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"state": BroadcastState.DRAFT},
                after={
                    "state": broadcast.state,
                    "people": broadcast.people,
                    "language": broadcast.language,
                    "activity": broadcast.activity,
                },
            )
            await tx.wake(BROADCAST_TOPIC)
        log.info("%s started broadcast %s to %s", actor.id, broadcast.id, broadcast.people)
        return broadcast

    @again_after_conflict
    async def cancel(self, actor: Actor, nonce: str) -> Broadcast:
        """Nobody else gets it. Raises ActRefused."""
        async with self._acts.taking(actor, nonce) as (tx, proposal):
            before = await tx.broadcasts.get(int(proposal.arguments["broadcast"]))
            row = await tx.broadcasts.move(
                int(proposal.arguments["broadcast"]),
                old=(BroadcastState.SENDING, BroadcastState.PAUSED),
                new=BroadcastState.CANCELLED,
            )
            if before is None or row is None:
                raise ActRefused(ActFault.GONE)
            broadcast = await _view(tx, row)
            await note(
                tx,
                actor,
                proposal.act,
                subject=proposal.subject,
                reason=proposal.reason,
                before={"state": before.state},
                after={"state": broadcast.state, "remaining": broadcast.remaining},
            )
        log.info("%s cancelled broadcast %s", actor.id, broadcast.id)
        return broadcast

    async def pause(
        self, actor: Actor, broadcast_id: int, *, said: bool = False
    ) -> Broadcast | None:
        """Send no more for now, beyond what is under way; None if it is not being sent.

        `said`: its message is about to show something else.
        """
        return await self._steer(
            actor,
            broadcast_id,
            BroadcastState.SENDING,
            BroadcastState.PAUSED,
            "pause_broadcast",
            said=said,
        )

    async def go_on(self, actor: Actor, broadcast_id: int) -> Broadcast | None:
        """None if it is not paused."""
        return await self._steer(
            actor, broadcast_id, BroadcastState.PAUSED, BroadcastState.SENDING, "go_on_broadcast"
        )

    @again_after_conflict
    async def _steer(
        self,
        actor: Actor,
        broadcast_id: int,
        old: BroadcastState,
        new: BroadcastState,
        act: str,
        *,
        said: bool = False,
    ) -> Broadcast | None:
        async with self._database.transaction() as tx:
            row = await tx.broadcasts.move(broadcast_id, old=(old,), new=new, said=said)
            if row is None:
                return None
            await note(
                tx,
                actor,
                act,
                subject=subject_of(broadcast_id),
                before={"state": old},
                after={"state": new},
            )
            await tx.wake(BROADCAST_TOPIC)
            return await _view(tx, row)

    # Sending

    async def notices_wait(self) -> bool:
        """Whether something is to be said that people wait for: that comes first."""
        async with self._database.transaction() as tx:
            return await tx.outbox.any_due()

    async def claim(self, limit: int) -> tuple[Recipient, ...]:
        """Recipients that are due, leased to the caller.

        Whom a process was writing to when it died is due at once.
        """
        presence = await self._database.presence()
        async with self._database.transaction() as tx:
            await tx.broadcasts.end_leases_of_the_dead(presence)
            rows = await tx.broadcasts.claim(limit, _LEASE, presence)
        return tuple(
            Recipient(row.broadcast_id, row.user_id, row.from_chat_id, row.message_id, row.attempts)
            for row in rows
        )

    async def delivered(self, recipient: Recipient) -> None:
        async with self._database.transaction() as tx:
            await tx.broadcasts.settle(recipient.broadcast_id, recipient.user_id, "delivered")

    async def blocked(self, recipient: Recipient, error: str) -> None:
        """They have blocked the bot, or are gone from Telegram."""
        async with self._database.transaction() as tx:
            await tx.customers.set_blocked(recipient.user_id, blocked=True)
            await tx.broadcasts.settle(recipient.broadcast_id, recipient.user_id, "blocked", error)

    async def failed(self, recipient: Recipient, error: str) -> None:
        async with self._database.transaction() as tx:
            await tx.broadcasts.settle(recipient.broadcast_id, recipient.user_id, "failed", error)

    async def postpone(
        self, recipient: Recipient, seconds: float, error: str, *, counts: bool = True
    ) -> None:
        """Try again after `seconds`; what Telegram did not look at does not count as an attempt."""
        async with self._database.transaction() as tx:
            await tx.broadcasts.postpone(
                recipient.broadcast_id,
                recipient.user_id,
                timedelta(seconds=seconds),
                error,
                counts=counts,
            )

    async def message_gone(self, recipient: Recipient, error: str) -> None:
        """There is nothing to copy any more: it pauses, and nobody's copy has failed for that."""
        async with self._database.transaction() as tx:
            await tx.broadcasts.postpone(
                recipient.broadcast_id, recipient.user_id, timedelta(), error, counts=False
            )
            await tx.broadcasts.move(
                recipient.broadcast_id,
                old=(BroadcastState.SENDING,),
                new=BroadcastState.PAUSED,
                trouble="message_gone",
            )

    async def finish(self) -> None:
        """Whatever nobody waits for any more is done."""
        async with self._database.transaction() as tx:
            await tx.broadcasts.finish()

    # Progress

    async def to_be_shown(self) -> tuple[tuple[Broadcast, Language], ...]:
        """What is being sent or has changed, and in which language its message is read."""
        async with self._database.transaction() as tx:
            rows = await tx.broadcasts.unsaid()
            if not rows:
                return ()
            readers = [row.progress_chat_id or row.actor_id for row in rows]
            languages = await tx.customers.languages(readers)
            views = await _views(tx, rows)
        return tuple(
            (view, Language(languages.get(reader, Language.EN)))
            for view, reader in zip(views, readers, strict=True)
        )

    async def shown_on(self, broadcast_id: int, chat_id: int, message_id: int) -> None:
        """This message shows how far it is from now on."""
        async with self._database.transaction() as tx:
            await tx.broadcasts.shown_on(broadcast_id, chat_id, message_id)

    async def said(self, broadcast: Broadcast) -> None:
        """Its message shows this."""
        async with self._database.transaction() as tx:
            await tx.broadcasts.said(broadcast.id, broadcast.state)


async def _view(tx: Transaction, row: BroadcastRow) -> Broadcast:
    (view,) = await _views(tx, [row])
    return view


async def _views(tx: Transaction, rows: Sequence[BroadcastRow]) -> tuple[Broadcast, ...]:
    counts = await tx.broadcasts.counts([row.id for row in rows])
    audiences = {
        row.id: await tx.broadcasts.audience(row.language, row.activity)
        for row in rows
        if row.state == BroadcastState.DRAFT
    }
    return tuple(_broadcast(row, counts[row.id], audiences.get(row.id)) for row in rows)


def _broadcast(row: BroadcastRow, counts: Mapping[str, int], audience: int | None) -> Broadcast:
    progress = None
    if row.progress_chat_id is not None and row.progress_message_id is not None:
        progress = row.progress_chat_id, row.progress_message_id
    return Broadcast(
        id=row.id,
        actor_id=row.actor_id,
        from_chat_id=row.from_chat_id,
        message_id=row.message_id,
        title=row.title,
        language=None if row.language is None else Language(row.language),
        activity=Activity(row.activity),
        state=BroadcastState(row.state),
        message_gone=row.trouble == "message_gone",
        progress=progress,
        created_at=row.created_at,
        ended_at=row.ended_at,
        people=sum(counts.values()) if audience is None else audience,
        delivered=counts.get("delivered", 0),
        blocked=counts.get("blocked", 0),
        failed=counts.get("failed", 0),
    )
