"""Serves the API from the program's own event loop."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

log = logging.getLogger(__name__)

# Requests that are under way at the end have so long.
_DRAIN_SECONDS = 3


class PortTaken(OSError):
    """The API cannot be served at the configured place; the text says where and why."""


class _Server(uvicorn.Server):
    """A server that leaves signals to the program around it, and says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    app: FastAPI, host: str, port: int, *, proxies: tuple[str, ...] = ()
) -> AsyncIterator[int]:
    """Answer requests at `host` and `port`, which 0 lets the machine choose; gives the port.

    `proxies`: whose X-Forwarded-For is believed.

    Raises:
        PortTaken: nothing can be served there.
    """
    try:
        listening = _listen(host, port)
    except OSError as error:
        raise PortTaken(f"the API cannot be served at {host}:{port}: {error.strerror}") from error
    config = uvicorn.Config(
        app,
        # Also where httptools is installed, which is quicker and takes headers without end.
        http="h11",
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        h11_max_incomplete_event_size=65_536,
    )
    server = _Server(config)
    chosen: int = listening.getsockname()[1]
    with listening:
        serve = asyncio.create_task(server.serve(sockets=[listening]), name="serving the API")
        try:
            await server.answers.wait()
            log.info("the API answers at http://%s:%s", host, chosen)
            yield chosen
        finally:
            server.should_exit = True
            await serve


def _listen(host: str, port: int) -> socket.socket:
    """As `socket.create_server`, but known to be TCP.

    asyncio turns Nagle's algorithm off only for what says so itself. With it the body of each
    answer waits until the client acknowledges the headers, for which clients take 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.listen(512)
    except BaseException:
        listening.close()
        raise
    return listening
