"""The connection to the Bot API, and what Telegram has told us over it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.calls import ObserveCalls
from bot.conflict import NoteConflicts, Polling
from bot.flood import FloodGate, HonourFlood
from bot.moves import FollowMoves, Moves
from services.metrics import TelegramCall

_REQUEST_SECONDS = 20.0


class BotSession(AiohttpSession):
    """A session that honours flood control, follows groups and remembers pictures.

    `file_ids` are Telegram's names for pictures that it was given, by our names for them: naming
    one saves the upload, and lets Telegram see that an edit changes nothing.
    """

    def __init__(self, api_url: str, observe: Callable[[TelegramCall], None] | None = None) -> None:
        super().__init__(api=TelegramAPIServer.from_base(api_url), timeout=_REQUEST_SECONDS)
        self.flood = FloodGate()
        self.polling = Polling()
        self.moves = Moves()
        self.file_ids: dict[str, str] = {}
        self.middleware(HonourFlood(self.flood))
        self.middleware(NoteConflicts(self.polling))
        self.middleware(FollowMoves(self.moves))
        if observe is not None:
            # The last is nearest to Telegram: what is repeated is observed each time.
            self.middleware(ObserveCalls(observe))

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        _answer_to(method.__returning__)
        return super().check_response(bot, method, status_code, content)


@cache
def _answer_to(returning: Any) -> type[Response[Any]]:
    """The model of an answer that holds `returning`, kept.

    pydantic keeps such a model only while somebody has it, and aiogram lets it go after the answer:
    it would be built again for the next, which takes longer than all the rest of a call.
    """
    answer: type[Response[Any]] = Response[returning]
    return answer


def open_bot(
    token: str, api_url: str, observe: Callable[[TelegramCall], None] | None = None
) -> Bot:
    """A client of the Bot API at `api_url`, such as ``https://api.telegram.org``.

    `observe` is told of every call. Whoever opens it closes its session. Raises
    aiogram.utils.token.TokenValidationError if the token cannot be one.
    """
    return Bot(
        token,
        session=BotSession(api_url, observe),
        default=DefaultBotProperties(link_preview_is_disabled=True),
    )


def session_of(bot: Bot) -> BotSession:
    """The session of a bot that `open_bot` opened. Raises TypeError for any other."""
    if not isinstance(bot.session, BotSession):
        raise TypeError("the bot was not opened by open_bot")
    return bot.session
