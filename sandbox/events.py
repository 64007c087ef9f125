"""What happens in the sandbox, as a stream that a page can follow (server-sent events)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from aiohttp import web

_MOST_WAITING = 1000
_BEAT_SECONDS = 15.0


class Events:
    """Everybody who listens, and what to tell them.

    A listener that falls far behind is let go; it connects again and reads the state anew.
    """

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[bytes | None]] = set()

    def tell(self, name: str, data: dict[str, Any]) -> None:
        """Sends an event to everybody who listens."""
        if not self._listeners:
            return
        line = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        event = f"event: {name}\ndata: {line}\n\n".encode()
        for queue in tuple(self._listeners):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._let_go(queue)

    def close(self) -> None:
        """Ends every stream."""
        for queue in tuple(self._listeners):
            self._let_go(queue)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One listener's stream, until either side ends it."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_WAITING)
        self._listeners.add(queue)
        try:
            with contextlib.suppress(ConnectionError):
                await response.write(b"retry: 1000\n\n")
                await self._pass_on(queue, response)
        finally:
            self._listeners.discard(queue)
        return response

    async def _pass_on(
        self, queue: asyncio.Queue[bytes | None], response: web.StreamResponse
    ) -> None:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), _BEAT_SECONDS)
            except TimeoutError:
                # Tells a dead connection from a quiet one.
                event = b": still here\n\n"
            if event is None:
                return
            await response.write(event)

    def _let_go(self, queue: asyncio.Queue[bytes | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
