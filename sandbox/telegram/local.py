"""The local Telegram: chats of a few people with one bot, and what those people can do.

What a person does happens in their private chat with the bot, or in a group that is named.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.telegram.bot_side import BotSide
from sandbox.telegram.chats import Bot, Chats, Message, User
from sandbox.telegram.clicks import (
    CallbackSent,
    Click,
    LinkOpened,
    NothingHappens,
    TextCopied,
    find_button,
)
from sandbox.telegram.entities import Entity, formatted, utf16_length, utf16_slice
from sandbox.telegram.errors import BotApiError, UserCannot
from sandbox.telegram.faults import TelegramFaults
from sandbox.telegram.feed import CallbackAnswer, Change, MessageChange
from sandbox.telegram.files import Files, StoredFile, Upload
from sandbox.telegram.flood import FloodLimit
from sandbox.telegram.groups import Group, Membership
from sandbox.telegram.journal import FILE_NAME, Journal
from sandbox.telegram.profile import BotProfile
from sandbox.telegram.rules import LONGEST_CAPTION, LONGEST_TEXT, FormattedText
from sandbox.telegram.updates import UpdateQueue

QUERY_SECONDS = 15.0
_QUERIES_KEPT_SECONDS = 3600

log = logging.getLogger(__name__)

Subscriber = Callable[[Change], None]


class LocalTelegram:
    """State and rules of a Telegram with one bot; synchronous, for one thread.

    With `data_dir` everything lives in `data_dir/telegram.sqlite3` and survives a restart and a
    kill; without it, in memory. Of `users` and `groups` those not yet known are added. `clock`
    gives Unix seconds. A pressed button waits `query_seconds` for its answer. Methods of a person
    raise UserCannot for what no Telegram client would allow.
    """

    def __init__(
        self,
        bot: Bot,
        users: Iterable[User] = (),
        *,
        groups: Iterable[Group] = (),
        data_dir: Path | None = None,
        clock: Callable[[], float] = time.time,
        faults: TelegramFaults | None = None,
        flood: FloodLimit | None = None,
        query_seconds: float = QUERY_SECONDS,
    ) -> None:
        self.bot = bot
        self.faults = faults if faults is not None else TelegramFaults()
        self.clock = clock
        self._journal = Journal(None if data_dir is None else data_dir / FILE_NAME)
        self._chats = Chats(self._journal, bot)
        self._subscribers: list[Subscriber] = []
        self._update_listeners: list[Callable[[], None]] = []
        self._unsaid: list[Change] = []
        self._queued = False
        self._depth = 0
        self.files = Files(self._journal)
        self.updates = UpdateQueue(self._journal, clock, self.faults)
        self.profile = BotProfile(self._journal, self._knows_chat)
        self.bot_side = BotSide(
            journal=self._journal,
            chats=self._chats,
            files=self.files,
            clock=clock,
            flood=flood if flood is not None else FloodLimit(),
            query_seconds=query_seconds,
            announce=self._unsaid.append,
            acting=self.acting,
        )
        with self.acting():
            for user in users:
                if self._chats.user(user.id) is None:
                    self._chats.put_user(user)
            for group in groups:
                if self._chats.groups.find(group.id) is None:
                    self._chats.groups.put(group)

    def close(self) -> None:
        self._journal.close()

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Everything done inside is stored at once, and only then told to subscribers."""
        if self._depth:
            yield
            return
        self._depth += 1
        try:
            with self._journal.transaction():
                yield
        except BaseException:
            self._unsaid.clear()
            self._queued = False
            raise
        finally:
            self._depth -= 1
        changes, queued = tuple(self._unsaid), self._queued
        self._unsaid.clear()
        self._queued = False
        for change in changes:
            for subscriber in tuple(self._subscribers):
                try:
                    subscriber(change)
                except Exception:
                    log.exception("a subscriber failed on change of chat %d", change.chat_id)
        if queued:
            for listener in tuple(self._update_listeners):
                listener()

    def recall(self, name: str) -> Any:
        """A value kept with `remember`, None when there is none."""
        return self._journal.fact(name)

    def remember(self, name: str, value: Any) -> None:
        """Keeps a JSON value over restarts; inside `acting`."""
        self._journal.set_fact(name, value)

    # Watching

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Calls back on each change after it is stored; returns how to stop that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def on_update(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back when an update was queued for the bot; returns how to stop that."""
        self._update_listeners.append(callback)
        return lambda: self._update_listeners.remove(callback)

    def changes(self, chat_id: int, after: int = 0) -> tuple[MessageChange | CallbackAnswer, ...]:
        """Messages as they are now, and answers to pressed buttons, changed after that number."""
        if self._chats.groups.find(chat_id) is None:
            self._user(chat_id)
        return self._chats.changes(chat_id, after)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups; of an upgraded one only what it became."""
        return self._chats.groups.all()

    @property
    def users(self) -> tuple[User, ...]:
        return self._chats.users()

    def has_started(self, user_id: int) -> bool:
        return self._chats.has_started(user_id)

    def has_blocked(self, user_id: int) -> bool:
        return self._chats.has_blocked(user_id)

    def commands_shown(self, user_id: int) -> list[dict[str, str]]:
        """The commands this person's client suggests."""
        return self.profile.commands_shown(user_id, self._user(user_id).language_code)

    def file_content(self, path: str) -> tuple[StoredFile, bytes] | None:
        """A stored photo or document by its path."""
        return self.files.content(path)

    # What a person can do

    def put_user(self, user: User) -> None:
        """Adds a person, or changes their name or language."""
        with self.acting():
            self._chats.put_user(user)

    def send_text(
        self,
        user_id: int,
        text: str,
        *,
        group: int | None = None,
        reply_to: int | None = None,
        entities: Iterable[Entity] = (),
    ) -> MessageChange:
        """The person writes to the bot; `entities` format it. The first message opens the chat.

        With the id of a `group` they write there instead: the bot hears of it only if it is a
        command, or an answer to the bot, or if the bot is an administrator.
        """
        body = _typed(text, LONGEST_TEXT, entities)
        if not body.text:
            raise UserCannot("an empty message cannot be sent")
        return self._write(user_id, group, body, None, reply_to)

    def send_photo(self, user_id: int, content: bytes, caption: str = "") -> MessageChange:
        """The person sends a picture (PNG, JPEG or GIF bytes)."""
        return self._send_file(user_id, "photo", Upload(content, "photo"), caption)

    def send_document(
        self, user_id: int, content: bytes, name: str, caption: str = ""
    ) -> MessageChange:
        return self._send_file(user_id, "document", Upload(content, name), caption)

    def _send_file(self, user_id: int, kind: str, upload: Upload, caption: str) -> MessageChange:
        body = _typed(caption, LONGEST_CAPTION)
        with self.acting():
            self._check_may_write(user_id, None)
            try:
                stored = (
                    self.files.add_photo(upload)
                    if kind == "photo"
                    else self.files.add_document(upload)
                )
            except BotApiError as error:
                raise UserCannot(f"this cannot be sent: {error.description}") from error
            return self._write(user_id, None, body, stored, None)

    def _write(
        self,
        user_id: int,
        group: int | None,
        body: FormattedText,
        media: StoredFile | None,
        reply_to: int | None,
    ) -> MessageChange:
        with self.acting():
            self._check_may_write(user_id, group)
            chat_id = self._place(user_id, group)
            if reply_to is not None:
                self._seen(chat_id, reply_to)
            if group is None:
                self._chats.set_started(user_id)
            message = Message(
                message_id=self._chats.new_message_id(),
                chat_id=chat_id,
                user_id=user_id,
                date=int(self.clock()),
                body=body,
                media=media,
                reply_to=reply_to,
            )
            change = self._save(message)
            if self._bot_hears(message):
                self._queue(chat_id, "message", self._chats.as_json(message))
            return change

    def edit_message(
        self, user_id: int, message_id: int, text: str, *, group: int | None = None
    ) -> MessageChange:
        """The person edits the text or caption of their own message."""
        with self.acting():
            message = self._seen(self._place(user_id, group), message_id)
            if message.user_id != user_id or message.service is not None:
                raise UserCannot("only your own messages can be edited")
            self._check_may_write(user_id, group)
            body = _typed(text, LONGEST_TEXT if message.media is None else LONGEST_CAPTION)
            if message.media is None and not body.text:
                raise UserCannot("a message cannot be made empty")
            edited = replace(message, body=body, edit_date=int(self.clock()))
            change = self._save(edited)
            if self._bot_hears(edited):
                self._queue(edited.chat_id, "edited_message", self._chats.as_json(edited))
            return change

    def delete_message(
        self,
        user_id: int,
        message_id: int,
        *,
        group: int | None = None,
        only_for_me: bool = False,
    ) -> MessageChange:
        """The person removes any message of the chat, in a group their own; the bot is not told.

        `only_for_me` leaves it on the bot's side, where it can still be edited.
        """
        with self.acting():
            message = self._seen(self._place(user_id, group), message_id)
            if group is not None and message.user_id != user_id:
                raise UserCannot("only your own messages can be deleted in a group")
            return self._save(
                replace(message, hidden=True) if only_for_me else replace(message, deleted=True)
            )

    def click(
        self, user_id: int, message_id: int, button: str, *, group: int | None = None
    ) -> Click:
        """The person presses a button, named by its callback data or its label."""
        with self.acting():
            message = self._seen(self._place(user_id, group), message_id)
            found = find_button(message.keyboard or [], button)
            if "callback_data" in found:
                return self._ask(message, found["callback_data"], user_id)
            if "copy_text" in found:
                return TextCopied(found["copy_text"]["text"])
            if "url" in found:
                return LinkOpened(found["url"])
            return NothingHappens()

    def _ask(self, message: Message, data: str, user_id: int | None = None) -> CallbackSent:
        """`user_id` is who presses, whoever's chat it is if None."""
        user = self._user(message.chat_id if user_id is None else user_id)
        group = self._chats.groups.find(message.chat_id)
        self._check_may_write(user.id, None if group is None else group.id)
        self._journal.write(
            "DELETE FROM callback_queries WHERE asked_at < ?",
            (self.clock() - _QUERIES_KEPT_SECONDS,),
        )
        query_id = str((user.id << 31) | secrets.randbits(31))
        self._journal.write(
            "INSERT INTO callback_queries"
            " (query_id, chat_id, user_id, message_id, data, asked_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (query_id, message.chat_id, user.id, message.message_id, data, self.clock()),
        )
        query = {
            "id": query_id,
            "from": user.as_json(),
            "message": self._chats.as_json(message),
            "chat_instance": self._chat_instance(message.chat_id),
            "data": data,
        }
        self._queue(message.chat_id, "callback_query", query)
        return CallbackSent(query_id, data)

    def block(self, user_id: int) -> None:
        """The person stops the bot: it can write to them no more."""
        self._set_blocked(user_id, blocked=True)

    def unblock(self, user_id: int) -> None:
        """The person lets the bot write again (a client then sends /start)."""
        self._set_blocked(user_id, blocked=False)

    def _set_blocked(self, user_id: int, *, blocked: bool) -> None:
        with self.acting():
            user = self._user(user_id)
            if not self._chats.has_started(user_id):
                raise UserCannot("there is no chat with the bot yet")
            if self._chats.has_blocked(user_id) == blocked:
                return
            self._chats.set_blocked(user_id, blocked)
            member = {"user": self.bot.as_json(), "status": "member"}
            kicked = {"user": self.bot.as_json(), "status": "kicked", "until_date": 0}
            payload = {
                "chat": user.as_chat(),
                "from": user.as_json(),
                "date": int(self.clock()),
                "old_chat_member": member if blocked else kicked,
                "new_chat_member": kicked if blocked else member,
            }
            self._queue(user_id, "my_chat_member", payload)

    # Groups

    def put_group(self, group: Group) -> None:
        """Makes a group, or changes its title, its members or what the bot is in it."""
        with self.acting():
            self._chats.groups.put(group)

    def set_membership(self, user_id: int, chat_id: int, membership: Membership) -> None:
        """A member takes the bot into the group, removes it, or makes it an administrator."""
        with self.acting():
            group = self._group_of(user_id, chat_id)
            if group.bot is membership:
                return
            changed = replace(group, bot=membership)
            self._chats.groups.put(changed)
            payload = {
                "chat": group.as_chat(),
                "from": self._user(user_id).as_json(),
                "date": int(self.clock()),
                "old_chat_member": self._bot_in(group),
                "new_chat_member": self._bot_in(changed),
            }
            self._queue(chat_id, "my_chat_member", payload)

    def _bot_in(self, group: Group) -> dict[str, Any]:
        shown: dict[str, Any] = {"user": self.bot.as_json(), "status": group.bot.value}
        if group.bot is Membership.KICKED:
            shown["until_date"] = 0
        if group.bot is Membership.ADMINISTRATOR:
            shown |= {
                "can_be_edited": False,
                "is_anonymous": False,
                "can_manage_chat": True,
                "can_delete_messages": True,
                "can_manage_video_chats": True,
                "can_restrict_members": True,
                "can_promote_members": False,
                "can_change_info": True,
                "can_invite_users": True,
                "can_pin_messages": True,
                "can_post_stories": False,
                "can_edit_stories": False,
                "can_delete_stories": False,
                "can_send_welcome_messages": False,
            }
        return shown

    def upgrade_group(self, user_id: int, chat_id: int, new_id: int) -> Group:
        """A member makes a supergroup of a plain group: it goes on under the new id.

        The old chat stays behind; who writes to it is told where it went.
        """
        with self.acting():
            group = self._group_of(user_id, chat_id)
            if group.is_supergroup:
                raise UserCannot("it is a supergroup already")
            new = replace(group, id=new_id, migrated_from=group.id, pinned=None)
            if not new.is_supergroup or self._chats.groups.find(new_id) is not None:
                raise UserCannot(f"no supergroup can have the id {new_id}")
            self._chats.groups.put(replace(group, migrated_to=new_id))
            self._chats.groups.put(new)
            for place, service in (
                (group.id, {"migrate_to_chat_id": new_id}),
                (new_id, {"migrate_from_chat_id": group.id}),
            ):
                message = Message(
                    message_id=self._chats.new_message_id(),
                    chat_id=place,
                    user_id=user_id,
                    date=int(self.clock()),
                    body=FormattedText(""),
                    service=service,
                )
                self._save(message)
                if group.has_bot:
                    self._queue(place, "message", self._chats.as_json(message))
            return new

    def _bot_hears(self, message: Message) -> bool:
        """Whether the bot is told of a person's message: in groups it is in privacy mode."""
        group = self._chats.groups.find(message.chat_id)
        if group is None or group.bot is Membership.ADMINISTRATOR:
            return True
        if not group.has_bot:
            return False
        replied = message.reply_to and self._chats.message(message.chat_id, message.reply_to)
        if replied and replied.from_bot:
            return True
        commands = [
            utf16_slice(message.body.text, entity)
            for entity in message.body.entities
            if entity.type == "bot_command"
        ]
        # One that names no bot is for the last bot that wrote there, and there is no other.
        addressed = {command.partition("@")[2].lower() for command in commands}
        return bool(addressed & {"", self.bot.username.lower()})

    def _place(self, user_id: int, group: int | None) -> int:
        """The chat in which the person acts: the group, if they are in it, or their own."""
        return user_id if group is None else self._group_of(user_id, group).id

    def _group_of(self, user_id: int, chat_id: int) -> Group:
        """The group, if the person is in it and it is not upgraded."""
        self._user(user_id)
        group = self._chats.groups.find(chat_id)
        if group is None or user_id not in group.members:
            raise UserCannot(f"{user_id} is in no group {chat_id}")
        if group.migrated_to is not None:
            raise UserCannot(f"this group went on as the supergroup {group.migrated_to}")
        return group

    # Within

    def _knows_chat(self, chat_id: int) -> bool:
        return self.bot_side.knows_chat(chat_id)

    def _user(self, user_id: int) -> User:
        user = self._chats.user(user_id)
        if user is None:
            raise UserCannot(f"there is no person with id {user_id} here")
        return user

    def _check_may_write(self, user_id: int, group: int | None) -> None:
        self._user(user_id)
        if group is not None:
            self._group_of(user_id, group)
            return
        if self._chats.has_blocked(user_id):
            raise UserCannot("the bot is blocked: unblock it first")

    def _seen(self, chat_id: int, message_id: int) -> Message:
        if self._chats.groups.find(chat_id) is None:
            self._user(chat_id)
        message = self._chats.message(chat_id, message_id)
        if message is None or message.hidden:
            raise UserCannot(f"there is no message {message_id} in this chat")
        return message

    def _save(self, message: Message) -> MessageChange:
        change = self._chats.save(message)
        self._unsaid.append(change)
        return change

    def _queue(self, chat_id: int, kind: str, payload: dict[str, Any]) -> None:
        self.updates.put(kind, payload, chat_id)
        self._queued = True

    def _chat_instance(self, chat_id: int) -> str:
        name = f"chat_instance {chat_id}"
        known = self._journal.fact(name)
        if known is None:
            known = str(secrets.randbits(63) - (1 << 62))
            self._journal.set_fact(name, known)
        return str(known)


def _typed(text: str, longest: int, entities: Iterable[Entity] = ()) -> FormattedText:
    """What a client makes of typed text; raises UserCannot when it is longer than a message."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserCannot("half of a character cannot be sent") from error
    try:
        body = FormattedText(*formatted(text, entities))
    except BotApiError as error:
        raise UserCannot(f"this cannot be formatted so: {error.description}") from error
    if utf16_length(body.text) > longest:
        raise UserCannot(f"a message holds at most {longest} characters")
    return body
