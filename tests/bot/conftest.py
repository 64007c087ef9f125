"""A shop with a bot in front of it, on the local Telegram."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from redis.asyncio import Redis

from bot.conflict import NoteConflicts, Polling
from bot.flood import FloodGate, HonourFlood
from bot.moves import FollowMoves, Moves
from bot.outbox import OutboxSender
from bot.pace import Pace
from bot.program import TelegramProgram
from bot.session import BotSession
from process import office_services
from sandbox.telegram import Bot as BotAccount
from sandbox.telegram import LocalTelegram, bot_api_app
from tests.bot.people import ANN, BEN, EVERYBODY, ONLOOKER, OPERATOR, Person, World
from tests.support.shop import Shop, open_shop, serve

TOKEN = "4242:local-secret"


@pytest.fixture(scope="session")
async def bot_session() -> AsyncIterator[BotSession]:
    """One connection for all tests: aiogram takes a quarter of a second to close one."""
    session = BotSession("http://127.0.0.1")
    yield session
    await session.close()


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as opened:
        yield opened


@pytest.fixture
def telegram(shop: Shop) -> Iterator[LocalTelegram]:
    telegram = LocalTelegram(BotAccount(TOKEN), EVERYBODY)
    yield telegram
    telegram.close()


@pytest.fixture
async def bot(telegram: LocalTelegram, bot_session: BotSession) -> AsyncIterator[Bot]:
    """A bot that has met this Telegram never before."""
    async with serve(bot_api_app(telegram)) as url:
        bot_session.api = TelegramAPIServer.from_base(url)
        bot_session.file_ids.clear()
        bot_session.flood = FloodGate()
        bot_session.middleware._middlewares.clear()
        bot_session.middleware(HonourFlood(bot_session.flood))
        bot_session.polling = Polling()
        bot_session.middleware(NoteConflicts(bot_session.polling))
        bot_session.moves = Moves()
        bot_session.middleware(FollowMoves(bot_session.moves))
        yield Bot(
            TOKEN,
            session=bot_session,
            default=DefaultBotProperties(link_preview_is_disabled=True),
        )


@pytest.fixture
async def world(
    shop: Shop, telegram: LocalTelegram, bot: Bot, redis_url: str
) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(redis_url)
        stack.push_async_callback(redis.aclose)
        services = shop.services
        program = TelegramProgram(
            bot,
            customers=services.customers,
            quotes=services.quotes,
            orders=services.orders,
            extensions=services.extensions,
            early_ends=services.early_ends,
            balances=services.balances,
            refunds=services.refunds,
            office=office_services(services),
            inventory=services.inventory,
            redis=redis,
            settings=shop.settings,
        )
        sender = OutboxSender(
            bot,
            outbox=services.outbox,
            orders=services.orders,
            customers=services.customers,
            reports=services.reports,
            alerts=services.alerts,
            staff=services.staff,
            explorer_url=shop.settings.tron.explorer_url,
            ends_early=lambda: services.early_ends.offered,
            # Weeks pass in a test, and seconds on the machine's clock.
            pace=Pace(1_000, per_second_and_chat=1_000, per_minute_and_group=60_000),
        )
        yield World(shop, telegram, bot, redis, program, sender)


@pytest.fixture(autouse=True)
def nothing_went_wrong(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A handler that fails is answered kindly, which must not hide it from the tests."""
    caplog.set_level(logging.ERROR, logger="bot")
    yield
    failures = [
        record
        for record in caplog.get_records("call")
        if record.name.startswith("bot") and record.levelno >= logging.ERROR
    ]
    if failures and not getattr(caplog, "failures_expected", False):
        pytest.fail(f"{failures[0].getMessage()}\n{failures[0].exc_text or ''}")


@pytest.fixture
def failures_expected(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """For tests in which a handler has to fail."""
    caplog.failures_expected = True  # type: ignore[attr-defined]
    return caplog


@pytest.fixture
def ann(world: World) -> Person:
    return world.person(ANN)


@pytest.fixture
def ben(world: World) -> Person:
    return world.person(BEN)


@pytest.fixture
def operator(world: World) -> Person:
    return world.person(OPERATOR)


@pytest.fixture
def viewer(world: World) -> Person:
    return world.person(ONLOOKER)
