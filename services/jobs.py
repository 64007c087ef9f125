"""What the program does by itself: a table of name, method, interval, wake-up and post.

Each job does all work of its kind that is due now, may be killed at any await, and may run
in several processes at once. PostgreSQL's NOTIFY wakes it, so that a paid order is
delivered at once; the interval is only the net below. Its post says which processes do it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextvars import copy_context
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Literal

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from chain.errors import ChainError
from db.database import Conflict, DatabaseUnavailable, Deposed
from db.seats import Term, term_at_work
from services.chain_time import ChainUnread
from services.log_context import about

log = logging.getLogger(__name__)


class ProcessRole(StrEnum):
    """What a process is for; one may have several roles."""

    SCANNER = "scanner"
    WORKER = "worker"
    BOT = "bot"
    API = "api"


EVERY_ROLE = frozenset(ProcessRole)


class Post(StrEnum):
    """Where a job is done."""

    PROCESS = "process"
    """In every process: what keeps its memory up to date."""
    WORKER = "worker"
    """In every worker; they share the work by the rows that they lock."""
    SCANNER = "scanner"
    """In the one scanner that leads, whose transactions are refused once another does."""
    BOT = "bot"
    """In the one bot that leads."""
    API = "api"
    """In every process that serves programs; they share the work like workers."""
    HOST = "host"
    """In one process of each machine."""


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work: `work` returns how much it found to do."""

    name: str
    work: Callable[[], Awaitable[int]]
    every_seconds: float
    woken_by: frozenset[str] = frozenset()
    deadline_seconds: float = 60.0
    post: Post = Post.PROCESS


JobOutcome = Literal["done", "conflict", "late", "outage", "failed"]


@dataclass(frozen=True, slots=True)
class JobRun:
    """What came of one run of a job: `outage`: a server was missing; `late`: cut off."""

    job: str
    outcome: JobOutcome
    seconds: float
    found: int = 0


@dataclass(slots=True)
class _Run:
    """Keeps one job from overlapping with itself, without losing a wake-up."""

    job: Job
    observe: Callable[[JobRun], None] | None = None
    running: bool = False
    again: bool = False
    failing: bool = field(default=False)

    async def once(self) -> None:
        if self.running:
            self.again = True
            return
        self.running = True
        try:
            self.again = True
            while self.again:
                self.again = False
                await self._work()
        finally:
            self.running = False

    async def _work(self) -> None:
        began = monotonic()
        with about(job=self.job.name):
            outcome, found = await self._work_once()
        if self.observe is not None:
            self.observe(JobRun(self.job.name, outcome, monotonic() - began, found))

    async def _work_once(self) -> tuple[JobOutcome, int]:
        name = self.job.name
        try:
            async with asyncio.timeout(self.job.deadline_seconds):
                found = await self.job.work()
        except ChainUnread:
            return "done", 0  # before the first block there is nothing to do
        except Conflict as conflict:
            log.debug("job %s was in another's way: %s", name, conflict)
            self.again = True
            return "conflict", 0
        except TimeoutError:
            log.exception("job %s took more than %s s", name, self.job.deadline_seconds)
            return "late", 0
        except Deposed as error:
            log.warning("job %s: %s", name, error)
            return "conflict", 0
        except (ChainError, DatabaseUnavailable) as error:
            # The next run tries again; one line for each outage is enough.
            missing = "a TRON node" if isinstance(error, ChainError) else "the database"
            log.log(
                logging.DEBUG if self.failing else logging.WARNING,
                "job %s waits for %s: %s",
                name,
                missing,
                error,
            )
            self.failing = True
            return "outage", 0
        except Exception:
            log.exception("job %s failed; it is tried again", name)
            return "failed", 0
        if self.failing:
            log.info("job %s works again", name)
        self.failing = False
        return "done", found


class Jobs:
    """Runs a table of jobs under APScheduler; an async context manager is not needed:
    `start` inside the running loop, `wake` from notifications, `stop` drains. `observe` is told
    of every run that came to an end.

    Made for a `term` of a seat, their transactions are refused once it is over.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        observe: Callable[[JobRun], None] | None = None,
        *,
        term: Term | None = None,
    ) -> None:
        self._runs = [_Run(job, observe) for job in jobs]
        self._context = copy_context()
        self._context.run(term_at_work.set, term)
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            # A job that is late must not be skipped (the default grace is one second).
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Run every job once now, then at its interval and when woken."""
        for run in self._runs:
            self._scheduler.add_job(
                self._start_run,
                "interval",
                args=[run],
                seconds=run.job.every_seconds,
                id=run.job.name,
                replace_existing=True,
            )
            self._spawn(run)
        self._scheduler.start()

    def wake(self, topic: str) -> None:
        """Run the jobs that `topic` wakes; an empty topic wakes all."""
        for run in self._runs:
            if not topic or topic in run.job.woken_by:
                self._spawn(run)

    async def stop(self, timeout: float) -> None:
        """Start nothing more; let what runs end within `timeout` seconds, then cancel it.

        A cancelled job loses nothing: all it had not committed is found again.
        """
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.pause()
            # What it began in this very moment would be cancelled, and logged as a failure.
            await asyncio.sleep(0)
            self._scheduler.shutdown(wait=False)
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _start_run(self, run: _Run) -> None:
        # The scheduler would cancel a running coroutine when it stops; the work itself
        # therefore lives in a task of ours.
        self._spawn(run)

    def _spawn(self, run: _Run) -> None:
        if self._stopping:
            return
        # Of its own: what one run leaves there is nothing to the next.
        task = asyncio.get_running_loop().create_task(
            run.once(), name=f"job {run.job.name}", context=self._context.copy()
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Posts:
    """The jobs of one process, by where they are done; at which posts it is may change."""

    def __init__(
        self, jobs: Iterable[Job], observe: Callable[[JobRun], None] | None = None
    ) -> None:
        self._table = tuple(jobs)
        self._observe = observe
        self._at_work: list[Jobs] = []

    def wake(self, topic: str) -> None:
        """As `Jobs.wake`, at all posts that are taken."""
        for jobs in self._at_work:
            jobs.wake(topic)

    def take(self, post: Post, term: Term | None = None) -> Jobs:
        """Begin with the jobs of a post."""
        jobs = Jobs((job for job in self._table if job.post is post), self._observe, term=term)
        jobs.start()
        self._at_work.append(jobs)
        return jobs

    async def leave(self, jobs: Jobs, timeout: float) -> None:
        """End them, as `Jobs.stop`."""
        self._at_work.remove(jobs)
        await jobs.stop(timeout)
