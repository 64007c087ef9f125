"""When a handler fails: one sentence for the customer, everything for the log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.types import ErrorEvent, Update, User

from bot.texts import Texts
from bot.turn import Turn
from services.customers import Language, language_for

log = logging.getLogger(__name__)


def router() -> Router:
    router = Router(name="errors")

    @router.error()
    async def failed(
        event: ErrorEvent,
        all_texts: Mapping[Language, Texts],
        event_from_user: User | None = None,
        turn: Turn | None = None,
    ) -> None:
        error = event.exception
        if isinstance(error, TelegramForbiddenError):
            log.info("a customer has blocked the bot: %s", error)
            return
        if isinstance(error, TelegramRetryAfter | TelegramNetworkError):
            # Nothing can be said right now; every button may be tapped again.
            log.warning("update %d got no answer: %s", event.update.update_id, error)
            return
        reference = secrets.token_hex(3).upper()
        log.error(
            "update %d failed, reference %s", event.update.update_id, reference, exc_info=error
        )
        with suppress(TelegramAPIError):
            if turn is not None:
                await turn.apologise(turn.texts.trouble(reference))
            elif event_from_user is not None:
                # Whose turn it is was not even found out: the client's language has to do.
                texts = all_texts[language_for(event_from_user.language_code)]
                await _tell(event.update, texts.trouble(reference))

    return router


async def _tell(update: Update, words: str) -> None:
    if update.callback_query is not None:
        await update.callback_query.answer(words, show_alert=True)
    elif update.message is not None and update.message.chat.type == ChatType.PRIVATE:
        await update.message.answer(words, parse_mode=None)
