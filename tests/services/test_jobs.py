"""The table of jobs: woken, never overlapping, never lost, drained at the end."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from chain.errors import Unavailable
from db.database import DatabaseUnavailable
from services.jobs import Job, Jobs

NEVER = 3600.0


class Work:
    """A job that can be held back, and counts."""

    def __init__(self) -> None:
        self.started = 0
        self.ended = 0
        self.at_once = 0
        self.most_at_once = 0
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.turned = asyncio.Condition()
        self.fails_with: list[Exception] = []

    async def __call__(self) -> int:
        self.started += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.may_end.wait()
            if self.fails_with:
                raise self.fails_with.pop(0)
        finally:
            self.at_once -= 1
            self.ended += 1
            async with self.turned:
                self.turned.notify_all()
        return 0

    async def has_ended(self, times: int) -> None:
        async with asyncio.timeout(5), self.turned:
            await self.turned.wait_for(lambda: self.ended >= times)


async def test_a_job_runs_at_the_start_and_when_its_topic_wakes_it() -> None:
    work, other = Work(), Work()
    jobs = Jobs([Job("a", work, NEVER, frozenset({"block"})), Job("b", other, NEVER)])
    jobs.start()
    await work.has_ended(1)
    await other.has_ended(1)
    jobs.wake("block")
    await work.has_ended(2)
    assert other.started == 1
    jobs.wake("")
    await work.has_ended(3)
    await other.has_ended(2)
    await jobs.stop(1)


async def test_waking_a_running_job_runs_it_once_more_and_never_twice_at_once() -> None:
    work = Work()
    jobs = Jobs([Job("a", work, NEVER, frozenset({"block"}))])
    work.may_end.clear()
    jobs.start()
    await asyncio.sleep(0)
    for _ in range(5):
        jobs.wake("block")
    work.may_end.set()
    await work.has_ended(2)
    await jobs.stop(1)
    assert work.started == 2
    assert work.most_at_once == 1


@pytest.mark.parametrize(
    "trouble", [Unavailable("no node"), DatabaseUnavailable("gone"), RuntimeError("a bug")]
)
async def test_a_job_that_failed_runs_again(
    trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work()
    work.fails_with = [trouble, trouble]
    jobs = Jobs([Job("a", work, NEVER, frozenset({"block"}))])
    with caplog.at_level(logging.INFO):
        jobs.start()
        for times in (1, 2, 3):
            await work.has_ended(times)
            jobs.wake("block")
        await work.has_ended(4)
        await jobs.stop(1)
    loud = [record for record in caplog.records if record.levelno >= logging.WARNING]
    # An outage is told once; a bug every time, with its traceback.
    assert len(loud) == (2 if isinstance(trouble, RuntimeError) else 1)
    assert all(record.exc_info is not None for record in loud) == isinstance(trouble, RuntimeError)


async def test_a_job_that_hangs_is_ended_by_its_deadline() -> None:
    work = Work()
    work.may_end.clear()
    jobs = Jobs([Job("a", work, NEVER, frozenset({"block"}), deadline_seconds=0.05)])
    jobs.start()
    await work.has_ended(1)
    work.may_end.set()
    jobs.wake("block")
    await work.has_ended(2)
    await jobs.stop(1)


async def test_stopping_lets_a_job_end_and_starts_no_other() -> None:
    work = Work()
    work.may_end.clear()
    jobs = Jobs([Job("a", work, NEVER, frozenset({"block"}))])
    jobs.start()
    await asyncio.sleep(0)
    stopping = asyncio.create_task(jobs.stop(5))
    await asyncio.sleep(0)
    jobs.wake("block")
    work.may_end.set()
    await stopping
    assert (work.started, work.ended) == (1, 1)


async def test_stopping_does_not_wait_for_ever() -> None:
    work = Work()
    work.may_end.clear()
    jobs = Jobs([Job("a", work, NEVER)])
    jobs.start()
    await asyncio.sleep(0)
    await jobs.stop(0.05)
    assert (work.started, work.ended) == (1, 1)


async def test_stopping_at_the_moment_of_an_interval_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The scheduler cancels what it has just begun, and calls that a job that failed."""
    work = Work()
    jobs = Jobs([Job("a", work, 0.001)])
    jobs.start()
    await work.has_ended(1)
    time.sleep(0.01)  # noqa: ASYNC251 - the interval passes while nothing can run
    with caplog.at_level(logging.INFO):
        stopping = asyncio.create_task(jobs.stop(1))
        asyncio.get_running_loop().call_soon(jobs._scheduler._process_jobs)
        await stopping
        await asyncio.sleep(0.01)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
