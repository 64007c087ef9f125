"""The queue of updates: kept until the bot confirms them by asking for a later offset."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.faults import FaultKind, TelegramFaults
from sandbox.telegram.journal import Journal, as_text
from sandbox.telegram.rules import UPDATES_KEPT_SECONDS

_FIRST_UPDATE_ID = 730_000_001
MOST_AT_ONCE = 100

KNOWN_KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
    }
)


class UpdateQueue:
    """Updates for the bot, oldest first.

    `faults` may lose an update, hand it out once more after it was confirmed, hold it for some
    seconds, or let the next one overtake it. Update ids are given when an update becomes visible,
    so they always grow in the order in which the bot can see them.
    """

    def __init__(
        self, journal: Journal, clock: Callable[[], float], faults: TelegramFaults
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._faults = faults

    @property
    def allowed(self) -> tuple[str, ...]:
        """The kinds the bot asked for last; empty means all usual ones."""
        return tuple(self._journal.fact("allowed_updates") or ())

    def allow(self, kinds: Any) -> None:
        """Remembers `allowed_updates`; concerns updates that are yet to come."""
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise bad_request("can't parse allowed updates: Expected an Array of String")
        self._journal.set_fact(
            "allowed_updates", sorted({kind for kind in kinds if kind in KNOWN_KINDS})
        )

    def put(self, kind: str, payload: dict[str, Any], chat_id: int) -> None:
        """Queues an update unless the bot does not want its kind."""
        if self.allowed and kind not in self.allowed:
            return
        fault = self._faults.next_for_update(chat_id)
        if fault is not None and fault.kind is FaultKind.UPDATE_LOST:
            return
        if fault is not None and fault.kind is FaultKind.UPDATE_DELAYED:
            self._hold(kind, payload, fault.seconds, overtaken=False)
            return
        if fault is not None and fault.kind is FaultKind.UPDATE_OVERTAKEN:
            self._hold(kind, payload, fault.seconds, overtaken=True)
            return
        repeats = int(fault is not None and fault.kind is FaultKind.UPDATE_DOUBLED)
        self._show(kind, payload, repeats)
        self._release(self._journal.rows("SELECT * FROM held_updates WHERE overtaken"))

    def _show(self, kind: str, payload: dict[str, Any], repeats: int) -> None:
        self._journal.write(
            "INSERT INTO updates VALUES (?, ?, ?, ?, ?)",
            (
                self._journal.next_number("update", _FIRST_UPDATE_ID),
                kind,
                as_text(payload),
                self._clock(),
                repeats,
            ),
        )

    def _hold(self, kind: str, payload: dict[str, Any], seconds: float, *, overtaken: bool) -> None:
        self._journal.write(
            "INSERT INTO held_updates (kind, payload, release_at, overtaken) VALUES (?, ?, ?, ?)",
            (kind, as_text(payload), self._clock() + seconds, overtaken),
        )

    def release(self) -> None:
        """Shows the held updates whose time has come."""
        self._release(
            self._journal.rows("SELECT * FROM held_updates WHERE release_at <= ?", (self._clock(),))
        )

    def _release(self, held: Sequence[sqlite3.Row]) -> None:
        for row in sorted(held, key=lambda row: int(row["number"])):
            self._journal.write("DELETE FROM held_updates WHERE number = ?", (row["number"],))
            self._show(row["kind"], json.loads(row["payload"]), 0)

    @property
    def next_release(self) -> float | None:
        """When the next held update becomes visible by itself; None when nothing is held."""
        row = self._journal.row("SELECT MIN(release_at) AS at FROM held_updates")
        return None if row is None or row["at"] is None else float(row["at"])

    @property
    def pending(self) -> int:
        row = self._journal.row("SELECT COUNT(*) AS number FROM updates")
        return 0 if row is None else int(row["number"])

    def take(self, offset: int, limit: int) -> Sequence[dict[str, Any]]:
        """Confirms what lies before `offset` and returns what follows, at most `limit` updates.

        A negative offset counts from the end and forgets everything before it.
        """
        self.release()
        self._journal.write(
            "DELETE FROM updates WHERE made_at < ?", (self._clock() - UPDATES_KEPT_SECONDS,)
        )
        if offset < 0:
            row = self._journal.row(
                "SELECT update_id FROM updates ORDER BY update_id DESC LIMIT 1 OFFSET ?",
                (-offset - 1,),
            )
            offset = 0 if row is None else int(row["update_id"])
        self._journal.write("DELETE FROM updates WHERE update_id < ? AND repeats = 0", (offset,))
        self._journal.write("UPDATE updates SET repeats = 0 WHERE update_id < ?", (offset,))
        return [
            {"update_id": row["update_id"], row["kind"]: json.loads(row["payload"])}
            for row in self._journal.rows(
                "SELECT * FROM updates ORDER BY update_id LIMIT ?",
                (limit if 1 <= limit <= MOST_AT_ONCE else MOST_AT_ONCE,),
            )
        ]

    def drop(self) -> None:
        """Forgets everything pending."""
        self._journal.write("DELETE FROM updates")
        self._journal.write("DELETE FROM held_updates")
