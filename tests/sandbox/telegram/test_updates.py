"""Getting updates: offsets, waiting, two bots at once, a real dispatcher, faults and webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.filters import CommandStart
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)
from aiohttp import web

from sandbox.telegram import CallbackAnswer, Change, Fault, FaultKind, LocalTelegram
from tests.sandbox.telegram.support import ALICE, BOB, BOT, Clock, picture, serving


async def texts(bot: Bot, offset: int | None = None, **fields: Any) -> list[tuple[int, str]]:
    """Update ids and texts of what is pending."""
    return [
        (update.update_id, str(update.message and update.message.text))
        for update in await bot.get_updates(offset=offset, **fields)
    ]


async def seen(
    telegram: LocalTelegram, condition: Callable[[Change], bool], within: float = 10
) -> Change:
    """Waits for a change that fits."""
    found: asyncio.Future[Change] = asyncio.get_running_loop().create_future()

    def look(change: Change) -> None:
        if not found.done() and condition(change):
            found.set_result(change)

    forget = telegram.subscribe(look)
    try:
        async with asyncio.timeout(within):
            return await found
    finally:
        forget()


async def test_an_offset_confirms_what_lies_before_it(bot: Bot, telegram: LocalTelegram) -> None:
    for text in ("a", "b", "c"):
        telegram.send_text(ALICE.id, text)
    first, second, third = await texts(bot)
    assert [text for _, text in (first, second, third)] == ["a", "b", "c"]
    assert [first[0] + 1, second[0] + 1] == [second[0], third[0]]
    assert await texts(bot, limit=2) == [first, second]
    assert await texts(bot, offset=second[0]) == [second, third]
    assert await texts(bot) == [second, third]
    assert await texts(bot, offset=-1) == [third]
    assert await texts(bot, offset=third[0] + 1) == []
    assert await texts(bot) == []


async def test_a_waiting_call_wakes_with_the_first_update(
    bot: Bot, telegram: LocalTelegram
) -> None:
    waiting = asyncio.create_task(texts(bot, timeout=30))
    await until_polling(bot, telegram, waiting)
    telegram.send_text(ALICE.id, "hello")
    async with asyncio.timeout(5):
        assert [text for _, text in await waiting] == ["hello"]


async def until_polling(bot: Bot, telegram: LocalTelegram, waiting: asyncio.Task[Any]) -> None:
    """A call answered after the poll was begun: the poll has reached the server before it."""
    for _ in range(3):
        await bot.get_me()
    assert not waiting.done()


async def test_waiting_ends_empty(bot: Bot) -> None:
    assert await texts(bot, timeout=1) == []


async def test_a_second_poll_ends_the_first(bot: Bot, telegram: LocalTelegram) -> None:
    first = asyncio.create_task(texts(bot, timeout=30))
    await until_polling(bot, telegram, first)
    second = asyncio.create_task(texts(bot, timeout=30))
    with pytest.raises(TelegramConflictError) as refused:
        await first
    assert refused.value.message == (
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    telegram.send_text(ALICE.id, "hello")
    assert [text for _, text in await second] == ["hello"]


async def test_the_server_stops_at_once_while_a_call_waits(
    aiogram_session: AiohttpSession, telegram: LocalTelegram
) -> None:
    async with asyncio.timeout(10):
        async with serving(telegram) as url:
            aiogram_session.api = TelegramAPIServer.from_base(url)
            bot = Bot(BOT.token, session=aiogram_session)
            waiting = asyncio.create_task(texts(bot, timeout=50))
            await until_polling(bot, telegram, waiting)
        assert await waiting == []


async def test_allowed_updates_stay(bot: Bot, telegram: LocalTelegram) -> None:
    assert await texts(bot, allowed_updates=["callback_query", "my_chat_member"]) == []
    telegram.send_text(ALICE.id, "unheard")
    telegram.block(ALICE.id)
    [update] = await bot.get_updates()
    assert update.my_chat_member is not None
    telegram.unblock(ALICE.id)
    await bot.get_updates(offset=update.update_id + 2, allowed_updates=["message"])
    telegram.send_text(ALICE.id, "heard")
    assert [text for _, text in await texts(bot)] == ["heard"]


async def test_updates_older_than_a_day_are_gone(
    bot: Bot, telegram: LocalTelegram, clock: Clock
) -> None:
    telegram.send_text(ALICE.id, "old")
    clock.advance(24 * 3600 + 1)
    telegram.send_text(ALICE.id, "new")
    assert [text for _, text in await texts(bot)] == ["new"]


def shop() -> Dispatcher:
    """A tiny shop: a quote, whose confirmation turns it into a card with a picture."""
    dispatcher = Dispatcher()

    @dispatcher.message(CommandStart())
    async def start(message: Message) -> None:
        button = InlineKeyboardButton(text="Confirm", callback_data="confirm")
        await message.answer("Quote", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))

    @dispatcher.message(F.text)
    async def echo(message: Message) -> None:
        await message.answer(f"You said {message.text}")

    @dispatcher.callback_query(F.data == "confirm")
    async def confirm(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_media(
            InputMediaPhoto(media=BufferedInputFile(picture(), "qr.png"), caption="Pay")
        )
        await query.answer("Pay now")

    return dispatcher


@asynccontextmanager
async def polling(dispatcher: Dispatcher, bot: Bot) -> AsyncIterator[None]:
    task = asyncio.create_task(
        dispatcher.start_polling(
            bot, handle_signals=False, close_bot_session=False, polling_timeout=30
        )
    )
    try:
        yield
    finally:
        with suppress(RuntimeError):
            await dispatcher.stop_polling()
        await task


async def test_a_real_dispatcher_serves_a_person(bot: Bot, telegram: LocalTelegram) -> None:
    async with polling(shop(), bot):
        quoted = asyncio.create_task(seen(telegram, lambda c: _text(c) == "Quote"))
        telegram.send_text(ALICE.id, "/start")
        quote = await quoted
        assert quote.as_json(str)["keyboard"] == [[{"text": "Confirm", "callback_data": "confirm"}]]
        answered = asyncio.create_task(seen(telegram, lambda c: isinstance(c, CallbackAnswer)))
        telegram.click(ALICE.id, quote.as_json(str)["message_id"], "Confirm")
        answer = await answered
        assert answer.as_json(str)["text"] == "Pay now"
        card = telegram.changes(ALICE.id)[1].as_json(str)
        assert (card["caption"], card["text"], card["keyboard"]) == ("Pay", None, [])
        assert card["photo_url"] == "photos/file_1.png"


def _text(change: Change) -> object:
    return change.as_json(str).get("text")


@pytest.mark.parametrize("kind", [FaultKind.UPDATE_DOUBLED, FaultKind.UPDATE_LOST])
async def test_updates_lost_and_doubled(bot: Bot, telegram: LocalTelegram, kind: FaultKind) -> None:
    telegram.faults.add(Fault(kind))
    telegram.send_text(ALICE.id, "a")
    telegram.send_text(ALICE.id, "b")
    first = await texts(bot)
    if kind is FaultKind.UPDATE_LOST:
        assert [text for _, text in first] == ["b"]
        return
    assert [text for _, text in first] == ["a", "b"]
    again = await texts(bot, offset=first[-1][0] + 1)
    assert again == first[:1]
    assert await texts(bot, offset=first[-1][0] + 1) == []


async def test_updates_delayed_and_overtaken(
    bot: Bot, telegram: LocalTelegram, clock: Clock
) -> None:
    telegram.faults.add(Fault(FaultKind.UPDATE_OVERTAKEN, seconds=60))
    telegram.send_text(ALICE.id, "a")
    assert await texts(bot) == []
    telegram.send_text(ALICE.id, "b")
    overtaken = await texts(bot)
    assert [text for _, text in overtaken] == ["b", "a"]
    assert overtaken[0][0] < overtaken[1][0]
    telegram.faults.add(Fault(FaultKind.UPDATE_DELAYED, seconds=5, chat_id=BOB.id))
    telegram.send_text(BOB.id, "c")
    telegram.send_text(ALICE.id, "d")
    offset = overtaken[-1][0] + 1
    assert [text for _, text in await texts(bot, offset=offset)] == ["d"]
    clock.advance(5)
    assert [text for _, text in await texts(bot, offset=offset)] == ["d", "c"]


async def test_calls_go_wrong(bot: Bot, telegram: LocalTelegram) -> None:
    telegram.send_text(ALICE.id, "/start")
    telegram.send_text(BOB.id, "/start")
    faults = telegram.faults
    faults.add(Fault(FaultKind.TOO_MANY_REQUESTS, times=2, retry_after=7))
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as limited:
            await bot.send_message(ALICE.id, "x")
        assert limited.value.retry_after == 7
        await bot.get_updates()
    faults.add(Fault(FaultKind.SERVER_ERROR, method="sendPhoto"))
    await bot.send_message(ALICE.id, "through")
    with pytest.raises(TelegramServerError, match="Bad Gateway"):
        await bot.send_photo(ALICE.id, BufferedInputFile(picture(), "p.png"))
    faults.add(Fault(FaultKind.FORBIDDEN, chat_id=BOB.id, times=9))
    await bot.send_message(ALICE.id, "through too")
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(BOB.id, "x")
    faults.clear()
    await bot.send_message(BOB.id, "again")
    assert faults.waiting == ()


async def test_a_lost_answer_leaves_the_work_done(bot: Bot, telegram: LocalTelegram) -> None:
    telegram.send_text(ALICE.id, "/start")
    telegram.faults.add(Fault(FaultKind.ANSWER_LOST, method="sendMessage"))
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ALICE.id, "sent and unanswered")
    telegram.faults.add(Fault(FaultKind.REFUSED))
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ALICE.id, "never sent")
    assert [_text(change) for change in telegram.changes(ALICE.id)] == [
        "/start",
        "sent and unanswered",
    ]


async def test_get_updates_fails_only_when_named(bot: Bot, telegram: LocalTelegram) -> None:
    telegram.send_text(ALICE.id, "hi")
    telegram.faults.add(Fault(FaultKind.SERVER_ERROR, code=500))
    await bot.get_updates()
    telegram.faults.clear()
    telegram.faults.add(Fault(FaultKind.ANSWER_LOST, method="getUpdates"))
    with pytest.raises(TelegramNetworkError):
        await bot.get_updates()
    assert [text for _, text in await texts(bot)] == ["hi"]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"kind": "fire"}, "kind must be one of too_many_requests, "),
        ({"kind": "refused", "often": 2}, "unknown field 'often'"),
        ({"kind": "refused", "times": 0}, "times must be at least 1"),
        ({"kind": "server_error", "code": 400}, "code must be between 500 and 599"),
    ],
)
def test_a_fault_says_what_is_wrong_with_it(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Fault.from_json(fields)


def test_a_fault_can_be_read_back() -> None:
    fault = Fault(FaultKind.TOO_MANY_REQUESTS, times=3, method="sendMessage", retry_after=2)
    assert Fault.from_json(fault.as_json()) == fault


async def test_a_webhook_gets_the_updates(bot: Bot, telegram: LocalTelegram) -> None:
    received: asyncio.Queue[tuple[str | None, str]] = asyncio.Queue()
    refuse = [True]

    async def receive(request: web.Request) -> web.Response:
        if refuse:
            refuse.pop()
            return web.Response(status=500)
        body = await request.json()
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        await received.put((secret, body["message"]["text"]))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        with pytest.raises(TelegramBadRequest, match="An HTTPS URL must be provided"):
            await bot.set_webhook("http://example.org/hook")
        poll = asyncio.create_task(bot.get_updates(timeout=30))
        await until_polling(bot, telegram, poll)
        await bot.set_webhook(url, secret_token="hush", allowed_updates=["message"])
        with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
            await poll
        with pytest.raises(TelegramConflictError, match="can't use getUpdates method"):
            await bot.get_updates()
        telegram.send_text(ALICE.id, "a")
        telegram.send_text(ALICE.id, "b")
        async with asyncio.timeout(10):
            assert [await received.get(), await received.get()] == [("hush", "a"), ("hush", "b")]
        info = await bot.get_webhook_info()
        assert (info.url, info.allowed_updates) == (url, ["message"])
        assert info.last_error_message is not None
        await bot.delete_webhook()
        telegram.send_text(ALICE.id, "c")
        assert [text for _, text in await texts(bot)] == ["c"]
        await bot.delete_webhook(drop_pending_updates=True)
        assert (await bot.get_webhook_info()).pending_update_count == 0
    finally:
        await runner.cleanup()
