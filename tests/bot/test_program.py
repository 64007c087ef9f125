"""The bot's life: opened while the network is down, polling, stopped in the middle of a turn."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiogram import Bot
from aiohttp import ClientSession, web
from redis.asyncio import Redis

from bot.program import TelegramProgram, open_bot
from bot.webhook import WebhookPlace, receiving, webhook_secret
from process import office_services
from sandbox.telegram import (
    Change,
    Fault,
    FaultKind,
    LocalTelegram,
    MessageChange,
    bot_api_app,
)
from services.customers import Customer, Customers
from tests.bot.conftest import TOKEN
from tests.bot.people import ANN, IVAN, OPERATOR, WEI
from tests.support.shop import Shop

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


class BusyCustomers(Customers):
    """Greets when it is told to."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.database)
        self.greeting = asyncio.Event()
        self.go_on = asyncio.Event()

    async def greet(
        self, user_id: int, *, language_code: str | None, first_name: str, username: str | None
    ) -> Customer:
        self.greeting.set()
        await self.go_on.wait()
        return await super().greet(
            user_id, language_code=language_code, first_name=first_name, username=username
        )


@asynccontextmanager
async def program_of(
    shop: Shop, redis_url: str, api_url: str, customers: Customers | None = None
) -> AsyncIterator[TelegramProgram]:
    async with AsyncExitStack() as stack:
        redis = Redis.from_url(redis_url)
        stack.push_async_callback(redis.aclose)
        bot: Bot = await stack.enter_async_context(open_bot(TOKEN, api_url))
        yield TelegramProgram(
            bot,
            customers=customers or shop.services.customers,
            quotes=shop.services.quotes,
            orders=shop.services.orders,
            extensions=shop.services.extensions,
            early_ends=shop.services.early_ends,
            balances=shop.services.balances,
            refunds=shop.services.refunds,
            office=office_services(shop.services),
            inventory=shop.services.inventory,
            redis=redis,
            settings=shop.settings,
        )


