"""Several processes with roles of their own, on shared servers: whoever dies is followed at once.

Two scanners, three workers and a bot. Scanners are killed, cut off and stopped in the middle of
payments, workers too; nothing is lost, nothing is done twice.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter as Tally
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sandbox.telegram import MessageChange
from tests.support.invariants import rows_of
from tests.support.nursery import Nursery
from tests.support.servers import DatabasePlace
from tests.support.town import CUSTOMERS, POOLS, Town, open_town
from tests.support.workers import Worker

_LOOK_SECONDS = 0.01
_PAYMENTS = 6
_ENDED = ("AdminShutdownError", "InternalClientError", "ConnectionDoesNotExistError")


class Firm:
    """The processes of a town's shop."""

    def __init__(
        self, town: Town, folder: Path, nursery: Nursery, environment: Mapping[str, str]
    ) -> None:
        self.town = town
        self._folder = folder
        self._nursery = nursery
        # Of what the tests' server has there is enough for a dozen processes.
        fewer = {"ENERGY_FLASH_DATABASE__CONNECTIONS": "2"}
        self._environment = {**town.environment, **fewer, **environment}
        self.processes: dict[Worker, str] = {}
        town.is_open = lambda: any(each.alive for each in self.processes)

    async def start(self, *roles: str) -> list[Worker]:
        """Start a process for each of the roles; they are at work, and the chain is followed."""
        begun = []
        for role in roles:
            log = self._folder / f"{role}-{len(self.processes)}.log"
            worker = Worker(self._nursery, self._environment, log)
            worker.command = (*("cli", "run", "--role", role), "--alive-file", f"{log}.alive")
            await worker.start()
            self.processes[worker] = role
            begun.append(worker)
        for worker in begun:
            assert await worker.up(), worker.said()[-3000:]
        if "scanner" in self.processes.values():
            async with asyncio.timeout(10):
                while not await self.town.read_up_to():  # noqa: ASYNC110 - of other processes
                    await asyncio.sleep(_LOOK_SECONDS)
        return begun

    def alive(self, role: str) -> list[Worker]:
        return [each for each, its in self.processes.items() if its == role and each.alive]

    def shown_alive(self) -> int:
        """How many processes have said so by a file."""
        return len(list(self._folder.glob("*.alive")))

    async def close(self) -> None:
        for worker in self.processes:
            await worker.end()

    # ── who leads ────────────────────────────────────────────────────────────────────────────

    async def term(self) -> int:
        rows = await rows_of(self.town.database, "SELECT term FROM seat_terms")
        return int(rows[0]["term"]) if rows else 0

    async def leader(self) -> Worker:
        """The scanner that leads, by its own words."""
        term = await self.term()
        async with asyncio.timeout(10):
            while True:
                for worker in self.processes:
                    if f'scanner: leading, term {term}"' in worker.said():
                        return worker
                await asyncio.sleep(_LOOK_SECONDS)

    async def followed(self, term: int, began: float) -> float:
        """Seconds since `began` until another term has begun."""
        async with asyncio.timeout(20):
            while await self.term() == term:  # noqa: ASYNC110 - of other processes
                await asyncio.sleep(_LOOK_SECONDS)
        return asyncio.get_running_loop().time() - began

    async def end_sessions_of_leader(self, *, only_of_seats: bool) -> None:
        """As an administrator might, or a network that breaks."""
        seats = "AND EXISTS (SELECT 1 FROM pg_locks l WHERE l.pid = a.pid AND l.objsubid = 2)"
        async with self.town.database.transaction() as tx:
            await tx.connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity a WHERE application_name ="
                f" (SELECT process FROM seat_terms) {seats if only_of_seats else ''}"
            )

    # ── what happens meanwhile ───────────────────────────────────────────────────────────────

    async def payments(self) -> None:
        """Customers order, and pay in the next blocks, which nobody waits for."""
        orders = [await self._order(user) for user in list(CUSTOMERS)[:_PAYMENTS]]
        for order in orders:
            self.town.send(order["wallet"], order["sun"])
            self.town.chain.produce_block()

    async def _order(self, user: int) -> dict[str, Any]:
        """An order; one who has as many open as they may waits for those to be paid."""
        async with asyncio.timeout(30):
            while (order := await self.town.order(user=user)) is None:
                self.town.chain.produce_block()
                await asyncio.sleep(0.2)
        return order

    async def wrong_now(self) -> list[str]:
        """What is wrong with whatever has been done so far, and a few blocks later."""
        await self.town.blocks(3)
        return await self.town.wrong_now()

    def said_wrongly(self) -> list[str]:
        """Exceptions that processes have logged, which they should never have to.

        But those of a session that was ended under them.
        """
        return [
            f"{role}: {line[-1500:]}"
            for worker, role in self.processes.items()
            for line in worker.said().splitlines()
            if '"exception"' in line or line.startswith("Traceback")
            if not any(name in line for name in _ENDED)
        ]


