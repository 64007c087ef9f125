"""One server process under our supervision: started, watched, started again, stopped.

The server is our direct child and dies with us, also when we are killed. When it ends while we
live, it is started again, at once the first time and then after growing pauses. Its address stays
the same from `start` to `stop`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from embedded.account import server_account
from embedded.errors import EmbeddedError, ServerFailed
from embedded.folder import ServerFolder
from embedded.leftovers import StopSteps, end_leftovers

log = logging.getLogger(__name__)

LAUNCHER = Path(__file__).with_name("launcher.py")
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 10.0
# A server that has been up this long has recovered: its next end is a new trouble.
STEADY_SECONDS = 30.0


class Server(ABC):
    """What PostgreSQL and Valkey have in common. One instance may be started again after a stop."""

    program: ClassVar[str]
    """The name of the process, as the system lists it."""
    death_signal: ClassVar[signal.Signals]
    """What the kernel sends the server when we are killed."""
    stop_steps: ClassVar[StopSteps]
    """Signals that ask it to stop, each with its patience in seconds; SIGKILL follows the last."""

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        stop_steps: StopSteps | None = None,
        on_restart: Callable[[str], None] | None = None,
    ) -> None:
        """`durable=False` trades safety on power loss for speed: for tests.

        `on_restart` hears in words of each unexpected end, when the server is about to be started
        again.
        """
        self.durable = durable
        self.folder = ServerFolder(folder, server_account())
        self._stop_steps = stop_steps if stop_steps is not None else type(self).stop_steps
        self._on_restart = on_restart
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None

    # ── what differs ──────────────────────────────────────────────────────────────────────────

    @abstractmethod
    async def _prepare(self) -> None:
        """Once for each `start`, with the folder locked: find programs, make the data folder."""

    @abstractmethod
    async def _command(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        """Before each launch, nothing running: the command line and its extra environment."""

    @abstractmethod
    async def _is_ready(self, pid: int) -> bool:
        """Whether the process with this pid takes commands by now."""

    # ── life ──────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Return when the server takes commands.

        Raises EmbeddedError: FolderInUse, FolderUnusable, BinaryMissing, ServerFailed.
        """
        if self._watcher is not None:
            raise RuntimeError(f"{self.program} has been started already")
        if threading.current_thread() is not threading.main_thread():
            # The kernel takes the end of the thread that started a child for the parent's death.
            raise RuntimeError("servers must be started from the main thread")
        self.folder.open()
        try:
            await self._prepare()
            await self._launch()
        except BaseException:
            await self._end_process()
            self.folder.close()
            raise
        self._watcher = asyncio.create_task(self._watch(), name=f"watch {self.program}")

    async def stop(self) -> None:
        """Stop the server and give up the folder. Does nothing when it is not started."""
        if self._watcher is None:
            return
        self._watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watcher
        self._watcher = None
        await self._end_process()
        self.folder.close()

    def kill(self) -> None:
        """Send the server SIGKILL, as a fault: it is started again."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self._ready.clear()

    async def ready(self) -> None:
        """Wait until the server takes commands (again)."""
        await self._ready.wait()

    @property
    def is_started(self) -> bool:
        """Whether it is to run: from `start` to `stop`, also while it is being started again."""
        return self._watcher is not None

    @property
    def is_ready(self) -> bool:
        """Whether it takes commands, as far as is known."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The server's process, None while there is none."""
        if self._process is None or self._process.returncode is not None:
            return None
        return self._process.pid

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    # ── processes ─────────────────────────────────────────────────────────────────────────────

    async def _launch(self) -> None:
        """Start the process and wait until it is ready, however long its recovery takes."""
        await end_leftovers(self.folder.data, self.program, self._stop_steps)
        command, environment = await self._command()
        with self.folder.log.open("ab") as output:
            self._process = process = await self._spawn(
                command, environment, output=output.fileno(), death_signal=self.death_signal
            )
        pause = 0.005
        while not await self._is_ready(process.pid):
            if process.returncode is not None:
                raise ServerFailed(
                    f"{self.program} {_ended(process.returncode)} before it was ready:\n"
                    f"{self.folder.last_words()}"
                )
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, 0.1)
        self._ready.set()

    async def _spawn(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        *,
        output: int,
        death_signal: signal.Signals,
        input_: int = asyncio.subprocess.DEVNULL,
    ) -> asyncio.subprocess.Process:
        account = self.folder.account
        uid, gid = (account.uid, account.gid) if account else (-1, -1)
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-I", "-S", LAUNCHER),
            *map(str, (uid, gid, os.getpid(), int(death_signal))),
            *map(str, command),
            stdin=input_,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd="/",
            # Nothing of the user's own settings for these programs is meant for ours.
            env={"PATH": os.defpath, "LC_ALL": "C", **(environment or {})},
        )

    async def _watch(self) -> None:
        pause = 0.0
        clock = asyncio.get_running_loop().time
        while True:
            assert self._process is not None
            up_since = clock()
            code = await self._process.wait()
            self._ready.clear()
            if clock() - up_since > STEADY_SECONDS:
                pause = 0.0
            self._report(f"{self.program} {_ended(code)}; starting it again")
            pause = await self._launch_until_ready(pause)

    async def _launch_until_ready(self, pause: float) -> float:
        """Launch, waiting longer after each failure; return the pause that the next one takes."""
        while True:
            await asyncio.sleep(pause)
            pause = min(max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE)
            try:
                await self._launch()
            except (EmbeddedError, OSError) as error:
                await self._end_process()
                self._report(f"{error}\nTrying again in {pause:.1f} s")
            else:
                log.info("%s is ready again (pid %s)", self.program, self.pid)
                return pause

    def _report(self, message: str) -> None:
        log.error("%s", message)
        if self._on_restart is not None:
            self._on_restart(message)

    async def _end_process(self) -> None:
        self._ready.clear()
        process, self._process = self._process, None
        if process is None:
            return
        for wanted, seconds in (*self._stop_steps, (signal.SIGKILL, None)):
            if process.returncode is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(wanted)
            try:
                await asyncio.wait_for(process.wait(), seconds)
            except TimeoutError:
                log.warning("%s did not stop on %s within %s s", self.program, wanted.name, seconds)


def _ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
