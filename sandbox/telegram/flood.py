"""Telegram's patience with one chat: so many messages at once, then a steady rate."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

from sandbox.telegram.errors import too_many_requests

GROUP_MESSAGES = 20
GROUP_SECONDS = 60.0
"""Telegram's own figures: in any minute a group takes so many messages of a bot."""


class FloodLimit:
    """A bucket per chat: `burst` messages at once, refilled with `per_second`.

    Without `per_second` there is no such limit. Telegram's own figure is about one a second per
    chat. A group takes `per_group` messages in any `group_seconds`, None: any number. Time is that
    of the chats, unless a `clock` is given.
    """

    def __init__(
        self,
        per_second: float | None = None,
        burst: int = 1,
        *,
        per_group: int | None = None,
        group_seconds: float = GROUP_SECONDS,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._per_group = per_group
        self._group_seconds = group_seconds
        self._clock = clock
        self._buckets: dict[int, tuple[float, float]] = {}
        self._lately: dict[int, deque[float]] = {}

    def take(self, chat_id: int, clock: Callable[[], float]) -> None:
        """Counts one message; raises BotApiError 429 when the chat had too many."""
        now = (self._clock or clock)()
        if chat_id < 0 and self._per_group is not None:
            self._take_of_group(chat_id, self._per_group, now)
        if self._per_second is None:
            return
        left, since = self._buckets.get(chat_id, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._per_second)
        if left < 1:
            self._buckets[chat_id] = (left, now)
            raise too_many_requests(max(1, math.ceil((1 - left) / self._per_second)))
        self._buckets[chat_id] = (left - 1, now)

    def _take_of_group(self, chat_id: int, most: int, now: float) -> None:
        lately = self._lately.setdefault(chat_id, deque())
        while lately and now - lately[0] >= self._group_seconds:
            lately.popleft()
        if len(lately) >= most:
            raise too_many_requests(max(1, math.ceil(lately[0] + self._group_seconds - now)))
        lately.append(now)
