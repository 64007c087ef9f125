"""A Valkey (a Redis) of our own, for what may be lost: dialogue steps, rate limits, wake-ups."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from embedded.binaries import valkey_program
from embedded.leftovers import StopSteps
from embedded.server import Server

SOCKET = "valkey.sock"


class EmbeddedValkey(Server):
    """`async with EmbeddedValkey(folder) as valkey:` then connect to `valkey.url`.

    Writes reach the disk within a second: a kill -9 loses nothing, a power cut the last second.
    """

    program: ClassVar[str] = "valkey-server"
    death_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_steps: ClassVar[StopSteps] = ((signal.SIGTERM, 10.0),)

    _program: Path

    @property
    def url(self) -> str:
        """Where to connect, as redis-py understands it. `?db=1` to `?db=15` name further ones."""
        return f"unix://{self.folder.socket_folder / SOCKET}"

    async def _prepare(self) -> None:
        self._program = await asyncio.to_thread(valkey_program, self.folder.account)
        if not self.folder.data.exists():
            self.folder.data.mkdir(mode=0o700)
            self.folder.give_to_server(self.folder.data)

    async def _command(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        sockets = self.folder.renew_socket_folder(SOCKET)
        options = {
            "port": "0",
            "unixsocket": str(sockets / SOCKET),
            "unixsocketperm": "700",
            "dir": str(self.folder.data),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            # Full, it says so, rather than forgetting where somebody's dialogue was.
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [self._program, *arguments], {}

    async def _is_ready(self, pid: int) -> bool:  # noqa: ARG002 - its socket is its alone
        try:
            reader, writer = await asyncio.open_unix_connection(self.folder.socket_folder / SOCKET)
        except OSError:
            return False
        try:
            writer.write(b"PING\r\n")
            # While it reads its data, it answers "-LOADING …".
            return await reader.readline() == b"+PONG\r\n"
        except OSError:
            return False
        finally:
            writer.close()
