"""What a person's Telegram client shows: the changes in a chat, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.keyboards import Rows


@dataclass(frozen=True)
class MessageChange:
    """A message as it is after change `number`; numbers grow over all chats.

    `user_id` is who wrote it, None for the bot. A `service` message says what became of a group.
    """

    number: int
    chat_id: int
    message_id: int
    from_bot: bool
    user_id: int | None
    date: int
    edit_date: int | None
    deleted: bool
    text: str | None
    caption: str | None
    entities: tuple[dict[str, Any], ...]
    keyboard: Rows
    reply_rows: tuple[tuple[str, ...], ...] | None
    media_kind: str | None
    media_path: str | None
    media_width: int
    media_height: int
    media_name: str | None
    reply_to: int | None
    effect_id: str | None
    silent: bool
    service: dict[str, Any] | None = None

    def as_json(self, file_url: Callable[[str], str], /) -> dict[str, Any]:
        """For scripts and the page; `file_url` turns a stored file's path into an address."""
        shown: dict[str, Any] = {
            "kind": "message",
            "change": self.number,
            "chat_id": self.chat_id,
            "user_id": self.chat_id if self.from_bot and self.chat_id > 0 else self.user_id,
            "message_id": self.message_id,
            "from": "bot" if self.from_bot else "user",
            "date": self.date,
            "edit_date": self.edit_date,
            "deleted": self.deleted,
        }
        if self.deleted:
            return shown
        media = None if self.media_path is None else file_url(self.media_path)
        shown |= {
            "text": self.text,
            "caption": self.caption,
            "entities": list(self.entities),
            "keyboard": self.keyboard,
            "photo_url": media if self.media_kind == "photo" else None,
            "reply_to": self.reply_to,
            "effect_id": self.effect_id,
            "silent": self.silent,
        }
        if self.media_kind == "photo":
            shown |= {"photo_width": self.media_width, "photo_height": self.media_height}
        if self.media_kind == "document":
            shown |= {"document_url": media, "document_name": self.media_name}
        if self.service is not None:
            shown["service"] = self.service
        if self.reply_rows is not None:
            shown["reply_keyboard"] = [list(row) for row in self.reply_rows]
        return shown


@dataclass(frozen=True)
class CallbackAnswer:
    """The bot's answer to a pressed button: a note, an alert, or only the end of waiting.

    Only `user_id`, who pressed it, is shown it.
    """

    number: int
    chat_id: int
    user_id: int
    query_id: str
    message_id: int
    text: str | None
    show_alert: bool
    url: str | None

    def as_json(self, _file_url: Callable[[str], str], /) -> dict[str, Any]:
        return {
            "kind": "callback_answer",
            "change": self.number,
            "chat_id": self.chat_id,
            "user_id": self.user_id,
            "query_id": self.query_id,
            "message_id": self.message_id,
            "text": self.text,
            "show_alert": self.show_alert,
            "url": self.url,
        }


@dataclass(frozen=True)
class ChatAction:
    """The bot shows that it is typing or uploading; passes by and is not kept."""

    chat_id: int
    action: str

    def as_json(self, _file_url: Callable[[str], str], /) -> dict[str, Any]:
        return {"kind": "chat_action", "chat_id": self.chat_id, "action": self.action}


Change = MessageChange | CallbackAnswer | ChatAction
