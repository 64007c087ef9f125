"""What was acknowledged is there after a restart, and after a kill at any moment."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BotCommand, BufferedInputFile

from sandbox.telegram import LocalTelegram
from tests.sandbox.telegram.support import ALICE, BOT, picture, serving

SERVER = """
import asyncio
import sys
from pathlib import Path

from aiohttp import web

from sandbox.telegram import Bot, LocalTelegram, User, bot_api_app


async def main() -> None:
    telegram = LocalTelegram(
        Bot(sys.argv[2]), [User(1001, "Alice")], data_dir=Path(sys.argv[1])
    )
    if not telegram.has_started(1001):
        telegram.send_text(1001, "/start")
    runner = web.AppRunner(bot_api_app(telegram))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
"""


def client(url: str) -> Bot:
    return Bot(BOT.token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    telegram = LocalTelegram(BOT, [ALICE], data_dir=tmp_path)
    async with serving(telegram) as url, client(url) as bot:
        telegram.send_text(ALICE.id, "/start")
        telegram.send_text(ALICE.id, "unconfirmed")
        first, second = await bot.get_updates(allowed_updates=["message", "callback_query"])
        await bot.get_updates(offset=first.update_id + 1)
        sent = await bot.send_photo(ALICE.id, BufferedInputFile(picture(), "qr.png"), caption="Pay")
        await bot.set_my_commands([BotCommand(command="start", description="Menu")])
    before = telegram.changes(ALICE.id)
    telegram.close()

    telegram = LocalTelegram(BOT, [ALICE], data_dir=tmp_path)
    assert telegram.changes(ALICE.id) == before
    assert telegram.updates.allowed == ("callback_query", "message")
    async with serving(telegram) as url, client(url) as bot:
        assert [update.update_id for update in await bot.get_updates()] == [second.update_id]
        edited = await bot.edit_message_caption(
            chat_id=ALICE.id, message_id=sent.message_id, caption="Paid"
        )
        assert not isinstance(edited, bool)
        assert sent.photo is not None
        content = await bot.download(sent.photo[0].file_id)
        assert content is not None
        assert content.read() == picture()
        assert [c.command for c in await bot.get_my_commands()] == ["start"]
        later = await bot.send_message(ALICE.id, "later")
        assert later.message_id == sent.message_id + 1
    assert telegram.changes(ALICE.id, before[-1].number) != ()
    telegram.close()


async def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    acknowledged: list[int] = []
    for _ in range(2):
        server = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SERVER,
            str(tmp_path),
            BOT.token,
            stdout=asyncio.subprocess.PIPE,
        )
        assert server.stdout is not None
        port = int(await server.stdout.readline())
        async with client(f"http://127.0.0.1:{port}") as bot:
            for number in range(20):
                sent = await bot.send_message(ALICE.id, f"message {number}")
                acknowledged.append(sent.message_id)
            server.send_signal(signal.SIGKILL)
            await server.wait()
    telegram = LocalTelegram(BOT, [ALICE], data_dir=tmp_path)
    stored = [change.message_id for change in telegram.changes(ALICE.id)]
    telegram.close()
    assert stored == [1, *acknowledged]
