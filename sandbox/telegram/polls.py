"""getUpdates: one waiting call at a time, woken by the first update."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sandbox.telegram.errors import refusal
from sandbox.telegram.local import LocalTelegram
from sandbox.telegram.parameters import Parameters

_LONGEST_WAIT_SECONDS = 50
_OTHER_POLL = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


class LongPolls:
    """The waiting getUpdates call; a second one ends the first with 409."""

    def __init__(self, telegram: LocalTelegram) -> None:
        self._telegram = telegram
        self._woken = asyncio.Event()
        self._latest = 0
        self._ended_because = ""
        self._closing = False
        self._forget = telegram.on_update(self._wake)

    def _wake(self) -> None:
        self._woken.set()
        self._woken = asyncio.Event()

    def release(self) -> None:
        """Answers a waiting call, and every later one, with what there is at once."""
        self._closing = True
        self._wake()

    def close(self) -> None:
        self.release()
        self._forget()

    def terminate(self, reason: str) -> None:
        """Ends a waiting call with 409 and that reason."""
        self._latest += 1
        self._ended_because = reason
        self._wake()

    async def get_updates(self, call: Parameters) -> Sequence[dict[str, Any]]:
        """Waits up to `timeout` seconds for updates; raises BotApiError 409 when displaced."""
        telegram = self._telegram
        self.terminate(_OTHER_POLL)
        mine = self._latest
        offset = call.integer("offset")
        limit = call.integer("limit", 100)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(max(call.integer("timeout"), 0), _LONGEST_WAIT_SECONDS)
        wanted = call.json("allowed_updates", "allowed updates")
        while True:
            woken = self._woken
            with telegram.acting():
                if wanted is not None:
                    telegram.updates.allow(wanted)
                    wanted = None
                updates = telegram.updates.take(offset, limit)
                release = telegram.updates.next_release
            left = deadline - loop.time()
            if updates or left <= 0 or self._closing:
                return updates
            if release is not None:
                left = min(left, max(release - telegram.clock(), 0.01))
            try:
                async with asyncio.timeout(left):
                    await woken.wait()
            except TimeoutError:
                pass
            if self._latest != mine:
                raise refusal(409, self._ended_because)
