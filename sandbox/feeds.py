"""The chats as scripts and the page follow them: changes in their order, and who waits for them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from sandbox.events import Events
from sandbox.telegram import CallbackAnswer, Change, LocalTelegram, MessageChange

_MOST_UPDATES = 100


class ChatFeed:
    """Turns what happens in the chats into JSON and events.

    A message of a person counts as delivered once the bot has confirmed its update. The page learns
    that by `check_delivered`, which is to be called when the bot asks for updates.
    """

    def __init__(
        self, telegram: LocalTelegram, events: Events, file_url: Callable[[str], str]
    ) -> None:
        self._telegram = telegram
        self._events = events
        self._file_url = file_url
        self._changed = asyncio.Event()
        self._closed = False
        self._undelivered: frozenset[tuple[int, int]] = self._pending()

    def follow(self, state_changed: Callable[[], None]) -> Callable[[], None]:
        """Begins to tell; returns how to stop it. `state_changed`: a chat was opened."""
        started = {user.id for user in self._telegram.users if self._telegram.has_started(user.id)}
        started |= {group.id for group in self._telegram.groups}

        def on_change(change: Change) -> None:
            self._on_change(change)
            if change.chat_id not in started:
                started.add(change.chat_id)
                state_changed()

        return self._telegram.subscribe(on_change)

    def close(self) -> None:
        """Lets go everyone who waits."""
        self._closed = True
        self._wake()

    def message_json(self, change: MessageChange) -> dict[str, Any]:
        """A message as it is now."""
        shown = change.as_json(self._file_url)
        if not change.from_bot:
            shown["delivered"] = (change.chat_id, change.message_id) not in self._undelivered
        return shown

    async def changes(self, chat_id: int, after: int, wait: float) -> dict[str, Any]:
        """What changed in a chat after that number, waiting up to `wait` seconds for the first.

        `change` is the number to ask after next time.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while not self._telegram.changes(chat_id, after) and not self._closed:
                    await self._changed.wait()
        self.check_delivered()
        changes = self._telegram.changes(chat_id, after)
        return {
            "messages": [
                self.message_json(change) for change in changes if isinstance(change, MessageChange)
            ],
            "answers": [
                change.as_json(self._file_url)
                for change in changes
                if isinstance(change, CallbackAnswer)
            ],
            "change": max((change.number for change in changes), default=after),
        }

    async def answer_to(self, chat_id: int, query_id: str, wait: float) -> dict[str, Any] | None:
        """What the bot answered to a pressed button, None if it has not after `wait` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while self._answer(chat_id, query_id) is None and not self._closed:
                    await self._changed.wait()
        found = self._answer(chat_id, query_id)
        return None if found is None else found.as_json(self._file_url)

    def find_button(self, chat_id: int, message_id: int | None, wanted: str) -> tuple[int, str]:
        """The message and the exact name of a button that is named roughly.

        Its label or callback data as it is, else the only label that contains the text. Without
        `message_id` in the newest message that has such a button. What is not found is returned as
        it came, for Telegram to refuse.
        """
        messages = [
            change
            for change in self._telegram.changes(chat_id)
            if isinstance(change, MessageChange) and not change.deleted and change.keyboard
        ]
        if message_id is not None:
            messages = [message for message in messages if message.message_id == message_id]
        messages.sort(key=lambda message: -message.message_id)
        for is_meant in (_is_named, _mentions):
            for message in messages:
                found = [
                    button for row in message.keyboard for button in row if is_meant(button, wanted)
                ]
                if is_meant is _is_named and found:
                    return message.message_id, wanted
                if len(found) == 1:
                    return message.message_id, found[0].get("callback_data") or found[0]["text"]
        newest = messages[0].message_id if messages else 0
        return message_id if message_id is not None else newest, wanted

    def check_delivered(self) -> None:
        """Tells the page which messages the bot has taken since the last time."""
        pending = self._pending()
        taken = self._undelivered - pending
        self._undelivered = pending
        for chat_id, message_id in sorted(taken):
            self._events.tell("delivered", {"chat_id": chat_id, "message_id": message_id})

    def _on_change(self, change: Change) -> None:
        if isinstance(change, MessageChange):
            if not change.from_bot:
                self._undelivered |= {(change.chat_id, change.message_id)}
            self._events.tell("message", self.message_json(change))
        elif isinstance(change, CallbackAnswer):
            self._events.tell("answer", change.as_json(self._file_url))
        else:
            self._events.tell("typing", {"chat_id": change.chat_id, "action": change.action})
            return
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        if not self._closed:
            self._changed = asyncio.Event()

    def _answer(self, chat_id: int, query_id: str) -> CallbackAnswer | None:
        for change in self._telegram.changes(chat_id):
            if isinstance(change, CallbackAnswer) and change.query_id == query_id:
                return change
        return None

    def _pending(self) -> frozenset[tuple[int, int]]:
        """The messages whose updates the bot has not confirmed."""
        with self._telegram.acting():
            # From offset 0, which confirms nothing.
            updates = self._telegram.updates.take(0, _MOST_UPDATES)
        messages = (update.get("message") or update.get("edited_message") for update in updates)
        return frozenset(
            (message["chat"]["id"], message["message_id"]) for message in messages if message
        )


def _is_named(button: dict[str, Any], wanted: str) -> bool:
    return wanted in (button.get("callback_data"), button["text"])


def _mentions(button: dict[str, Any], wanted: str) -> bool:
    return wanted in button["text"]
