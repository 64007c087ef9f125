"""The program itself tells of servers that went away and came back, and of a second program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import aiohttp

from embedded import EmbeddedPostgres, EmbeddedValkey
from sandbox.telegram import MessageChange
from tests.support.nursery import Nursery
from tests.support.shop import ADMIN
from tests.support.town import TOKEN, Town, open_town
from tests.support.workers import Worker

_LONGEST_WAIT_SECONDS = 40.0


@dataclass
class Outages:
    """The program at work, and its servers to be stopped."""

    town: Town
    worker: Worker
    postgres: EmbeddedPostgres
    valkey: EmbeddedValkey

    @property
    def told(self) -> list[str]:
        """What the owner was told, the oldest first."""
        return [
            change.text or ""
            for change in self.town.telegram.changes(ADMIN)
            if isinstance(change, MessageChange) and change.from_bot
        ]

    async def until_told(
        self, *lines: str, meanwhile: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """Wait for a message with these lines; every job looks at once."""

        async def heard() -> bool:
            if meanwhile is not None:
                await meanwhile()
            await self.town.nudge()
            return any(all(line in text for line in lines) for text in self.told)

        await self.until(heard, lambda: "\n".join([*self.told, self.worker.said()[-3000:]]))

    async def until_logged(self, line: str) -> None:
        async def logged() -> bool:
            return line in self.worker.said()

        await self.until(logged, self.worker.said)

    @staticmethod
    async def until(true: Callable[[], Awaitable[bool]], what: Callable[[], str]) -> None:
        try:
            async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                # What another process does is no event here.
                while not await true():  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(what()) from None


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[Outages]:
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(
            EmbeddedPostgres(folder / "postgres", durable=False)
        )
        valkey = await stack.enter_async_context(EmbeddedValkey(folder / "valkey", durable=False))
        town = await stack.enter_async_context(
            open_town(folder, postgres.dsn, valkey.url, random=Random(1))
        )
        nursery = await Nursery.open()
        stack.push_async_callback(nursery.close)
        worker = Worker(nursery, town.environment, folder / "worker.log")
        await worker.start()
        stack.push_async_callback(worker.end)
        assert await worker.up(), worker.said()
        yield Outages(town, worker, postgres, valkey)


async def ask_for_updates(town: Town) -> None:
    """As another program would that has the token."""
    url = f"{town.environment['ENERGY_FLASH_TELEGRAM__API_URL']}/bot{TOKEN}/getUpdates"
    async with aiohttp.ClientSession() as session, session.get(url, params={"timeout": 0}):
        pass


async def test_the_program_tells_of_each_outage_and_of_its_end(server_folder: Path) -> None:
    async with at_work(server_folder) as at:
        await at.until_told(
            "Another program runs this bot", meanwhile=partial(ask_for_updates, at.town)
        )

        await at.valkey.stop()
        await at.until_told("🚨 Redis is away")
        await at.valkey.start()
        await at.until_told("✅ Over after ", "Redis is away")

        await at.postgres.stop()
        await at.until_logged("job watch the servers waits for the database")
        await at.postgres.start()
        await at.until_logged("job watch the servers works again")
        await at.until_told("The database was away for ", "✅ Over after ")
        assert await at.worker.stop() == 0
