"""A local Telegram served on a port of this machine, and a real aiogram bot that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from sandbox.telegram import LocalTelegram
from tests.sandbox.telegram.support import ALICE, BOB, BOT, Clock, serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def telegram(clock: Clock) -> LocalTelegram:
    return LocalTelegram(BOT, [ALICE, BOB], clock=clock)


@pytest.fixture
async def base_url(telegram: LocalTelegram) -> AsyncIterator[str]:
    """The address of the local Bot API."""
    async with serving(telegram) as url:
        yield url


@pytest.fixture
async def bot(base_url: str) -> AsyncIterator[AiogramBot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(base_url))
    async with AiogramBot(BOT.token, session=session) as bot:
        yield bot
