"""People, pictures and a clock for the tests of the local Telegram."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import png
from aiohttp import web

from sandbox.telegram import Bot, LocalTelegram, User, bot_api_app

BOT = Bot("4242:local-secret")
ALICE = User(1001, "Alice", "alice", language_code="en")
BOB = User(1002, "Bob", last_name="Builder", language_code="zh-hans")


class Clock:
    """Unix seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def picture(width: int = 40, height: int = 30) -> bytes:
    """A PNG of that size."""
    out = io.BytesIO()
    png.Writer(width, height, greyscale=True, bitdepth=8).write(out, [[128] * width] * height)
    return out.getvalue()


@asynccontextmanager
async def serving(telegram: LocalTelegram) -> AsyncIterator[str]:
    """The Bot API on a free port; yields its address."""
    runner = web.AppRunner(bot_api_app(telegram))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
