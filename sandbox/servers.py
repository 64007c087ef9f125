"""The servers that the application keeps its data in, to be stopped and started under it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from embedded import EmbeddedError
from embedded.server import Server


class ServerState(StrEnum):
    """`starting`: it is to run, and does not take commands yet (or again)."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPED = "stopped"


class ServerCannot(Exception):
    """An order that does not fit the state the server is in, or that failed."""


class Servers:
    """The sandbox's PostgreSQL and Valkey by their names.

    Their addresses and data stay the same whatever happens to them. `changed` is called when a
    state may have changed.
    """

    def __init__(self, servers: Mapping[str, Server], changed: Callable[[], None]) -> None:
        self._servers = dict(servers)
        self._changed = changed
        self._one_at_a_time = asyncio.Lock()
        self._awaited: set[asyncio.Task[None]] = set()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._servers)

    def as_json(self) -> dict[str, Any]:
        """The state of each."""
        return {
            name: {"state": _state(server), "pid": server.pid}
            for name, server in self._servers.items()
        }

    async def stop(self, name: str) -> None:
        """Asks it to end and waits for it; it stays away until it is started. Raises ServerCannot.

        Who is connected is cut off, as by an operator's restart.
        """
        async with self._one_at_a_time:
            server = self._servers[name]
            if not server.is_started:
                raise ServerCannot(f"{name} is stopped already.")
            await server.stop()
        self._changed()

    async def start(self, name: str) -> None:
        """Starts it and waits until it takes commands. Raises ServerCannot."""
        async with self._one_at_a_time:
            server = self._servers[name]
            if server.is_started:
                raise ServerCannot(f"{name} is running already.")
            try:
                await server.start()
            except EmbeddedError as fault:
                raise ServerCannot(f"{name} did not start: {fault}") from fault
        self._changed()

    async def kill(self, name: str) -> None:
        """SIGKILL; it is started again by itself at once. Raises ServerCannot."""
        async with self._one_at_a_time:
            server = self._servers[name]
            if server.pid is None:
                raise ServerCannot(f"{name} is not running.")
            server.kill()
            waiting = asyncio.create_task(self._tell_when_ready(server))
            self._awaited.add(waiting)
            waiting.add_done_callback(self._awaited.discard)
        self._changed()

    async def close(self) -> None:
        """Ends the waiting for servers that were killed."""
        for waiting in self._awaited:
            waiting.cancel()
        await asyncio.gather(*self._awaited, return_exceptions=True)

    async def _tell_when_ready(self, server: Server) -> None:
        await server.ready()
        self._changed()


def _state(server: Server) -> ServerState:
    if not server.is_started:
        return ServerState.STOPPED
    return ServerState.RUNNING if server.is_ready else ServerState.STARTING
