"""Blocks by the clock: a task that makes one every few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sandbox.tron.chain import LocalChain


async def produce(chain: LocalChain, block_seconds: float) -> None:
    """Makes a block every `block_seconds` until it is cancelled.

    Each block moves the chain's clock by 3 seconds, so that with another pace the chain's time runs
    faster or slower than the machine's. A late wake-up shortens the next wait.
    """
    if block_seconds <= 0:
        raise ValueError("block_seconds must be above 0; make blocks on demand instead")
    loop = asyncio.get_running_loop()
    due = loop.time() + block_seconds
    while True:
        await asyncio.sleep(max(0, due - loop.time()))
        chain.produce_block()
        due = max(due + block_seconds, loop.time())


def catch_up(chain: LocalChain) -> None:
    """Lets a chain that was switched off for a while continue at the machine's time.

    A chain that is already ahead, because its clock was moved, stays ahead.
    """
    behind = time.time() - chain.time_ms / 1_000
    if behind > 0:
        chain.advance_time(behind)


@asynccontextmanager
async def production(chain: LocalChain, block_seconds: float) -> AsyncIterator[asyncio.Task[None]]:
    """Runs `produce` beside what is inside; the task fails loudly if a block cannot be made."""
    task = asyncio.create_task(produce(chain, block_seconds), name="block production")
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
