"""Looking at server processes from outside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


async def until(condition: Callable[[], bool]) -> None:
    """Return once `condition` holds; the test's time limit is the only patience."""
    while not condition():  # noqa: ASYNC110 - other processes set no events here
        await asyncio.sleep(0.005)


def working_in(folder: Path) -> list[psutil.Process]:
    """The live processes whose working folder is `folder` or below it."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


@contextlib.asynccontextmanager
async def owner(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program owner.py on `folder`; killed at the end if it still lives."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        Path(__file__).with_name("owner.py"),
        folder,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: asyncio.subprocess.Process) -> list[str]:
    """The next line of the program, in words; empty when it has ended."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().split()
