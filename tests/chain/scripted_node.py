"""An HTTP server in a node's place that answers as it is told, and also misbehaves as told."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import web

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    """A request that reached the node."""

    path: str
    body: Any
    headers: dict[str, str]


class ScriptedNode:
    """Answers each path with what was said for it: first the queue, then the standing answer."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.arrived = asyncio.Event()
        self.everywhere: Answer | None = None
        self._standing: dict[str, Answer] = {}
        self._queued: dict[str, deque[Answer]] = defaultdict(deque)

    def says(self, path: str, answer: Answer | Any) -> None:
        """From now on `path` is answered so."""
        self._standing[path] = _answer(answer)

    def says_once(self, path: str, *answers: Answer | Any) -> None:
        """The next requests for `path` are answered so, one by one."""
        self._queued[path].extend(_answer(answer) for answer in answers)

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for `path` so far."""
        return [asked for asked in self.asked if asked.path == path]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.lstrip("/")
        body = await request.json() if request.can_read_body else None
        self.asked.append(Asked(path, body, dict(request.headers)))
        self.arrived.set()
        if self._queued[path]:
            return await self._queued[path].popleft()(request)
        answer = self._standing.get(path, self.everywhere)
        return await answer(request) if answer else web.Response(status=405, text="<html>405")


@asynccontextmanager
async def scripted_node() -> AsyncIterator[ScriptedNode]:
    """A node on a free port of this machine."""
    node = ScriptedNode()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", node._handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        node.url = f"http://{host}:{port}"
        yield node
    finally:
        await runner.cleanup()


def text(
    body: str,
    *,
    status: int = 200,
    content_type: str = "text/html",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Answer with a text."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(text=body, status=status, content_type=content_type, headers=headers)

    return answer


def dropped(request: web.Request) -> Awaitable[web.StreamResponse]:
    """Read the request, then close the connection without a word."""

    async def answer() -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return answer()


def cut_off(body: str) -> Answer:
    """Promise the whole of `body`, send half, close the connection."""

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2].encode())
        request.transport.close()
        return response

    return answer


def held(until: asyncio.Event) -> Answer:
    """Say nothing until an event."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await until.wait()
        return web.json_response({})

    return answer


def dribbled(until: asyncio.Event) -> Answer:
    """Send a byte now and then, for ever, or until an event."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while not until.is_set():
            try:
                await response.write(b" ")
                await asyncio.wait_for(until.wait(), 0.02)
            except (TimeoutError, ConnectionError):
                if request.transport is None or request.transport.is_closing():
                    break
        return response

    return answer


def _answer(answer: Answer | Any) -> Answer:
    if callable(answer):
        return answer
    return text(json.dumps(answer), content_type="application/json")
