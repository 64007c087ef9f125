"""The people, the bot, and the messages between them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from sandbox.telegram.entities import Entity
from sandbox.telegram.feed import CallbackAnswer, MessageChange
from sandbox.telegram.files import StoredFile
from sandbox.telegram.groups import Groups
from sandbox.telegram.journal import Journal, as_text
from sandbox.telegram.keyboards import Rows
from sandbox.telegram.rules import FormattedText


@dataclass(frozen=True)
class User:
    """A person with a Telegram account."""

    id: int
    first_name: str
    username: str | None = None
    last_name: str | None = None
    language_code: str | None = None

    def as_json(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language_code,
        }
        return {name: value for name, value in fields.items() if value is not None}

    def as_chat(self) -> dict[str, Any]:
        """The private chat with this person."""
        fields: dict[str, Any] = {
            "id": self.id,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "type": "private",
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True)
class Bot:
    """The bot's account; its token is `<id>:<secret>`."""

    token: str
    first_name: str = "Energy Flash"
    username: str = "energy_flash_bot"

    @property
    def id(self) -> int:
        return int(self.token.partition(":")[0])

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }


@dataclass(frozen=True)
class Message:
    """One message of a chat; `body` is its text, or its caption when there is media.

    `user_id` is the person who wrote it, None when it is the bot's. A `service` message is made by
    Telegram: its fields say what became of the group.
    """

    message_id: int
    chat_id: int
    user_id: int | None
    date: int
    body: FormattedText
    media: StoredFile | None = None
    keyboard: Rows | None = None
    reply_rows: tuple[tuple[str, ...], ...] | None = None
    link_preview: dict[str, Any] | None = None
    reply_to: int | None = None
    effect_id: str | None = None
    edit_date: int | None = None
    protected: bool = False
    silent: bool = False
    deleted: bool = False
    hidden: bool = False
    service: dict[str, Any] | None = None

    @property
    def from_bot(self) -> bool:
        return self.user_id is None

    def record(self) -> str:
        fields = asdict(self)
        for column in ("message_id", "chat_id", "deleted", "hidden"):
            del fields[column]
        fields["body"] = [self.body.text, [entity.as_json() for entity in self.body.entities]]
        return as_text(fields)


def _read_message(row: Any) -> Message:
    fields = json.loads(row["record"])
    text, entities = fields.pop("body")
    media = fields.pop("media")
    rows = fields.pop("reply_rows")
    return Message(
        message_id=row["message_id"],
        chat_id=row["chat_id"],
        deleted=bool(row["deleted"]),
        hidden=bool(row["hidden"]),
        body=FormattedText(text, tuple(Entity.from_json(entity) for entity in entities)),
        media=None if media is None else StoredFile(**media),
        reply_rows=None if rows is None else tuple(tuple(row) for row in rows),
        **fields,
    )


