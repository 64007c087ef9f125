"""Telegram's flood control: who is told to wait, waits.

While somebody looks at a spinning button a short wait is worth it, so calls made for an update are
repeated after it. All others (the outbox, the profile) see the refusal and plan by it.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING

from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import AnswerCallbackQuery, GetUpdates, Response, TelegramMethod
from aiogram.methods.base import TelegramType

if TYPE_CHECKING:
    from aiogram import Bot

log = logging.getLogger(__name__)

patience_seconds: ContextVar[float] = ContextVar("patience_seconds", default=0.0)
"""How long a call may wait for flood control, all its repetitions together."""


class FloodGate:
    """Until when Telegram wants no messages from us, as far as it has told."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    def close(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, asyncio.get_running_loop().time() + seconds)

    def seconds_closed(self) -> float:
        """How much longer, 0 if messages may be sent."""
        return max(self._closed_until - asyncio.get_running_loop().time(), 0.0)


class HonourFlood(BaseRequestMiddleware):
    """Tells the gate about each refusal, and repeats calls that have the patience."""

    # getUpdates backs off by itself; a late answer to a tap helps nobody.
    _NOT_REPEATED = (GetUpdates, AnswerCallbackQuery)

    def __init__(self, gate: FloodGate) -> None:
        self._gate = gate

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        patience = patience_seconds.get()
        while True:
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as refusal:
                if isinstance(method, self._NOT_REPEATED):
                    raise
                self._gate.close(refusal.retry_after)
                patience -= refusal.retry_after
                if patience < 0:
                    raise
                log.warning(
                    "Telegram asks to wait %d s; %s is repeated then",
                    refusal.retry_after,
                    type(method).__name__,
                )
                await asyncio.sleep(refusal.retry_after)
