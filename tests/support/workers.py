"""Application processes that a test starts, arms and kills."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from embedded.server import LAUNCHER
from services.fail_points import VARIABLE, FailPoint
from tests.support.servers import ROOT

UP_SECONDS = 30.0
_LOOK_SECONDS = 0.02
_OPEN = "open for customers"


class Worker:
    """One process, killed with this one. `armed` names where it kills itself."""

    command: Sequence[str] = (sys.executable, "-m", "cli", "run")

    def __init__(
        self, environment: Mapping[str, str], log_file: Path, armed: FailPoint | None = None
    ) -> None:
        self._environment = environment
        self._log_file = log_file
        self.armed = armed
        self._process: asyncio.subprocess.Process | None = None
        self._began_at = 0

    async def start(self) -> None:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("ENERGY_FLASH")
        }
        arming = {VARIABLE: self.armed} if self.armed else {}
        with self._log_file.open("ab") as output:
            self._began_at = output.tell()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(
                    "-I",
                    "-S",
                    str(LAUNCHER),
                    "-1",
                    "-1",
                    str(os.getpid()),
                    str(int(signal.SIGKILL)),
                ),
                *self.command,
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE if self.talks else output,
                stderr=output,
                env={**inherited, "PYTHONUNBUFFERED": "1", **self._environment, **arming},
            )

    talks = False

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "it was never started"
        return self._process

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def up(self) -> bool:
        """Wait until it is open for customers; False if it ended before."""
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

    command = (sys.executable, "-m", "tests.support.deeds")
    talks = True

    async def up(self) -> bool:
        return await self._answer() is not None

    async def do(self, deed: dict[str, Any]) -> dict[str, Any] | None:
        """Have one deed done; None if the process died over it."""
        assert self.process.stdin is not None
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(json.dumps(deed).encode() + b"\n")
            await self.process.stdin.drain()
        return await self._answer()

    async def _answer(self) -> dict[str, Any] | None:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), UP_SECONDS)
        answer: dict[str, Any] | None = json.loads(line) if line else None
        return answer
