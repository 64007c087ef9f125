"""Blocks by the clock: a task that makes one every few seconds, unless it is told to pause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sandbox.tron.chain import LocalChain
from sandbox.tron.parameters import SLOT_MS


class Production:
    """Makes a block every `block_seconds`; with 0 seconds blocks come only on demand.

    Each block moves the chain's clock by 3 seconds, so that with another pace the chain's time runs
    faster or slower than the machine's. While it is paused no block comes by itself.
    """

    def __init__(self, chain: LocalChain, block_seconds: float) -> None:
        self._chain = chain
        self.block_seconds = block_seconds
        self._paused_at: float | None = None

    @property
    def paused(self) -> bool:
        """Whether the producers are asleep."""
        return self._paused_at is not None

    def pause(self) -> None:
        """Lets no block come by itself until `resume`."""
        if self._paused_at is None:
            self._paused_at = time.monotonic()

    def resume(self) -> None:
        """Goes on with the time that the next block would have had: slots went by without blocks.

        What has waited and expired meanwhile goes into no block.
        """
        if self._paused_at is None:
            return
        passed = time.monotonic() - self._paused_at
        self._paused_at = None
        if self.block_seconds:
            missed = int(passed / self.block_seconds)
            self._chain.advance_time(missed * SLOT_MS / 1_000)

    async def run(self) -> None:
        """Makes blocks until it is cancelled. A late wake-up shortens the next wait."""
        if self.block_seconds <= 0:
            raise ValueError("block_seconds must be above 0; make blocks on demand instead")
        loop = asyncio.get_running_loop()
        due = loop.time() + self.block_seconds
        while True:
            await asyncio.sleep(max(0, due - loop.time()))
            if not self.paused:
                self._chain.produce_block()
            due = max(due + self.block_seconds, loop.time())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """Runs it beside what is inside; the task fails loudly if a block cannot be made."""
        task = asyncio.create_task(self.run(), name="block production")
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def catch_up(chain: LocalChain) -> None:
    """Lets a chain that was switched off for a while continue at the machine's time.

    A chain that is already ahead, because its clock was moved, stays ahead.
    """
    behind = time.time() - chain.time_ms / 1_000
    if behind > 0:
        chain.advance_time(behind)
