"""Telegram's patience with one chat: so many messages at once, then a steady rate."""

from __future__ import annotations

import math
from collections.abc import Callable

from sandbox.telegram.errors import too_many_requests


class FloodLimit:
    """A bucket per chat: `burst` messages at once, refilled with `per_second`.

    Without `per_second` there is no limit. Telegram's own figure is about one a second per chat.
    """

    def __init__(self, per_second: float | None = None, burst: int = 1) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[int, tuple[float, float]] = {}

    def take(self, chat_id: int, clock: Callable[[], float]) -> None:
        """Counts one message; raises BotApiError 429 when the chat had too many."""
        if self._per_second is None:
            return
        now = clock()
        left, since = self._buckets.get(chat_id, (float(self._burst), now))
        left = min(self._burst, left + (now - since) * self._per_second)
        if left < 1:
            self._buckets[chat_id] = (left, now)
            raise too_many_requests(max(1, math.ceil((1 - left) / self._per_second)))
        self._buckets[chat_id] = (left - 1, now)
