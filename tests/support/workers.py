"""Application processes that a test starts, arms and kills."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.fail_points import VARIABLE, FailPoint
from tests.support.nursery import Born, Nursery

UP_SECONDS = 30.0
_LOOK_SECONDS = 0.02
_OPEN = "at work as "


class Worker:
    """One process, killed with this one. `armed` names where it kills itself."""

    command: Sequence[str] = ("cli", "run")

    def __init__(
        self,
        nursery: Nursery,
        environment: Mapping[str, str],
        log_file: Path,
        armed: FailPoint | None = None,
    ) -> None:
        self._nursery = nursery
        self._environment = environment
        self._log_file = log_file
        self.armed = armed
        self._process: Born | None = None
        self._began_at = 0

    async def start(self) -> None:
        nothing = os.open(os.devnull, os.O_RDONLY)
        with self._log_file.open("ab") as output:
            self._began_at = output.tell()
            await self._begin(nothing, output.fileno(), output.fileno())
        os.close(nothing)

    async def _begin(self, *files: int) -> None:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("ENERGY_FLASH")
        }
        arming = {VARIABLE: self.armed} if self.armed else {}
        self._process = await self._nursery.bear(
            self.command,
            {**inherited, **self._environment, **arming},
            (files[0], files[1], files[2]),
        )

    @property
    def process(self) -> Born:
        assert self._process is not None, "it was never started"
        return self._process

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def up(self) -> bool:
        """Wait until it is at work; False if it ended before."""
        async with asyncio.timeout(UP_SECONDS):
            while self.alive:
                if _OPEN in self.said():
                    return True
                await asyncio.sleep(_LOOK_SECONDS)
        return False

    def said(self) -> str:
        """What it has logged since it was started."""
        with self._log_file.open("rb") as log:
            log.seek(self._began_at)
            return log.read().decode(errors="replace")

    async def died(self) -> None:
        """Wait for its end, which has to be where it was armed for.

        Raises AssertionError if it ended otherwise.
        """
        code = await self.process.wait()
        assert code == -signal.SIGKILL, f"it ended with {code}:\n{self.said()[-3000:]}"
        if self.armed is not None:
            assert f"killed at the fail point: {self.armed}\n" in self.said()

    async def kill(self) -> None:
        """kill -9, from outside."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self, seconds: float = 15) -> int:
        """SIGTERM, and its exit code."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        async with asyncio.timeout(seconds):
            return await self.process.wait()

    async def end(self) -> None:
        if self.alive:
            await self.kill()


class Counter(Worker):
    """A process that does what customers ask for, and nothing by itself (`tests.support.deeds`)."""

    command = ("tests.support.deeds",)
    _deeds: asyncio.StreamWriter
    _answers: asyncio.StreamReader

    async def start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs, self._log_file.open("ab") as output:
            self._began_at = output.tell()
            self._answers, self._deeds = await asyncio.open_connection(sock=ours)
            await self._begin(theirs.fileno(), theirs.fileno(), output.fileno())

    async def up(self) -> bool:
        return await self._answer() is not None

    async def do(self, deed: dict[str, Any]) -> dict[str, Any] | None:
        """Have one deed done; None if the process died over it."""
        with contextlib.suppress(ConnectionError):
            self._deeds.write(json.dumps(deed).encode() + b"\n")
            await self._deeds.drain()
        return await self._answer()

    @property
    def silent(self) -> bool:
        """It will answer no more."""
        return self._answers.at_eof()

    async def end(self) -> None:
        await super().end()
        self._deeds.close()

    async def _answer(self) -> dict[str, Any] | None:
        try:
            line = await asyncio.wait_for(self._answers.readline(), UP_SECONDS)
        except ConnectionError:
            return None
        answer: dict[str, Any] | None = json.loads(line) if line else None
        return answer
