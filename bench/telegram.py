"""The local Bot API as a process of its own: ``python -m bench.telegram PEOPLE``.

It keeps Telegram's limits: one message a second in a chat, and thirty a second in all of them.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable

from aiohttp import web
from typing_extensions import override

from bench.node import Handler, serve_for_ever
from sandbox.telegram import Bot, FloodLimit, LocalTelegram, User, bot_api_app

TOKEN = "4242:bench-token"  # noqa: S105 (opens nothing)
FIRST_PERSON = 8_000_000
PER_SECOND = 30


class Limits(FloodLimit):
    """The local Bot API's patience with a chat, and the same with everybody together."""

    def __init__(self) -> None:
        super().__init__(per_second=1, burst=1)
        self._all = FloodLimit(per_second=PER_SECOND, burst=PER_SECOND)

    @override
    def take(self, chat_id: int, clock: Callable[[], float]) -> None:
        self._all.take(0, clock)
        super().take(chat_id, clock)


class Count:
    """How the calls were answered."""

    def __init__(self) -> None:
        self._answers: Counter[int] = Counter()

    @web.middleware
    async def see(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        self._answers[response.status] += 1
        return response

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/report", self.report)
        return app

    async def report(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {"answers": {str(status): times for status, times in self._answers.items()}}
        )


def main() -> None:
    people = (User(FIRST_PERSON + n, f"P{n}", language_code="en") for n in range(int(sys.argv[1])))
    telegram = LocalTelegram(Bot(TOKEN), people, flood=Limits())
    for number in range(int(sys.argv[1])):
        telegram.send_text(FIRST_PERSON + number, "/start")
    count = Count()
    app = bot_api_app(telegram)
    app.middlewares.append(count.see)
    asyncio.run(serve_for_ever(app, count.app()))


if __name__ == "__main__":
    main()
