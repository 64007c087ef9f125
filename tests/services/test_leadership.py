"""One of several leads; whoever dies, is cut off or stands still leads no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from composition import build_services
from db.database import Database, DatabaseUnavailable, Deposed
from db.seats import Seat, Term
from services.jobs import Job, Jobs, Post, Posts
from services.leadership import Leadership
from services.pools import PoolState
from tests.support.shop import address, open_shop

SEAT = Seat(1, "a chain")
QUICK = 0.02


class Leader:
    """A process, as far as it matters here: its connections, its wish to lead, what it did."""

    def __init__(self, database: Database, **how: bool) -> None:
        self.database = database
        self.terms: list[int] = []
        self.leads = asyncio.Event()
        self.left = asyncio.Event()
        self.holds_on = False
        self.leadership = Leadership(
            database,
            self._seat,
            self._work,
            what="test",
            counted=True,
            holds_on=lambda: self.holds_on,
            look_seconds=QUICK,
        )

    async def _seat(self) -> Seat:
        return SEAT

    async def _work(self, term: Term | None) -> None:
        assert term is not None
        self.terms.append(term.number)
        self.left.clear()
        self.leads.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.leads.clear()
            self.left.set()


@asynccontextmanager
async def leader(dsn: str) -> AsyncIterator[Leader]:
    async with Database(dsn, connections=2) as database:
        found = Leader(database)
        standing = asyncio.create_task(found.leadership.stand())
        try:
            yield found
        finally:
            standing.cancel()
            await asyncio.gather(standing, return_exceptions=True)


async def soon(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), 5)


async def end_session_of(database: Database, leader: Leader) -> None:
    """As an administrator would, or a network that breaks: only the session with the seat."""
    async with database.transaction() as tx:
        await tx.connection.execute(
            "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.classid = 1 AND a.application_name = $1",
            leader.database.process,
        )


async def test_of_two_one_leads_and_the_other_follows_it(database: str) -> None:
    async with leader(database) as first:
        await soon(first.leads)
        async with leader(database) as second:
            await asyncio.sleep(10 * QUICK)
            assert not second.leads.is_set()
            await end_session_of(second.database, first)
            await soon(first.left)
            for each in (first, second):
                await asyncio.sleep(5 * QUICK)
                if each.leads.is_set():
                    break
            assert first.leads.is_set() != second.leads.is_set()
            assert sorted(first.terms + second.terms) == [1, 2]


async def test_two_chains_have_two_seats() -> None:
    assert len({Seat(1, str(number)).number for number in range(1000)}) == 1000
    assert all(-(2**31) <= Seat(1, str(number)).number < 2**31 for number in range(1000))


async def test_who_leads_no_more_changes_nothing_more(database: str) -> None:
    async with Database(database, connections=2) as mine, Database(database) as other:
        async with mine.stand_for(SEAT) as candidate:
            assert await candidate.take()
            term = await candidate.begin_term()
        refused: asyncio.Queue[type[Exception] | None] = asyncio.Queue()

        async def work() -> int:
            try:
                async with mine.transaction() as tx:
                    await tx.values.put("mine", True)
            except Deposed as error:
                refused.put_nowait(type(error))
                raise
            refused.put_nowait(None)
            return 1

        posts = Posts([Job("work", work, 3600, frozenset({"go"}), post=Post.SCANNER)])
        jobs = posts.take(Post.SCANNER, term)
        assert await asyncio.wait_for(refused.get(), 5) is None
        async with other.stand_for(SEAT) as candidate:
            assert await candidate.take()
            assert (await candidate.begin_term()).number == term.number + 1
            async with other.transaction() as tx:
                await tx.values.remove("mine")
            posts.wake("go")
            assert await asyncio.wait_for(refused.get(), 5) is Deposed
        await posts.leave(jobs, 1)
        async with other.transaction() as tx:
            assert await tx.values.get("mine") is None


async def test_a_term_begins_when_the_last_transaction_of_the_one_before_has_ended(
    database: str,
) -> None:
    async with Database(database) as mine, Database(database) as other:
        async with mine.stand_for(SEAT) as candidate:
            assert await candidate.take()
            term = await candidate.begin_term()
        inside, go_on = asyncio.Event(), asyncio.Event()

        async def work() -> int:
            async with mine.transaction() as tx:
                await tx.values.put("mine", True)
                inside.set()
                await go_on.wait()
            return 1

        jobs = Jobs([Job("work", work, 3600)], term=term)
        jobs.start()
        await soon(inside)
        async with other.stand_for(SEAT) as candidate:
            assert await candidate.take()
            beginning = asyncio.create_task(candidate.begin_term())
            await asyncio.sleep(0.2)
            assert not beginning.done()
            go_on.set()
            assert (await asyncio.wait_for(beginning, 1)).number == term.number + 1
            async with other.transaction() as tx:
                assert await tx.values.get("mine") is True
        await jobs.stop(1)


async def test_a_transaction_that_hangs_keeps_no_term_from_beginning(database: str) -> None:
    async with Database(database) as stopped, Database(database) as other:
        async with stopped.stand_for(SEAT) as candidate:
            assert await candidate.take()
            term = await candidate.begin_term()
        inside = asyncio.Event()

        async def hang() -> int:
            async with stopped.transaction() as tx:
                await tx.values.put("mine", True)
                inside.set()
                await asyncio.Event().wait()
            return 1

        jobs = Jobs([Job("hang", hang, 3600)], term=term)
        jobs.start()
        await soon(inside)
        async with other.stand_for(SEAT) as candidate:
            assert await candidate.take()
            assert (await asyncio.wait_for(candidate.begin_term(), 5)).number == term.number + 1
            async with other.transaction() as tx:
                assert await tx.values.get("mine") is None
        await jobs.stop(0)


async def test_a_holder_that_is_silent_is_followed(database: str) -> None:
    """It keeps its session, and says nothing over it: a process that was stopped."""
    async with Database(database) as stopped, stopped.stand_for(SEAT) as candidate:
        assert await candidate.take()
        await candidate.begin_term()
        async with leader(database) as second:
            await soon(second.leads)
            assert second.terms == [2]
            await asyncio.wait_for(candidate.lost(), 1)


async def test_what_holds_on_goes_on_until_another_leads(database: str) -> None:
    async with leader(database) as first:
        first.holds_on = True
        await soon(first.leads)
        async with leader(database) as second:
            second.leadership._look_seconds = 3600
            await asyncio.sleep(0.1)
            await end_session_of(second.database, first)
            await asyncio.sleep(20 * QUICK)
            assert first.leads.is_set()
            assert not first.left.is_set()
    assert first.terms == [1]


async def test_who_stands_still_in_a_transaction_is_not_waited_for(database: str) -> None:
    async with Database(database) as stopped, Database(database) as other:
        async with stopped.transaction() as tx:
            asked = await tx.connection.fetchval("SHOW idle_in_transaction_session_timeout")
            assert asked == "10s"

        async def stand_still() -> None:
            async with stopped.transaction() as tx:
                await tx.connection.execute(
                    "SET LOCAL idle_in_transaction_session_timeout = '300ms'"
                )
                await tx.values.put("mine", True)
                async with asyncio.timeout(3), other.transaction() as others:
                    await others.values.put("mine", False)
                await tx.values.put("mine", True)

        with pytest.raises(DatabaseUnavailable):
            await stand_still()
        async with other.transaction() as tx:
            assert await tx.values.get("mine") is False


async def test_what_a_living_process_had_leased_and_does_no_more_is_free(database: str) -> None:
    """Who was the bot, and is it no more, held the next notice of a chat back for its lease."""
    lease = timedelta(seconds=90)
    async with Database(database) as before, Database(database) as after:
        async with before.transaction() as tx:
            await tx.outbox.add("key", chat_id=7, kind="test")
        presence = await before.presence()
        async with before.transaction() as tx:
            assert len(await tx.outbox.claim(5, lease, presence, groups=False)) == 1
        presence = await after.presence()
        async with after.transaction() as tx:
            assert await tx.outbox.end_leases_of_the_dead(presence) == 0
        before.leave_presence()
        assert await before.presence() != presence, "it lives on, under another number"
        async with after.transaction() as tx:
            assert await tx.outbox.end_leases_of_the_dead(presence) == 1
            assert len(await tx.outbox.claim(5, lease, presence, groups=False)) == 1


async def test_a_pool_that_is_changed_elsewhere_is_known_in_every_process(database: str) -> None:
    async with open_shop(database) as shop:
        theirs = build_services(shop.settings, shop.database, shop.node)
        assert await theirs.inventory.refresh() == 1
        assert await theirs.inventory.refresh() == 0
        async with shop.database.transaction() as tx:
            await shop.services.pools.change(tx, address("pool"), {"state": PoolState.DRAINING})
        assert await theirs.inventory.refresh() == 1
        pool = theirs.pools.get(address("pool"))
        assert pool is not None
        assert not pool.sells


async def test_work_that_fails_is_told_of(database: str) -> None:
    async with Database(database) as mine:

        async def seat() -> Seat:
            return SEAT

        async def fail(_: Term | None) -> None:
            raise RuntimeError("broken")

        with pytest.raises(RuntimeError, match="broken"):
            await asyncio.wait_for(Leadership(mine, seat, fail, what="test").stand(), 5)
