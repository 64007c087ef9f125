"""Groups: who is in them, what the bot is there, and what becomes of one that is upgraded."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sandbox.telegram.errors import BotApiError, bad_request, refusal
from sandbox.telegram.journal import Journal, as_text

_SUPERGROUPS_BELOW = -1_000_000_000_000


class Membership(StrEnum):
    """What the bot is in a group. An administrator hears everything, and may pin."""

    MEMBER = "member"
    ADMINISTRATOR = "administrator"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(frozen=True)
class Group:
    """A group chat. A supergroup has an id of -100 and ten digits, a plain one a shorter id.

    A plain one that was upgraded stays behind empty: `migrated_to` is the supergroup's id.
    """

    id: int
    title: str
    members: tuple[int, ...]
    bot: Membership = Membership.MEMBER
    migrated_to: int | None = None
    migrated_from: int | None = None
    pinned: int | None = None

    @property
    def is_supergroup(self) -> bool:
        return self.id < _SUPERGROUPS_BELOW

    @property
    def type(self) -> str:
        return "supergroup" if self.is_supergroup else "group"

    @property
    def has_bot(self) -> bool:
        return self.bot in (Membership.MEMBER, Membership.ADMINISTRATOR)

    def as_chat(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title, "type": self.type}

    def check_readable(self) -> None:
        """Raises BotApiError for a supergroup the bot is not in: of a plain one it still hears."""
        if self.is_supergroup:
            self._check_membership()

    def check_writable(self) -> None:
        """Raises BotApiError as Telegram does where the bot cannot write."""
        if self.migrated_to is not None:
            raise BotApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.migrated_to,
            )
        self._check_membership()

    def _check_membership(self) -> None:
        if self.bot is Membership.KICKED:
            raise refusal(403, f"bot was kicked from the {self.type} chat")
        if self.bot is Membership.LEFT:
            raise refusal(403, f"bot is not a member of the {self.type} chat")

    def check_may_pin(self) -> None:
        if self.bot is not Membership.ADMINISTRATOR:
            raise bad_request("not enough rights to manage pinned messages in the chat")


class Groups:
    """The groups there are."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def put(self, group: Group) -> None:
        self._journal.write(
            "INSERT INTO groups (chat_id, record) VALUES (?, ?)"
            " ON CONFLICT (chat_id) DO UPDATE SET record = excluded.record",
            (group.id, as_text(asdict(group))),
        )

    def find(self, chat_id: int) -> Group | None:
        row = self._journal.row("SELECT record FROM groups WHERE chat_id = ?", (chat_id,))
        return None if row is None else _read(row["record"])

    def all(self) -> tuple[Group, ...]:
        """Those that were not upgraded to another, in the order of their making."""
        rows = self._journal.rows("SELECT record FROM groups ORDER BY rowid")
        groups = (_read(row["record"]) for row in rows)
        return tuple(group for group in groups if group.migrated_to is None)


def _read(record: str) -> Group:
    fields = json.loads(record)
    return Group(
        **{
            **fields,
            "members": tuple(fields["members"]),
            "bot": Membership(fields["bot"]),
        }
    )
