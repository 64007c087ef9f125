"""The sandbox as people start it: a process of its own, with the application as its child."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.servers import ROOT

READY_SECONDS = 45


@dataclass(frozen=True, slots=True)
class SandboxProcess:
    """A started sandbox; `url` is what it printed."""

    url: str
    process: asyncio.subprocess.Process

    def family(self) -> list[psutil.Process]:
        """It and everything it started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]


async def launch(folder: Path, *options: str) -> asyncio.subprocess.Process:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ENERGY_FLASH_")
    }
    with (folder.parent / f"{folder.name}.stderr").open("ab") as complaints:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", "sandbox", "--no-browser", "--data-dir", str(folder)),
            *options,
            cwd=ROOT,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
        )


@asynccontextmanager
async def sandbox_in(folder: Path, *options: str, port: int = 0) -> AsyncIterator[SandboxProcess]:
    """A sandbox that has said it is ready; it is killed at the end unless it has ended."""
    process = await launch(folder, "--port", str(port), *options)
    try:
        yield SandboxProcess(await _ready_url(process, folder), process)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _ready_url(process: asyncio.subprocess.Process, folder: Path) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(READY_SECONDS):
        while line := (await process.stdout.readline()).decode():
            if line.startswith("ready "):
                return line.removeprefix("ready ").strip()
    said = (folder.parent / f"{folder.name}.stderr").read_text()
    raise AssertionError(f"the sandbox ended with {await process.wait()}:\n{said}")


async def end(process: asyncio.subprocess.Process, number: signal.Signals) -> int:
    """Sends a signal and waits for the end; returns the exit code."""
    process.send_signal(number)
    return await process.wait()


async def gone(family: list[psutil.Process], seconds: float = 10) -> list[psutil.Process]:
    """Those of a family that still live after so many seconds; zombies are dead."""
    deadline = asyncio.get_running_loop().time() + seconds
    while alive := [each for each in family if _lives(each)]:
        if asyncio.get_running_loop().time() > deadline:
            return alive
        await asyncio.sleep(0.05)
    return []


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
