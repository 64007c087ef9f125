"""Processes that begin with everything imported: forked from one that has imported it.

An application's process spends most of its start with importing, and the tests that kill start a
hundred of them. Here one process imports, and each that is asked for is forked from it: a process
of its own all the same, with its own environment, output, connections and end.

Run as a program it is the nursery: it reads requests from the socket that is its standard input.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import json
import os
import random
import runpy
import selectors
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from embedded.launcher import PR_SET_PDEATHSIG
from tests.support.servers import ROOT

_IMPORTED = (
    *("app", "bot.outbox", "bot.program", "cli", "composition", "connections"),
    *("cli_keys", "cli_pools", "services.fail_points", "tests.support.deeds"),
)
_LARGEST = 1 << 16


class Born:
    """A process from the nursery. `returncode` is as subprocess has it, None while it lives."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def ended(self, code: int) -> None:
        self.returncode = code
        self._ended.set()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a process said, and its exit code."""

    code: int
    out: str
    err: str


class Nursery:
    """Forks processes for tests; they die with it."""

    def __init__(self, process: asyncio.subprocess.Process, ours: socket.socket) -> None:
        self._process = process
        self._socket = ours
        self._waiting: asyncio.Queue[int] = asyncio.Queue()
        self._alive: dict[int, Born] = {}
        asyncio.get_running_loop().add_reader(ours, self._heard)

    @classmethod
    async def open(cls) -> Self:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.nursery", str(os.getpid())),
                cwd=ROOT,
                stdin=theirs.fileno(),
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        ours.setblocking(False)
        return cls(process, ours)

    async def close(self) -> None:
        """End it, and with it all that it bore."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def bear(
        self, command: Sequence[str], environment: Mapping[str, str], files: tuple[int, int, int]
    ) -> Born:
        """Start ``python -m`` `command`; `files` become its standard input, output and error."""
        request = json.dumps({"command": command, "environment": dict(environment)}).encode()
        assert len(request) < _LARGEST
        socket.send_fds(self._socket, [request], files)
        pid = await self._waiting.get()
        return self._alive[pid]

    async def run(
        self, command: Sequence[str], environment: Mapping[str, str], typed: str = ""
    ) -> Ended:
        """Bear one that reads what is `typed`, and wait for its end, for at most 40 seconds."""
        with ExitStack() as stack:
            files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
            files[0].write(typed.encode())
            files[0].seek(0)
            typed_in, out, err = (file.fileno() for file in files)
            born = await self.bear(command, environment, (typed_in, out, err))
            try:
                async with asyncio.timeout(40):
                    code = await born.wait()
            finally:
                born.kill()
            for file in files:
                file.seek(0)
            return Ended(code, files[1].read().decode(), files[2].read().decode())

    def _heard(self) -> None:
        message = self._socket.recv(_LARGEST)
        if not message:
            asyncio.get_running_loop().remove_reader(self._socket)
            return
        news = json.loads(message)
        if "code" in news:
            self._alive.pop(news["pid"]).ended(news["code"])
        else:
            self._alive[news["pid"]] = Born(news["pid"])
            self._waiting.put_nowait(news["pid"])


def main(parent: int) -> None:
    """Import everything, then fork a process for each request until the socket is closed."""
    _die_with(parent)
    for module in _IMPORTED:
        importlib.import_module(module)
    theirs = socket.socket(fileno=os.dup(0))
    wake, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(theirs, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if wake in ready:
                os.read(wake, _LARGEST)
                _tell_of_the_dead(theirs)
            if theirs.fileno() in ready:
                request, files, _, _ = socket.recv_fds(theirs, _LARGEST, 3)
                if not request:
                    return
                pid = os.fork()
                if pid == 0:
                    selector.close()
                    theirs.close()
                    _be(json.loads(request), files)
                for file in files:
                    os.close(file)
                theirs.send(json.dumps({"pid": pid}).encode())


def _tell_of_the_dead(theirs: socket.socket) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            code = os.waitstatus_to_exitcode(status)
            theirs.send(json.dumps({"pid": pid, "code": code}).encode())


def _be(request: dict[str, Any], files: Sequence[int]) -> NoReturn:
    """Become what was asked for, as if it had been started by itself."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with(os.getppid())
        for own, file in enumerate(files):
            os.dup2(file, own)
            os.close(file)
        os.setsid()
        os.environ.clear()
        os.environ.update(request["environment"])
        # What differs from process to process, and what was read from the environment.
        random.seed()
        importlib.reload(sys.modules["services.fail_points"])
        sys.argv = list(request["command"])
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself ends with what nobody caught
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)  # Nothing is buffered: see PYTHONUNBUFFERED above.


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
