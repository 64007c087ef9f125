"""Groups that Telegram has given another id: a plain group that became a supergroup.

The configuration names the old id, and nobody should miss a message until it is changed there.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramMigrateToChat
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

if TYPE_CHECKING:
    from aiogram import Bot

log = logging.getLogger(__name__)


class Moves:
    """Where groups have gone, as far as Telegram has told since the start.

    `untold` are those of which the staff has not been told.
    """

    def __init__(self) -> None:
        self._now: dict[int, int] = {}
        self.untold: dict[int, int] = {}

    def now(self, chat_id: int) -> int:
        """The id under which a chat is reached now."""
        return self._now.get(chat_id, chat_id)

    def note(self, old: int, new: int) -> None:
        if self._now.get(old) == new:
            return
        log.warning("the group %d became the supergroup %d: set that id", old, new)
        self._now[old] = self.untold[old] = new


class FollowMoves(BaseRequestMiddleware):
    """Sends to a group's new id what is for the old one."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        named = getattr(method, "chat_id", None)
        if not isinstance(named, int):
            return await make_request(bot, method)
        try:
            return await make_request(bot, _to(method, self._moves.now(named)))
        except TelegramMigrateToChat as moved:
            self._moves.note(named, moved.migrate_to_chat_id)
            return await make_request(bot, _to(method, moved.migrate_to_chat_id))


def _to(method: TelegramMethod[TelegramType], chat_id: int) -> TelegramMethod[TelegramType]:
    if getattr(method, "chat_id", None) == chat_id:
        return method
    return method.model_copy(update={"chat_id": chat_id})
