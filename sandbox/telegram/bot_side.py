"""What the bot can do in its chats, and when Telegram refuses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.telegram.chats import Chats, Message
from sandbox.telegram.errors import bad_request, blocked_by_user
from sandbox.telegram.feed import CallbackAnswer, Change, ChatAction
from sandbox.telegram.files import Files, StoredFile, Upload
from sandbox.telegram.flood import FloodLimit
from sandbox.telegram.groups import Group, Membership
from sandbox.telegram.journal import Journal
from sandbox.telegram.keyboards import Markup
from sandbox.telegram.rules import (
    CHAT_ACTIONS,
    DELETE_WITHIN_SECONDS,
    LARGEST_DOWNLOAD_BYTES,
    LONGEST_ANSWER,
    MESSAGE_EFFECTS,
    FormattedText,
    check_text_length,
)

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
_QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True)
class Sending:
    """What can accompany any new message of the bot."""

    markup: Markup = field(default_factory=Markup)
    reply_to: int | None = None
    reply_may_be_missing: bool = False
    effect_id: str | None = None
    protected: bool = False
    silent: bool = False


@dataclass(frozen=True)
class NewMedia:
    """A photo or document to send: uploaded now, or named by its file id."""

    kind: str
    source: Upload | str


class BotSide:
    """The bot's half of the local Telegram; every method raises BotApiError when refused."""

    def __init__(
        self,
        *,
        journal: Journal,
        chats: Chats,
        files: Files,
        clock: Callable[[], float],
        flood: FloodLimit,
        query_seconds: float,
        announce: Callable[[Change], None],
        acting: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._journal = journal
        self._chats = chats
        self._files = files
        self._clock = clock
        self._flood = flood
        self._query_seconds = query_seconds
        self._announce = announce
        self._acting = acting

    def knows_chat(self, chat_id: int) -> bool:
        return self._chats.has_started(chat_id) or self._chats.groups.find(chat_id) is not None

    def _check_chat(self, chat_id: int) -> None:
        """That the bot may read there."""
        group = self._chats.groups.find(chat_id)
        if group is not None:
            group.check_readable()
        elif not self._chats.has_started(chat_id):
            raise bad_request("chat not found")

    def _check_writable(self, chat_id: int) -> None:
        group = self._chats.groups.find(chat_id)
        if group is not None:
            group.check_writable()
            return
        self._check_chat(chat_id)
        if self._chats.has_blocked(chat_id):
            raise blocked_by_user()

    def _check_may_write(self, chat_id: int) -> None:
        self._check_writable(chat_id)
        self._flood.take(chat_id, self._clock)

    def _save(self, message: Message) -> dict[str, Any]:
        self._announce(self._chats.save(message))
        return self._chats.as_json(message)

    # Sending

    def send_text(
        self,
        chat_id: int,
        text: FormattedText,
        sending: Sending,
        link_preview: dict[str, Any] | None,
    ) -> dict[str, Any]:
        with self._acting():
            self._check_may_write(chat_id)
            check_text_length(text)
            return self._send(chat_id, text, None, sending, link_preview)

    def send_media(
        self, chat_id: int, media: NewMedia, caption: FormattedText, sending: Sending
    ) -> dict[str, Any]:
        with self._acting():
            self._check_may_write(chat_id)
            return self._send(chat_id, caption, self._stored(media), sending, None)

    def copy(
        self,
        chat_id: int,
        from_chat_id: int,
        message_id: int,
        caption: FormattedText | None,
        sending: Sending,
    ) -> dict[str, Any]:
        """The answer of copyMessage; a `caption` takes the place of the original's.

        The original's buttons stay behind.
        """
        with self._acting():
            self._check_may_write(chat_id)
            self._check_chat(from_chat_id)
            original = self._chats.message(from_chat_id, message_id)
            if original is None:
                raise bad_request("message to copy not found")
            has_caption = original.media is not None
            body = caption if caption is not None and has_caption else original.body
            sent = self._send(chat_id, body, original.media, sending, original.link_preview)
            return {"message_id": sent["message_id"]}

    def _send(
        self,
        chat_id: int,
        body: FormattedText,
        media: StoredFile | None,
        sending: Sending,
        link_preview: dict[str, Any] | None,
    ) -> dict[str, Any]:
        reply_to = sending.reply_to
        if reply_to is not None and self._chats.message(chat_id, reply_to) is None:
            if not sending.reply_may_be_missing:
                raise bad_request("message to be replied not found")
            reply_to = None
        if sending.effect_id is not None and sending.effect_id not in MESSAGE_EFFECTS:
            raise bad_request("EFFECT_ID_INVALID")
        return self._save(
            Message(
                message_id=self._chats.new_message_id(),
                chat_id=chat_id,
                user_id=None,
                date=int(self._clock()),
                body=body,
                media=media,
                keyboard=sending.markup.inline,
                reply_rows=sending.markup.reply_rows,
                link_preview=link_preview,
                reply_to=reply_to,
                effect_id=sending.effect_id,
                protected=sending.protected,
                silent=sending.silent,
            )
        )

    def _stored(self, media: NewMedia) -> StoredFile:
        if isinstance(media.source, Upload):
            if media.kind == "photo":
                return self._files.add_photo(media.source)
            return self._files.add_document(media.source)
        stored = self._files.find(media.source)
        if stored is None:
            raise bad_request(
                "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"
            )
        if stored.kind != media.kind:
            raise bad_request(
                f"can't use file of type {stored.kind.title()} as {media.kind.title()}"
            )
        return stored

    # Editing

    def _check_editable(self, chat_id: int) -> None:
        # Somebody who blocked the bot can still be seen not to have that message.
        if self._chats.groups.find(chat_id) is not None:
            self._check_writable(chat_id)
        else:
            self._check_chat(chat_id)

    def _own_message(self, chat_id: int, message_id: int) -> Message:
        self._check_editable(chat_id)
        message = self._chats.message(chat_id, message_id)
        if message is None:
            raise bad_request("message to edit not found")
        if not message.from_bot:
            raise bad_request("message can't be edited")
        return message

    def _edit(self, before: Message, after: Message) -> dict[str, Any]:
        if after == before:
            raise bad_request(_NOT_MODIFIED)
        self._check_may_write(before.chat_id)
        return self._save(replace(after, edit_date=int(self._clock())))

    def edit_text(
        self,
        chat_id: int,
        message_id: int,
        text: FormattedText,
        markup: Markup,
        link_preview: dict[str, Any] | None,
    ) -> dict[str, Any]:
        with self._acting():
            before = self._own_message(chat_id, message_id)
            if before.media is not None:
                raise bad_request("there is no text in the message to edit")
            check_text_length(text)
            return self._edit(
                before,
                replace(before, body=text, keyboard=markup.inline, link_preview=link_preview),
            )

    def edit_caption(
        self, chat_id: int, message_id: int, caption: FormattedText, markup: Markup
    ) -> dict[str, Any]:
        with self._acting():
            before = self._own_message(chat_id, message_id)
            if before.media is None:
                raise bad_request("there is no caption in the message to edit")
            return self._edit(before, replace(before, body=caption, keyboard=markup.inline))

    def edit_media(
        self,
        chat_id: int,
        message_id: int,
        media: NewMedia,
        caption: FormattedText,
        markup: Markup,
    ) -> dict[str, Any]:
        with self._acting():
            before = self._own_message(chat_id, message_id)
            return self._edit(
                before,
                replace(
                    before,
                    body=caption,
                    media=self._stored(media),
                    keyboard=markup.inline,
                    link_preview=None,
                ),
            )

    def edit_keyboard(self, chat_id: int, message_id: int, markup: Markup) -> dict[str, Any]:
        with self._acting():
            before = self._own_message(chat_id, message_id)
            return self._edit(before, replace(before, keyboard=markup.inline))

    def delete(self, chat_id: int, message_id: int) -> None:
        """Removes a message of either side, up to 48 hours old, for both.

        In a group only an administrator removes what others wrote.
        """
        with self._acting():
            self._check_editable(chat_id)
            group = self._chats.groups.find(chat_id)
            message = self._chats.message(chat_id, message_id)
            if message is None:
                raise bad_request("message to delete not found")
            others = not message.from_bot and group is not None
            if others and group is not None and group.bot is not Membership.ADMINISTRATOR:
                raise bad_request("message can't be deleted")
            if self._clock() - message.date > DELETE_WITHIN_SECONDS:
                raise bad_request("message can't be deleted")
            self._announce(self._chats.save(replace(message, deleted=True)))

    # Everything else

    def answer_callback(
        self, query_id: str, text: str | None, show_alert: bool, url: str | None
    ) -> None:
        """Answers a pressed button once, while the person's client still waits."""
        with self._acting():
            if len(text or "") > LONGEST_ANSWER:
                raise bad_request("MESSAGE_TOO_LONG")
            row = self._journal.row(
                "SELECT * FROM callback_queries WHERE query_id = ? AND NOT answered", (query_id,)
            )
            if row is None or self._clock() - row["asked_at"] > self._query_seconds:
                raise bad_request(_QUERY_GONE)
            if url and not url.startswith(("https://t.me/", "tg://")):
                raise bad_request("URL_INVALID")
            self._journal.write(
                "UPDATE callback_queries SET answered = 1 WHERE query_id = ?", (query_id,)
            )
            answer = CallbackAnswer(
                number=0,
                chat_id=row["chat_id"],
                user_id=row["user_id"],
                query_id=query_id,
                message_id=row["message_id"],
                text=text or None,
                show_alert=show_alert,
                url=url,
            )
            self._announce(self._chats.save_answer(answer))

    def chat_action(self, chat_id: int, action: str) -> None:
        if action.lower() not in CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._check_writable(chat_id)
        with self._acting():
            self._announce(ChatAction(chat_id, action.lower()))

    def chat(self, chat_id: int) -> dict[str, Any]:
        """The answer of getChat."""
        self._check_chat(chat_id)
        group = self._chats.groups.find(chat_id)
        if group is not None:
            return self._group(group)
        user = self._chats.user(chat_id)
        assert user is not None, "a started chat belongs to a known person"
        return {
            **user.as_chat(),
            **({"active_usernames": [user.username]} if user.username else {}),
            **_full_info(user.id, gifts=True),
        }

    def _group(self, group: Group) -> dict[str, Any]:
        shown = {
            **group.as_chat(),
            "permissions": {
                "can_send_messages": True,
                "can_send_photos": True,
                "can_send_documents": True,
                "can_add_web_page_previews": True,
                "can_pin_messages": False,
            },
            **_full_info(-group.id, gifts=False),
        }
        pinned = None if group.pinned is None else self._chats.message(group.id, group.pinned)
        if pinned is not None:
            shown["pinned_message"] = self._chats.as_json(pinned, with_reply=False)
        return shown

    def pin(self, chat_id: int, message_id: int) -> None:
        """Pins a message of a group of which the bot is an administrator."""
        with self._acting():
            group = self._group_to_pin_in(chat_id)
            if self._chats.message(chat_id, message_id) is None:
                raise bad_request("message to pin not found")
            self._chats.groups.put(replace(group, pinned=message_id))

    def unpin(self, chat_id: int, message_id: int) -> None:
        """Unpins that message; the last pinned one for 0."""
        with self._acting():
            group = self._group_to_pin_in(chat_id)
            if group.pinned is None or message_id not in (0, group.pinned):
                raise bad_request("message to unpin not found")
            self._chats.groups.put(replace(group, pinned=None))

    def _group_to_pin_in(self, chat_id: int) -> Group:
        self._check_writable(chat_id)
        group = self._chats.groups.find(chat_id)
        if group is None:
            raise bad_request("this local Bot API pins in groups only")
        group.check_may_pin()
        return group

    def file(self, file_id: str) -> dict[str, Any]:
        """The answer of getFile."""
        stored = self._files.find(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if stored.size > LARGEST_DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        return stored.as_json()


def _full_info(number: int, *, gifts: bool) -> dict[str, Any]:
    """What only getChat tells of a chat."""
    return {
        "accepted_gift_types": {
            "unlimited_gifts": gifts,
            "limited_gifts": gifts,
            "unique_gifts": gifts,
            "premium_subscription": gifts,
            "gifts_from_channels": gifts,
        },
        "max_reaction_count": 11,
        "accent_color_id": number % 7,
    }
