"""Ending what an earlier, killed run left running in a data folder.

A folder's lock is ours when this runs, so whatever still works in its data folder has no owner: a
server that is on its way out because its parent died, or (where the kernel knows no parent-death
signal) one that would run for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Sequence
from pathlib import Path

import psutil

from embedded.errors import ServerFailed

log = logging.getLogger(__name__)

StopSteps = Sequence[tuple[signal.Signals, float]]


async def end_leftovers(data: Path, program: str, steps: StopSteps) -> None:
    """Stop each live `program` whose working folder is `data`, asking less and less politely.

    Raises ServerFailed if one survives even SIGKILL.
    """
    living = await asyncio.to_thread(_working_in, data, program)
    for wanted, seconds in (*steps, (signal.SIGKILL, 5.0)):
        if not living:
            return
        log.warning(
            "%s of an earlier run still works in %s (pid %s): sending %s",
            program,
            data,
            ", ".join(str(process.pid) for process in living),
            wanted.name,
        )
        for process in _heads(living) if wanted is not signal.SIGKILL else living:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(wanted)
        living = await _still_living(living, seconds)
    if living:
        raise ServerFailed(f"{program} (pid {living[0].pid}) works in {data} and cannot be ended.")


def _heads(living: list[psutil.Process]) -> list[psutil.Process]:
    """Those whose parent is not among them: a server knows best how to stop its own children."""
    pids = {process.pid for process in living}
    heads = []
    for process in living:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in pids:
                heads.append(process)
    return heads


async def _still_living(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        processes = [process for process in processes if _is_live(process)]
        if not processes or asyncio.get_running_loop().time() > deadline:
            return processes
        await asyncio.sleep(0.02)


def _working_in(data: Path, program: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            # The name first: it is cheap, and other people's shells may stand in the folder.
            if process.name() == program and Path(process.cwd()) == data and _is_live(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _is_live(process: psutil.Process) -> bool:
    """False too for a zombie, which only a parent that never asks keeps in the list."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
