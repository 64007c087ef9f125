"""A client that costs as little as one in Python can: one request after the other on each of its
connections, prepared as bytes, the answers only measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import cast

from typing_extensions import override
from yarl import URL

_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked again and again."""

    url: URL
    method: str = "GET"
    headers: Mapping[str, str] | None = None
    body: bytes = b""

    def encoded(self) -> bytes:
        lines = [
            f"{self.method} {self.url.raw_path_qs} HTTP/1.1",
            f"Host: {self.url.authority}",
            *(f"{name}: {value}" for name, value in (self.headers or {}).items()),
        ]
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join((*lines, "", "")).encode() + self.body


class NotServed(Exception):
    """An answer was no success: a bench of those would measure something else."""


class _Connection(asyncio.Protocol):
    """Asks again as soon as the answer is there, until it is told to stop."""

    def __init__(self, asking: bytes, seconds: list[float]) -> None:
        self._asking = asking
        self._seconds = seconds
        self._received = b""
        self._length = 0
        self._asked = 0.0
        self._stopping = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        """After the answer that is under way."""
        self._stopping = True

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._received = b""
        self._length = 0
        self._asked = perf_counter()
        self._transport.write(self._asking)

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._length:
            head = self._received.find(b"\r\n\r\n")
            if head < 0:
                return
            place = self._received.lower().find(_LENGTH, 0, head)
            if place < 0 or not self._received.startswith(b"HTTP/1.1 200"):
                self._fail(self._received.decode(errors="replace"))
                return
            stated = self._received[place + len(_LENGTH) : head].split(b"\r\n", 1)[0]
            self._length = head + 4 + int(stated)
        if len(self._received) < self._length:
            return
        self._seconds.append(perf_counter() - self._asked)
        if self._stopping:
            self._transport.close()
            self._finish()
        else:
            self._ask()

    @override
    def connection_lost(self, error: Exception | None) -> None:
        self._fail("the connection was closed")

    def _fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(NotServed(why))

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: the time of each request in seconds, and of all of them together."""

    seconds: list[float]
    took: float

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.took


async def load(request: Request, connections: int, *, lasting: float) -> Load:
    """Ask on so many connections for `lasting` seconds.

    Raises:
        NotServed: an answer was not 200.
    """
    loop = asyncio.get_running_loop()
    seconds: list[float] = []
    host, port = request.url.host, request.url.port
    assert host is not None
    assert port is not None
    opened = [
        await loop.create_connection(lambda: _Connection(request.encoded(), seconds), host, port)
        for _ in range(connections)
    ]
    began = perf_counter()
    await asyncio.sleep(lasting)
    for _, connection in opened:
        connection.stop()
    await asyncio.gather(*(connection.done for _, connection in opened))
    return Load(seconds, perf_counter() - began)
