"""Whether another program asks Telegram for this bot's updates: then each gets only some of them.

aiogram logs such a refusal and asks again. Two programs take turns at being refused, so that a good
answer in between means nothing: what counts is how long ago the last refusal was.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramConflictError
from aiogram.methods import GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType

if TYPE_CHECKING:
    from aiogram import Bot


class Polling:
    """What Telegram has said about our fetching of updates."""

    def __init__(self) -> None:
        self._conflict_at: float | None = None

    def conflict(self) -> None:
        self._conflict_at = asyncio.get_running_loop().time()

    def conflict_age(self) -> float | None:
        """Seconds since another program was in the way, None if none ever was."""
        if self._conflict_at is None:
            return None
        return asyncio.get_running_loop().time() - self._conflict_at


class NoteConflicts(BaseRequestMiddleware):
    """Notes each refusal because of another program, and lets it pass on."""

    def __init__(self, polling: Polling) -> None:
        self._polling = polling

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        try:
            return await make_request(bot, method)
        except TelegramConflictError:
            if isinstance(method, GetUpdates):
                self._polling.conflict()
            raise
