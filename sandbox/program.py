"""The application in the sandbox: the production program as a process of its own.

It is started as `energy-flash run` is, with settings that point at the stand-ins, and it ends with
the sandbox, also when the sandbox is killed. When it ends by itself it stays ended, so that one can
look at it: only an order starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from embedded.server import LAUNCHER

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""What the program promises: within this time after SIGTERM it has ended."""

CLOSE_SECONDS = 7.0
"""Its time when the sandbox ends, which has ten seconds for everything."""

_LARGEST_LOG_BYTES = 5 * 1024 * 1024
_OWN_VARIABLES = "ENERGY_FLASH_"


class ProgramState(StrEnum):
    """`absent`: started by hand, if at all. `starting` lasts until its first look for updates."""

    ABSENT = "absent"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    KILLED = "killed"
    CRASHED = "crashed"


class CannotDo(Exception):
    """An order that does not fit the state the program is in."""


class Program:
    """Starts, watches and ends the application.

    `environment` is set on top of ours, from which settings of a real shop are taken away.
    `changed` is called whenever the state changes.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        log_file: Path,
        changed: Callable[[], None],
        *,
        command: Sequence[str] = (sys.executable, "-m", "cli", "run"),
        absent: bool = False,
    ) -> None:
        self.environment = dict(environment)
        self.log_file = log_file
        self._changed = changed
        self._command = command
        self._state = ProgramState.ABSENT if absent else ProgramState.STOPPED
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._starts = 0
        self._log_begin = 0
        self._exit_code: int | None = None
        self._polled = asyncio.Event()

    @property
    def state(self) -> ProgramState:
        return self._state

    @property
    def pid(self) -> int | None:
        if self._process is None or self._process.returncode is not None:
            return None
        return self._process.pid

    def as_json(self) -> dict[str, Any]:
        """For the control API."""
        return {
            "state": self._state,
            "pid": self.pid,
            "restarts": max(0, self._starts - 1),
            "exit_code": self._exit_code,
            "log_file": str(self.log_file),
        }

    # ── orders ───────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Starts it, unless it runs. Raises CannotDo when it is started by hand."""
        self._refuse_absent()
        if self.pid is not None:
            raise CannotDo(f"The app is already {self._state}.")
        await self._join_watcher()
        if self.log_file.exists() and self.log_file.stat().st_size > _LARGEST_LOG_BYTES:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(_OWN_VARIABLES)
        }
        self._polled.clear()
        with self.log_file.open("ab") as output:
            self._log_begin = output.tell()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-S", str(LAUNCHER)),
                # As the same user, and killed with us: the sandbox leaves nothing running.
                *("-1", "-1", str(os.getpid()), str(int(signal.SIGKILL))),
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env=inherited | {"PYTHONUNBUFFERED": "1"} | self.environment,
            )
        self._starts += 1
        self._exit_code = None
        self._watcher = asyncio.create_task(self._watch(self._process), name="watch the app")
        self._become(ProgramState.STARTING)

    async def stop(self, patience: float = STOP_SECONDS) -> None:
        """SIGTERM, and SIGKILL when it has not ended after `patience` seconds. Raises CannotDo."""
        process = self._running_process()
        self._become(ProgramState.STOPPING)
        _signal(process, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            log.warning("the app did not end within %s s of SIGTERM and is killed", patience)
            _signal(process, signal.SIGKILL)
        await self._join_watcher()

    async def kill(self) -> None:
        """SIGKILL. Raises CannotDo when it does not run."""
        process = self._running_process()
        self._state = ProgramState.KILLED
        _signal(process, signal.SIGKILL)
        await self._join_watcher()

    async def close(self) -> None:
        """Ends it if it runs, politely first."""
        if self.pid is not None:
            with contextlib.suppress(CannotDo):
                await self.stop(CLOSE_SECONDS)

    # ── watching ─────────────────────────────────────────────────────────────────────────────

    def polled(self) -> None:
        """Told when the bot has asked Telegram for updates: then it is up."""
        if self._state is ProgramState.STARTING:
            self._polled.set()
            self._become(ProgramState.RUNNING)

    async def is_up(self) -> bool:
        """Waits until it asked for updates (True) or ended before that (False)."""
        polled = asyncio.create_task(self._polled.wait())
        watcher = self._watcher
        assert watcher is not None, "it was started"
        await asyncio.wait({polled, watcher}, return_when=asyncio.FIRST_COMPLETED)
        polled.cancel()
        return self._polled.is_set()

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, as far as it was written since the last start."""
        try:
            with self.log_file.open("rb") as log_file:
                log_file.seek(self._log_begin)
                text = log_file.read().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        self._exit_code = await process.wait()
        if self._state is ProgramState.STOPPING:
            self._become(ProgramState.STOPPED)
        elif self._state is ProgramState.KILLED:
            self._changed()
        else:
            log.error(
                "the app ended by itself with code %s, see %s", self._exit_code, self.log_file
            )
            self._become(ProgramState.CRASHED)

    async def _join_watcher(self) -> None:
        if self._watcher is not None:
            await self._watcher

    def _become(self, state: ProgramState) -> None:
        self._state = state
        self._changed()

    def _running_process(self) -> asyncio.subprocess.Process:
        self._refuse_absent()
        if self._process is None or self._process.returncode is not None:
            raise CannotDo("The app is not running.")
        return self._process

    def _refuse_absent(self) -> None:
        if self._state is ProgramState.ABSENT:
            raise CannotDo("The sandbox was started without the app: start and stop it by hand.")


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
