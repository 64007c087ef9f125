"""Every call to the Bot API, told to whoever counts them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from services.metrics import TelegramCall, TelegramOutcome

if TYPE_CHECKING:
    from aiogram import Bot

_OUTCOMES: tuple[tuple[type[TelegramAPIError], TelegramOutcome], ...] = (
    (TelegramRetryAfter, "flood"),
    (TelegramForbiddenError, "forbidden"),
    (TelegramConflictError, "conflict"),
    (TelegramBadRequest, "refused"),
    (TelegramNetworkError, "unreachable"),
    (TelegramServerError, "broken"),
)


class ObserveCalls(BaseRequestMiddleware):
    """Tells `observe` of each request when it is over, repeated ones too."""

    def __init__(self, observe: Callable[[TelegramCall], None]) -> None:
        self._observe = observe

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        began = monotonic()
        outcome: TelegramOutcome = "ok"
        try:
            return await make_request(bot, method)
        except TelegramAPIError as error:
            outcome = next(
                (found for kind, found in _OUTCOMES if isinstance(error, kind)), "refused"
            )
            raise
        except Exception:
            outcome = "broken"
            raise
        finally:
            self._observe(TelegramCall(type(method).__name__, outcome, monotonic() - began))