class Chats:
    """The accounts, their private chats with the bot, the groups, and the order of changes."""

    def __init__(self, journal: Journal, bot: Bot) -> None:
        self._journal = journal
        self.bot = bot
        self.groups = Groups(journal)

    # People

    def put_user(self, user: User) -> None:
        self._journal.write(
            "INSERT INTO users (user_id, record) VALUES (?, ?)"
            " ON CONFLICT (user_id) DO UPDATE SET record = excluded.record",
            (user.id, as_text(asdict(user))),
        )

    def users(self) -> tuple[User, ...]:
        rows = self._journal.rows("SELECT record FROM users ORDER BY user_id")
        return tuple(User(**json.loads(row["record"])) for row in rows)

    def user(self, user_id: int) -> User | None:
        row = self._journal.row("SELECT record FROM users WHERE user_id = ?", (user_id,))
        return None if row is None else User(**json.loads(row["record"]))

    def has_started(self, user_id: int) -> bool:
        """Whether the person ever wrote to the bot: before that the bot has no such chat."""
        row = self._journal.row("SELECT started FROM users WHERE user_id = ?", (user_id,))
        return row is not None and bool(row["started"])

    def has_blocked(self, user_id: int) -> bool:
        row = self._journal.row("SELECT blocked FROM users WHERE user_id = ?", (user_id,))
        return row is not None and bool(row["blocked"])

    def set_started(self, user_id: int) -> None:
        self._journal.write("UPDATE users SET started = 1 WHERE user_id = ?", (user_id,))

    def set_blocked(self, user_id: int, blocked: bool) -> None:
        self._journal.write(
            "UPDATE users SET blocked = ? WHERE user_id = ?", (int(blocked), user_id)
        )

    # Messages

    def new_message_id(self) -> int:
        """Message ids grow over all chats of a bot, so they differ between chats."""
        return self._journal.next_number("message")

    def message(self, chat_id: int, message_id: int) -> Message | None:
        """A message of that chat; None when it never was there or is gone for both sides."""
        row = self._journal.row(
            "SELECT * FROM messages WHERE message_id = ? AND chat_id = ? AND NOT deleted",
            (message_id, chat_id),
        )
        return None if row is None else _read_message(row)

    def save(self, message: Message) -> MessageChange:
        """Stores the message's present state as the chat's latest change."""
        number = self._journal.next_number("change")
        self._journal.write(
            "INSERT INTO messages (message_id, chat_id, change, deleted, hidden, record)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message_id) DO UPDATE SET"
            " change = excluded.change, deleted = excluded.deleted, hidden = excluded.hidden,"
            " record = excluded.record",
            (
                message.message_id,
                message.chat_id,
                number,
                int(message.deleted),
                int(message.hidden),
                message.record(),
            ),
        )
        return _change(number, message)

    def save_answer(self, answer: CallbackAnswer) -> CallbackAnswer:
        """Stores what a pressed button brought, as the chat's latest change."""
        numbered = replace(answer, number=self._journal.next_number("change"))
        self._journal.write(
            "INSERT INTO callback_answers VALUES (?, ?, ?)",
            (numbered.number, numbered.chat_id, as_text(asdict(numbered))),
        )
        return numbered

    def changes(self, chat_id: int, after: int) -> tuple[MessageChange | CallbackAnswer, ...]:
        """What changed in the chat after that number, oldest change first."""
        found: list[MessageChange | CallbackAnswer] = [
            _change(row["change"], _read_message(row))
            for row in self._journal.rows(
                "SELECT * FROM messages WHERE chat_id = ? AND change > ?", (chat_id, after)
            )
        ]
        found += [
            CallbackAnswer(**json.loads(row["record"]))
            for row in self._journal.rows(
                "SELECT record FROM callback_answers WHERE chat_id = ? AND change > ?",
                (chat_id, after),
            )
        ]
        return tuple(sorted(found, key=lambda change: change.number))

    # JSON

    def as_json(self, message: Message, *, with_reply: bool = True) -> dict[str, Any]:
        """The message as the Bot API shows it."""
        shown: dict[str, Any] = {
            "message_id": message.message_id,
            "from": self._sender(message),
            "chat": self.chat(message.chat_id),
            "date": message.date,
        }
        if message.service is not None:
            return shown | message.service
        if message.edit_date is not None:
            shown["edit_date"] = message.edit_date
        if with_reply and message.reply_to is not None:
            replied = self.message(message.chat_id, message.reply_to)
            if replied is not None:
                shown["reply_to_message"] = self.as_json(replied, with_reply=False)
        shown |= _content(message)
        if message.effect_id is not None:
            shown["effect_id"] = message.effect_id
        if message.protected:
            shown["has_protected_content"] = True
        if message.keyboard:
            shown["reply_markup"] = {"inline_keyboard": message.keyboard}
        return shown

    def chat(self, chat_id: int) -> dict[str, Any]:
        """A private chat or a group as a message shows it."""
        group = self.groups.find(chat_id)
        if group is not None:
            return group.as_chat()
        user = self.user(chat_id)
        assert user is not None, "a chat that is no group belongs to a known person"
        return user.as_chat()

    def _sender(self, message: Message) -> dict[str, Any]:
        if message.user_id is None:
            return self.bot.as_json()
        user = self.user(message.user_id)
        assert user is not None, "a stored message was written by a known person"
        return user.as_json()


def _content(message: Message) -> dict[str, Any]:
    """What a message says and shows."""
    shown: dict[str, Any] = {}
    entities = [entity.as_json() for entity in message.body.entities]
    if message.media is None:
        shown["text"] = message.body.text
        if entities:
            shown["entities"] = entities
        if message.link_preview:
            shown["link_preview_options"] = message.link_preview
    else:
        shown[message.media.kind] = message.media.as_media()
        if message.body.text:
            shown["caption"] = message.body.text
        if entities:
            shown["caption_entities"] = entities
    return shown


def _change(number: int, message: Message) -> MessageChange:
    media = message.media
    return MessageChange(
        number=number,
        chat_id=message.chat_id,
        message_id=message.message_id,
        from_bot=message.from_bot,
        user_id=message.user_id,
        date=message.date,
        edit_date=message.edit_date,
        deleted=message.deleted or message.hidden,
        text=message.body.text if media is None else None,
        caption=message.body.text if media is not None else None,
        entities=tuple(entity.as_json() for entity in message.body.entities),
        keyboard=message.keyboard or [],
        reply_rows=message.reply_rows,
        media_kind=None if media is None else media.kind,
        media_path=None if media is None else media.path,
        media_width=0 if media is None else media.width,
        media_height=0 if media is None else media.height,
        media_name=None if media is None else media.name,
        reply_to=message.reply_to,
        effect_id=message.effect_id,
        silent=message.silent,
        service=message.service,
    )