@asynccontextmanager
async def firm(
    place: DatabasePlace, folder: Path, redis_url: str, **environment: str
) -> AsyncIterator[Firm]:
    async with (
        place.database() as dsn,
        open_town(folder, dsn, redis_url, random=Random(771)) as town,
    ):
        nursery = await Nursery.open()
        found = Firm(town, folder, nursery, environment)
        try:
            yield found
        except BaseException:
            for worker, role in found.processes.items():
                print(f"── {role}\n{worker.said()[-3000:]}")  # noqa: T201 - who looks at a failure
            raise
        finally:
            await found.close()
            await nursery.close()


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.timeout(120)
async def test_whoever_leads_is_followed_and_nothing_is_lost(
    database_place: DatabasePlace,
    server_folder: Path,
    redis_url: str,
    record_property: Callable[[str, object], None],
) -> None:
    seconds: dict[str, float] = {}
    async with firm(database_place, server_folder, redis_url) as shop:
        await shop.start("scanner", "scanner", "worker", "worker", "worker", "bot")
        [standby] = await shop.start("bot")
        await until(lambda: "bot: standing by" in standby.said())
        assert shop.shown_alive() == len(shop.processes)

        # Killed: the scanner that leads, a worker, and the bot, which is being talked to.
        await shop.payments()
        user = next(iter(CUSTOMERS))
        shop.town.telegram.send_text(user, "/start")
        scanner, term, began = await shop.leader(), await shop.term(), now()
        for each in (scanner, shop.alive("worker")[0], shop.alive("bot")[0]):
            each.process.kill()
        seconds["scanner killed"] = await shop.followed(term, began)
        await answered(shop.town, user)
        seconds["bot killed"] = now() - began
        assert await shop.leader() is not scanner
        assert await shop.wrong_now() == []

        # Cut off: it lives, and another begins only when it has stopped.
        await shop.start("scanner", "worker", "bot")
        await shop.payments()
        scanner, term, began = await shop.leader(), await shop.term(), now()
        await shop.end_sessions_of_leader(only_of_seats=True)
        seconds["session ended"] = await shop.followed(term, began)
        assert "scanner: the seat is lost" in scanner.said()
        assert await shop.wrong_now() == []
        # All of its connections at once, in the middle of its work.
        await shop.payments()
        term, began = await shop.term(), now()
        await shop.end_sessions_of_leader(only_of_seats=False)
        seconds["all sessions ended"] = await shop.followed(term, began)
        assert await shop.wrong_now() == []

        # Stopped: they keep their connections, and are silent. When they wake others lead.
        await shop.payments()
        scanner, term, began = await shop.leader(), await shop.term(), now()
        stopped = (scanner, shop.alive("worker")[0], shop.alive("bot")[0])
        for each in stopped:
            os.kill(each.process.pid, signal.SIGSTOP)
        answering = asyncio.create_task(answered(shop.town, user))
        seconds["scanner stopped"] = await shop.followed(term, began)
        await answering
        seconds["bot stopped"] = now() - began
        await shop.payments()
        for each in stopped:
            os.kill(each.process.pid, signal.SIGCONT)
        await shop.payments()
        assert await shop.leader() is not scanner
        assert await shop.wrong_now() == []
        assert await shop.term() == term + 1

        # It stands by again, and follows in its turn.
        term, began = await shop.term(), now()
        await (await shop.leader()).kill()
        seconds["killed again"] = await shop.followed(term, began)
        assert await shop.leader() is scanner
        assert await shop.town.over() == []
        assert shop.said_wrongly() == []
        await shop.town.count()
        figures = {name: f"{value:.2f} s" for name, value in seconds.items()}
        record_property("figures", f"{figures}, {dict(shop.town.figures)}")
    for what, value in seconds.items():
        assert value < (12 if "stopped" in what else 4), what


async def test_workers_together_keep_to_what_a_pool_may_do_in_an_hour(
    database_place: DatabasePlace, server_folder: Path, redis_url: str
) -> None:
    async with firm(
        database_place, server_folder, redis_url, ENERGY_FLASH_LIMITS__POOL_HOUR="3"
    ) as shop:
        await shop.start("scanner", "worker", "worker", "worker")
        orders = [await shop.town.order(user=user) for user in CUSTOMERS]
        assert len(orders) > 3 * len(POOLS)
        for order in orders:
            assert order is not None
            shop.town.send(order["wallet"], order["sun"])
        # All of them are paid in one block, which wakes every worker.
        for _ in range(5):
            await shop.town.blocks()
            await shop.town.nudge()
            await asyncio.sleep(0.2)
        rows = await rows_of(
            shop.town.database,
            "SELECT owner, timestamp_ms FROM chain_transactions WHERE kind = 'delegate'",
        )
        assert sorted(Tally(row["owner"] for row in rows).values()) == [3] * len(POOLS)
        assert len({(row["owner"], row["timestamp_ms"]) for row in rows}) == 3 * len(POOLS)
        assert await shop.town.wrong_now() == []


async def until(true: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(_LOOK_SECONDS)


async def answered(town: Town, user: int) -> None:
    """Somebody says hello, and is answered."""
    before = _messages(town, user)
    town.telegram.send_text(user, "/start")
    await until(lambda: _messages(town, user) > before)


def _messages(town: Town, user: int) -> int:
    return sum(
        isinstance(change, MessageChange) and change.from_bot
        for change in town.telegram.changes(user)
    )
