"""kill -9 at any point, with any number of processes at work: nothing is lost, nothing done twice.

Real processes of the application (`energy-flash run`) on a real database, a local chain and a
local Telegram; customers who go on ordering and paying, rightly and wrongly. `KILLS=120 ./test
tests/acceptance/test_kills.py` kills more often than the ordinary run does.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter as Tally
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from services.fail_points import FAIL_POINTS, FailPoint
from services.held import Choice
from tests.support.nursery import Nursery
from tests.support.servers import ROOT, DatabasePlace
from tests.support.town import Deed, Gone, Town, open_town
from tests.support.workers import Counter, Worker

KILLS = int(os.environ.get("KILLS", "6"))
_ARMED_SECONDS = 40.0
_ARMED_AMONG_OTHERS_SECONDS = 12.0

AT_THE_START: tuple[FailPoint, ...] = (
    *("schema made", "prices published", "prepared", "jobs started", "open"),
)
AT_THE_END: tuple[FailPoint, ...] = ("closing", "jobs stopped")
# Reached while a customer is answered.
Answering = Callable[[Town, Callable[[Deed], Awaitable[dict[str, Any] | None]]], Awaitable[object]]
AT_THE_COUNTER: dict[FailPoint, Answering] = {
    "order placed, not committed": Town.order,
    "order placed": Town.order,
    "order cancelled": Town.cancel,
    "balance paid, not committed": Town.prepay,
    "order paid from balance": Town.prepay,
    "address proved": Town.prove,
    "choice not committed": Town.choose,
    "choice carried out": Town.choose,
    "pay-out taken": Town.pay_out,
    "extension placed, not committed": Town.extend,
    "extension placed": Town.extend,
    "rental ended early, not committed": Town.end_early,
    "rental ended early": Town.end_early,
    "act taken": Town.make_up,
    "act done, not committed": Town.make_up,
    "act done": Town.make_up,
    "orphans taken back, not committed": Town.orphan,
    "orphans taken back": Town.orphan,
    "refund requested, not committed": lambda town, doer: town.choose(doer, Choice.REFUND),
}
# Reached by the jobs: what has to happen for it.
AT_WORK: dict[FailPoint, Callable[[Town], Awaitable[object]]] = {
    "blocks handled, not committed": Town.rent,
    "blocks committed": Town.rent,
    "rewind not committed": Town.shallow_fork,
    "rewind committed": Town.shallow_fork,
    "payment recorded": Town.rent,
    "payment credited": Town.pay_too_much,
    "large payments credited": Town.rent_much,
    "orders expired, not committed": Town.let_expire,
    "orders expired": Town.let_expire,
    "nobody chose, credited": Town.nobody_chooses,
    "flash decided, not committed": Town.flash,
    "flash decided": Town.flash,
    "delegation not committed": Town.rent,
    "delegation stored": Town.rent,
    "dead delegation given up": Town.lost_broadcasts,
    "transactions claimed": Town.rent,
    "delegation accepted": Town.rent,
    "reclaim accepted": Town.rentals_end,
    "refund accepted": Town.pay_out,
    "broadcast recorded": Town.rent,
    "dead transaction buried": Town.lost_broadcasts,
    "order completed, not committed": Town.rent,
    "read back": Town.rent,
    "rentals expired": Town.rentals_end,
    "reclaim not committed": Town.rentals_end,
    "reclaim stored": Town.rentals_end,
    "reclaim finished, not committed": Town.rentals_end,
    "reclaim finished": Town.rentals_end,
    "refund not committed": Town.pay_out,
    "refund stored": Town.pay_out,
    "refund finished, not committed": Town.refund_arrives,
    "refund finished": Town.refund_arrives,
    "adrift decided, not committed": Town.deep_fork,
    "adrift decided": Town.deep_fork,
    "owner's doing not committed": Town.owner_takes,
    "owner's doing booked": Town.owner_takes,
    "fee booked": Town.rent_much,
    "notices claimed": Town.rent,
    "notice shown": Town.rent,
    "notice recorded": Town.rent,
    "extension carried out, not committed": Town.extend,
    "extension carried out": Town.extend,
    "end announced, not committed": Town.nears_its_end,
    "end announced": Town.nears_its_end,
}


class Siege:
    """Kills and starts the processes of a town's shop, and looks what became of it."""

    def __init__(self, town: Town, folder: Path, nursery: Nursery) -> None:
        self.town = town
        self._nursery = nursery
        self._folder = folder
        self._workers: list[Worker] = []
        self._started = 0
        self.kills: Tally[str] = Tally()
        self.starts = 0
        self.wrong: list[str] = []
        town.is_open = lambda: any(worker.alive for worker in self._workers)

    # ── processes ────────────────────────────────────────────────────────────────────────────

    async def start(self, armed: FailPoint | None = None) -> Worker:
        """Start a process of the application; it is perhaps not up yet."""
        self._started += 1
        log = self._folder / f"worker-{self._started}.log"
        worker = Worker(self._nursery, self.town.environment, log, armed)
        await worker.start()
        self.starts += 1
        self._workers = [each for each in self._workers if each.alive] + [worker]
        return worker

    async def open(self, count: int = 1) -> list[Worker]:
        """So many processes that nobody armed; they are up."""
        alive = [worker for worker in self._workers if worker.alive]
        alive += [await self.start() for _ in range(count - len(alive))]
        for worker in alive:
            assert await worker.up(), worker.said()[-3000:]
        return alive

    async def close(self) -> None:
        for worker in self._workers:
            await worker.end()

    # ── kills ────────────────────────────────────────────────────────────────────────────────

    async def kill_at(self, point: FailPoint, *, others: int = 0) -> None:
        """Let a process die at `point`, beside so many `others` that live; look what is wrong."""
        if point in AT_THE_COUNTER:
            await self._kill_at_the_counter(point)
        elif point in AT_THE_START:
            worker = await self.start(point)
            await asyncio.wait_for(worker.died(), 30)
            self.kills[point] += 1
        elif point in AT_THE_END:
            worker = await self.start(point)
            assert await worker.up()
            worker.process.terminate()
            await asyncio.wait_for(worker.died(), 15)
            self.kills[point] += 1
        else:
            await self._kill_at_work(point, others)
        self.look(await self.town.wrong_now(), f"killed at {point}")

    async def _kill_at_the_counter(self, point: FailPoint) -> None:
        await self.open()
        log = self._folder / "counter.log"
        counter = Counter(self._nursery, self.town.environment, log, point)
        await counter.start()
        try:
            assert await counter.up(), counter.said()
            async with asyncio.timeout(_ARMED_SECONDS):
                while counter.alive:
                    await AT_THE_COUNTER[point](self.town, counter.do)
                    if counter.silent:
                        break
            await counter.died()
        finally:
            await counter.end()
        self.kills[point] += 1

    async def _kill_at_work(self, point: FailPoint, others: int) -> None:
        if others:
            await self.open(others)
        worker = await self.start(point)
        dying = asyncio.create_task(worker.died())
        happening = asyncio.create_task(self._happen(AT_WORK[point], worker))
        patience = _ARMED_AMONG_OTHERS_SECONDS if others else _ARMED_SECONDS
        try:
            done, _ = await asyncio.wait(
                {dying, happening}, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            if dying in done:
                await dying
                self.kills[point] += 1
            elif happening in done:
                await happening
            elif others:
                # The others were always quicker: it dies all the same.
                dying.cancel()
                await worker.kill()
                self.kills["any moment"] += 1
            else:
                raise AssertionError(f"never came to {point}:\n{worker.said()[-3000:]}")
        finally:
            for task in (dying, happening):
                task.cancel()
            await asyncio.gather(dying, happening, return_exceptions=True)

    async def _happen(self, what: Callable[[Town], Awaitable[object]], worker: Worker) -> None:
        try:
            while worker.alive:
                await what(self.town)
                await self.town.nudge()
                await self.town.blocks()
        except Gone:
            pass
        await worker.process.wait()

    async def kill_at_any_moment(self, workers: int) -> None:
        """Of so many processes that are at work, kill one, without asking where it is."""
        alive = await self.open(workers)
        happening = asyncio.create_task(self._something())
        await asyncio.sleep(self.town.random.uniform(0.05, 1.2))
        await self.town.random.choice(alive).kill()
        self.kills["any moment"] += 1
        happening.cancel()
        await asyncio.gather(happening, return_exceptions=True)
        self.look(await self.town.wrong_now(), "killed at any moment")

    async def _something(self) -> None:
        while True:
            await self.town.something()

    # ── looking ──────────────────────────────────────────────────────────────────────────────

    async def settle(self, *, over: bool = False) -> None:
        """Let the living finish what the dead had begun."""
        await self.open()
        self.look(await (self.town.over() if over else self.town.rest()), "at rest")

    def look(self, wrong: Sequence[str], when: str) -> None:
        found = [f"{when}, after {sum(self.kills.values())} kills: {what}" for what in wrong]
        print(*found, sep="\n", end="\n" if found else "", flush=True)  # noqa: T201
        self.wrong += found

    def said_wrongly(self) -> list[str]:
        """What processes logged that they should never have to, to its exception's last line."""
        found = []
        for log in sorted(self._folder.glob("*.log")):
            said = log.read_text(encoding="utf-8", errors="replace")
            for part in said.split("Traceback (most recent call last):\n")[1:]:
                lines = part.splitlines()
                last = next((line for line in lines if not line.startswith((" ", "\t"))), "")
                if "JSONDecodeError" in last or "ClientDecodeError" in last:
                    continue  # what the local Telegram said is no fault of the program
                places = [line.strip() for line in lines if 'File "' in line and str(ROOT) in line]
                found.append(f"{log.name}: {last} at {places[-3:]}")
        return found

    def figures(self) -> str:
        figures = {
            "kills": sum(self.kills.values()),
            "starts": self.starts,
            **self.town.figures,
            "violations": len(self.wrong),
            "by point": dict(self.kills),
        }
        return ", ".join(f"{name} {value}" for name, value in figures.items())


def _seed() -> int:
    """Another one each time, but for a check of a change, which has to say the same twice."""
    return 771 if os.environ.get("CI") == "true" else Random().randrange(1, 10**6)


@asynccontextmanager
async def besieged(
    place: DatabasePlace, folder: Path, redis_url: str, nursery: Nursery
) -> AsyncIterator[Siege]:
    seed = int(os.environ.get("KILLS_SEED", "0")) or _seed()
    async with (
        place.database() as dsn,
        open_town(folder, dsn, redis_url, random=Random(seed)) as town,
    ):
        siege = Siege(town, folder, nursery)
        try:
            yield siege
        finally:
            await siege.close()
            siege.wrong += siege.said_wrongly()
    assert not siege.wrong, f"KILLS_SEED={seed}\n" + "\n".join(siege.wrong)


def test_every_fail_point_is_come_to() -> None:
    covered = {*AT_THE_START, *AT_THE_END, *AT_THE_COUNTER, *AT_WORK}
    assert covered == set(FAIL_POINTS)


_WORK = list(AT_WORK)


@pytest.mark.timeout(150)
@pytest.mark.parametrize(
    "points",
    [
        pytest.param((*AT_THE_START, *AT_THE_COUNTER, *AT_THE_END), id="start, counter and end"),
        pytest.param(tuple(_WORK[:13]), id="payments"),
        pytest.param(tuple(_WORK[13:28]), id="rentals"),
        pytest.param(tuple(_WORK[28:-4]), id="refunds, books and news"),
        pytest.param(tuple(_WORK[-4:]), id="more and less time"),
    ],
)
async def test_killed_at_every_fail_point(
    database_place: DatabasePlace,
    server_folder: Path,
    redis_url: str,
    nursery: Nursery,
    points: tuple[FailPoint, ...],
    record_property: Callable[[str, object], None],
) -> None:
    async with besieged(database_place, server_folder, redis_url, nursery) as siege:
        for number, point in enumerate(points, 1):
            await siege.kill_at(point)
            if number % 5 == 0:
                await siege.settle()
                await siege.close()
        await siege.settle(over=True)
        await siege.town.count()
        record_property("figures", siege.figures())
        assert set(siege.kills) == set(points)


@pytest.mark.timeout(90 + 20 * KILLS)
async def test_killed_again_and_again(
    database_place: DatabasePlace,
    server_folder: Path,
    redis_url: str,
    nursery: Nursery,
    record_property: Callable[[str, object], None],
) -> None:
    """At a fail point, then at any moment, in turn; alone, or beside one or two that live on."""
    async with besieged(database_place, server_folder, redis_url, nursery) as siege:
        random = siege.town.random
        points: list[FailPoint] = []
        while sum(siege.kills.values()) < KILLS:
            if not points:
                points = random.sample(FAIL_POINTS, len(FAIL_POINTS))
            others = random.choice([0, 1, 2])
            if not others:
                await siege.close()
            await siege.kill_at(points.pop(), others=others)
            await siege.settle()
            await siege.kill_at_any_moment(random.choice([1, 2, 3]))
            await siege.settle()
            print(siege.figures(), flush=True)  # noqa: T201 - for who follows a long run
        await siege.settle(over=True)
        await siege.town.count()
        record_property("figures", siege.figures())
