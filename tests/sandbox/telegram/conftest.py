"""A local Telegram served on a port of this machine, and a real aiogram bot that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

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
def telegram(clock: Clock) -> Iterator[LocalTelegram]:
    telegram = LocalTelegram(BOT, [ALICE, BOB], clock=clock)
    yield telegram
    telegram.close()


@pytest.fixture
async def base_url(telegram: LocalTelegram) -> AsyncIterator[str]:
    """The address of the local Bot API."""
    async with serving(telegram) as url:
        yield url


@pytest.fixture(scope="session")
async def aiogram_session() -> AsyncIterator[AiohttpSession]:
    """One for all tests: aiogram takes a quarter of a second to close one."""
    session = AiohttpSession()
    yield session
    await session.close()


@pytest.fixture
def bot(base_url: str, aiogram_session: AiohttpSession) -> AiogramBot:
    aiogram_session.api = TelegramAPIServer.from_base(base_url)
    return AiogramBot(BOT.token, session=aiogram_session)
