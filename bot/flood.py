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

from bot.pace import is_group

if TYPE_CHECKING:
    from aiogram import Bot

log = logging.getLogger(__name__)

patience_seconds: ContextVar[float] = ContextVar("patience_seconds", default=0.0)
"""How long a call may wait for flood control, all its repetitions together."""


class FloodGate:
    """Until when Telegram wants no messages from us, as far as it has told.

    What it says about a group is about that group alone: it takes fewer messages than anybody.
    """

    def __init__(self) -> None:
        self._closed_until = 0.0
        self._groups: dict[int, float] = {}

    def close(self, seconds: float, chat_id: int | None = None) -> None:
        """Telegram asked for a pause when something was sent to that chat, None: to none."""
        now = asyncio.get_running_loop().time()
        until = now + seconds
        if chat_id is None or not is_group(chat_id):
            self._closed_until = max(self._closed_until, until)
            return
        self._groups = {group: end for group, end in self._groups.items() if end > now}
        self._groups[chat_id] = max(self._groups.get(chat_id, 0.0), until)

    def seconds_closed(self, chat_id: int | None = None) -> float:
        """How much longer, 0 if messages may be sent; to that chat, if one is named."""
        until = self._closed_until
        if chat_id is not None:
            until = max(until, self._groups.get(chat_id, 0.0))
        return max(until - asyncio.get_running_loop().time(), 0.0)


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
                self._gate.close(refusal.retry_after, _chat_of(method))
                patience -= refusal.retry_after
                if patience < 0:
                    raise
                log.warning(
                    "Telegram asks to wait %d s; %s is repeated then",
                    refusal.retry_after,
                    type(method).__name__,
                )
                await asyncio.sleep(refusal.retry_after)


def _chat_of(method: TelegramMethod[TelegramType]) -> int | None:
    chat_id = getattr(method, "chat_id", None)
    return chat_id if isinstance(chat_id, int) else None
