"""Every call to the Bot API is told of, by what came of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from aiogram.exceptions import TelegramAPIError

from bot.session import open_bot
from sandbox.telegram import Fault, FaultKind, LocalTelegram, bot_api_app
from services.metrics import TelegramCall
from tests.support.shop import serve


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (None, "ok"),
        (FaultKind.TOO_MANY_REQUESTS, "flood"),
        (FaultKind.FORBIDDEN, "forbidden"),
        (FaultKind.REFUSED, "unreachable"),
        (FaultKind.SERVER_ERROR, "broken"),
        (FaultKind.ANSWER_LOST, "unreachable"),
    ],
)
async def test_a_call_is_told_by_what_came_of_it(
    telegram: LocalTelegram, kind: FaultKind | None, outcome: str
) -> None:
    calls: list[TelegramCall] = []
    if kind is not None:
        telegram.faults.add(Fault(kind))
    async with (
        serve(bot_api_app(telegram)) as url,
        open_bot(telegram.bot.token, url, calls.append) as bot,
    ):
        with suppress(TelegramAPIError):
            await bot.get_me()
    assert [(call.method, call.outcome) for call in calls] == [("GetMe", outcome)]
    assert 0 < calls[0].seconds < 20
