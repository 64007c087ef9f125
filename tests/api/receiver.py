"""A customer's server that takes events, and does what a test wants of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from services.webhook_signing import verify
from tests.support.shop import serve


@dataclass(frozen=True)
class Taken:
    """One request: its headers with lower-case names, and the body as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def signatures(self) -> int:
        return len(self.headers["webhook-signature"].split(" "))

    def verify(self, secret: str) -> str:
        return verify(secret, self.headers, self.body, datetime.now(UTC))


@dataclass
class Receiver:
    """Answers `status`, at `/slow` after `hold` is set; keeps whatever came."""

    status: int = 200
    url: str = ""
    requests: list[Taken] = field(default_factory=list)
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    redirect_to: str = ""

    @property
    def kinds(self) -> list[str]:
        return [taken.event["type"] for taken in self.requests]

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Taken(headers, await request.read()))
        if request.path == "/slow":
            await self.hold.wait()
        if self.redirect_to:
            return web.Response(status=307, headers={"Location": self.redirect_to})
        return web.Response(status=self.status, text=f"said {self.status}\0" + "x" * 10_000)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    async with serve(app) as url:
        receiver.url = url
        try:
            yield receiver
        finally:
            receiver.hold.set()
