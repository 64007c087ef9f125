"""Telegram's pace: so many messages a second to everybody together, and to each chat.

Who keeps it is not told to wait: about thirty a second in all, one a second in a chat, and a few in
a chat at once now and then; in a group about twenty a minute.
"""

from __future__ import annotations

import asyncio

PER_SECOND = 25.0
"""Some less than Telegram bears: those who talk to the bot are to be answered meanwhile."""

PER_MINUTE_AND_GROUP = 17.0
"""With the few at once, twenty in any minute."""

_AT_ONCE_PER_CHAT = 3
_MANY_CHATS = 1_000


def is_group(chat_id: int) -> bool:
    """Telegram's ids of groups and channels are below zero."""
    return chat_id < 0


class Pace:
    """Lets messages pass one after the other; what is within the limits never waits."""

    def __init__(
        self,
        per_second: float = PER_SECOND,
        *,
        per_second_and_chat: float = 1.0,
        per_minute_and_group: float = PER_MINUTE_AND_GROUP,
    ) -> None:
        self._every = 1 / per_second
        self._every_of_chat = 1 / per_second_and_chat
        self._every_of_group = 60 / per_minute_and_group
        self._next = 0.0
        # When the chat's messages would be over if they came steadily.
        self._steady: dict[int, float] = {}

    async def wait(self, chat_id: int) -> None:
        """Wait until a message to this chat may be sent."""
        now = asyncio.get_running_loop().time()
        every = self._every_of_group if is_group(chat_id) else self._every_of_chat
        steady = max(now, self._steady.get(chat_id, now))
        start = max(now, self._next, steady - (_AT_ONCE_PER_CHAT - 1) * every)
        self._next = max(now, self._next) + self._every
        self._steady[chat_id] = max(steady, start) + every
        if len(self._steady) > _MANY_CHATS:
            self._steady = {chat: until for chat, until in self._steady.items() if until > now}
        if start > now:
            await asyncio.sleep(start - now)