@asynccontextmanager
async def serving(telegram: LocalTelegram, port: int = 0) -> AsyncIterator[int]:
    """The Bot API on a port of this machine."""
    runner = web.AppRunner(bot_api_app(telegram), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class Answers:
    """Waits for what the bot writes."""

    def __init__(self, telegram: LocalTelegram) -> None:
        self._changes: asyncio.Queue[MessageChange] = asyncio.Queue()
        telegram.subscribe(self._note)

    def _note(self, change: Change) -> None:
        if isinstance(change, MessageChange) and change.from_bot:
            self._changes.put_nowait(change)

    async def next(self) -> str:
        async with asyncio.timeout(20):
            change = await self._changes.get()
        return change.text or change.caption or ""

    @property
    def none(self) -> bool:
        return self._changes.empty()


async def test_polling_and_stopping(shop: Shop, telegram: LocalTelegram, redis_url: str) -> None:
    answers = Answers(telegram)
    async with (
        serving(telegram) as port,
        program_of(shop, redis_url, f"http://127.0.0.1:{port}") as program,
    ):
        telegram.send_text(ANN.id, "/start")  # sent while the bot was away
        polling = asyncio.create_task(program.poll())
        assert "Energy Flash" in await answers.next()
        telegram.send_text(ANN.id, "/help")
        assert "How it works" in await answers.next()
        assert await program.stop(5)
        await polling


async def test_updates_are_brought_by_telegram_and_wait_there_while_the_bot_is_away(
    shop: Shop, telegram: LocalTelegram, redis_url: str
) -> None:
    answers = Answers(telegram)
    place = WebhookPlace(f"http://127.0.0.1:{free_port()}/bot/updates", "127.0.0.1", 0)
    place = replace(place, port=urlsplit(place.url).port or 0)
    async with serving(telegram) as port:
        for text, answer in (("/start", "Energy Flash"), ("/help", "How it works")):
            async with program_of(shop, redis_url, f"http://127.0.0.1:{port}") as program:
                telegram.send_text(ANN.id, text)
                receiving = asyncio.create_task(program.receive(place))
                assert answer in await answers.next()
                assert await program.stop(5)
                await receiving
        # From a webhook back to fetching: nothing is lost.
        telegram.send_text(ANN.id, "/help")
        async with program_of(shop, redis_url, f"http://127.0.0.1:{port}") as program:
            polling = asyncio.create_task(program.poll())
            assert "How it works" in await answers.next()
            assert await program.stop(5)
            await polling


async def test_only_telegram_brings_updates(
    shop: Shop, telegram: LocalTelegram, redis_url: str
) -> None:
    handled: list[object] = []

    async def handle(update: dict[str, Any]) -> None:
        handled.append(update["update_id"])

    secret = webhook_secret(TOKEN)
    place = WebhookPlace("https://shop.example/bot/updates", "127.0.0.1", 0)
    async with (
        receiving(place, secret, handle) as port,
        ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        for headers, body, status in (
            ({}, b'{"update_id": 1}', 403),
            ({SECRET_HEADER: "é" * 64}, b'{"update_id": 2}', 403),
            ({SECRET_HEADER: secret}, b"{", 400),
            ({SECRET_HEADER: secret}, b"[]", 400),
            ({SECRET_HEADER: secret}, b'{"update_id": 3}', 200),
        ):
            async with session.post("/bot/updates", data=body, headers=headers) as answer:
                assert answer.status == status
        async with session.get("/bot/updates") as answer:
            assert answer.status == 405
    assert handled == [3]


async def test_a_start_without_a_network(
    shop: Shop, telegram: LocalTelegram, redis_url: str
) -> None:
    answers = Answers(telegram)
    async with serving(telegram) as port:
        pass  # the port is free again
    async with program_of(shop, redis_url, f"http://127.0.0.1:{port}") as program:
        await program.prepare()
        polling = asyncio.create_task(program.poll())
        telegram.send_text(ANN.id, "/start")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.shield(polling)
        assert answers.none
        async with serving(telegram, port):
            assert "Energy Flash" in await answers.next()
            assert await program.stop(5)
            await polling


async def test_stopping_while_the_network_is_down(
    shop: Shop, telegram: LocalTelegram, redis_url: str
) -> None:
    async with serving(telegram) as port:
        pass
    async with program_of(shop, redis_url, f"http://127.0.0.1:{port}") as program:
        polling = asyncio.create_task(program.poll())
        await asyncio.sleep(0)
        assert await program.stop(2)
        await polling


async def test_a_turn_that_was_begun_is_finished(
    shop: Shop, telegram: LocalTelegram, redis_url: str
) -> None:
    answers = Answers(telegram)
    customers = BusyCustomers(shop)
    async with (
        serving(telegram) as port,
        program_of(shop, redis_url, f"http://127.0.0.1:{port}", customers) as program,
    ):
        telegram.send_text(ANN.id, "/start")
        polling = asyncio.create_task(program.poll())
        await customers.greeting.wait()
        assert not await program.stop(0.2), "it says that somebody is still being served"
        assert answers.none
        customers.go_on.set()
        assert await program.stop(5)
        assert "Energy Flash" in await answers.next()
        await polling


async def test_without_redis_people_are_told_that_their_money_is_safe(
    shop: Shop,
    telegram: LocalTelegram,
    tmp_path: Path,
    failures_expected: pytest.LogCaptureFixture,
) -> None:
    answers = Answers(telegram)
    nowhere = f"unix://{tmp_path}/nobody.sock"
    async with (
        serving(telegram) as port,
        program_of(shop, nowhere, f"http://127.0.0.1:{port}") as program,
    ):
        polling = asyncio.create_task(program.poll())
        telegram.send_text(WEI.id, "/start")
        assert "您的订单和钱都是安全的" in await answers.next()
        assert await program.stop(5)
        await polling


async def test_a_second_program_does_not_end_the_first(
    shop: Shop, telegram: LocalTelegram, redis_url: str
) -> None:
    """Two at once disturb each other (Telegram answers 409), and both go on."""
    answers = Answers(telegram)
    async with serving(telegram) as port:
        url = f"http://127.0.0.1:{port}"
        async with (
            program_of(shop, redis_url, url) as first,
            program_of(shop, redis_url, url) as second,
        ):
            polling = [asyncio.create_task(first.poll()), asyncio.create_task(second.poll())]
            telegram.send_text(ANN.id, "/start")
            assert "Energy Flash" in await answers.next()
            assert await first.stop(5)
            telegram.send_text(ANN.id, "/help")
            assert "How it works" in await answers.next()
            assert await second.stop(5)
            await asyncio.gather(*polling)
    assert answers.none, "no update was handled by both"


async def test_commands_are_suggested_in_the_language_of_the_client(
    shop: Shop, telegram: LocalTelegram, redis_url: str
) -> None:
    async with (
        serving(telegram) as port,
        program_of(shop, redis_url, f"http://127.0.0.1:{port}") as program,
    ):
        await program.prepare()
    shown = {user: telegram.commands_shown(user.id)[0] for user in (ANN, WEI, IVAN, OPERATOR)}
    assert shown[ANN] == {"command": "rent", "description": "Rent energy"}
    assert shown[WEI] == {"command": "rent", "description": "租能量"}
    assert shown[IVAN] == {"command": "rent", "description": "Арендовать энергию"}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.SERVER_ERROR, times=50),
        Fault(FaultKind.TOO_MANY_REQUESTS, times=50, retry_after=60),
        Fault(FaultKind.REFUSED, times=50),
    ],
    ids=lambda fault: fault.kind,
)
async def test_the_profile_is_never_worth_a_failed_start(
    shop: Shop, telegram: LocalTelegram, redis_url: str, fault: Fault
) -> None:
    telegram.faults.add(fault)
    async with (
        serving(telegram) as port,
        program_of(shop, redis_url, f"http://127.0.0.1:{port}") as program,
    ):
        await program.prepare()
