"""Seats: what only one process may do at a time, and who does it.

A seat is an advisory lock of a session: PostgreSQL gives it to one process, and lets go of it when
that process dies. Where more is at stake a term is counted as well (the table `seat_terms`): it
goes up with each new holder, and a transaction of an earlier one is refused.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zlib import crc32

import asyncpg

from db.outage import GONE, Deposed, translated

if TYPE_CHECKING:
    from db.connection import Connection

# How often a holder makes sure that it still is one, and how long the answer may take.
BEAT_SECONDS = 1.0
BEAT_TIMEOUT_SECONDS = 2.0
_ANSWER_SECONDS = 10.0
# As long as a transaction of the holder before may take to end by itself.
_LAST_TRANSACTIONS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Seat:
    """What is held: the `kind` is a number of ours, `of` says of what (a chain, a bot, a host)."""

    kind: int
    of: str

    @property
    def number(self) -> int:
        """`of` as the second key of an advisory lock: 32 bits with a sign."""
        unsigned = crc32(self.of.encode())
        return unsigned - (1 << 32) if unsigned >= 1 << 31 else unsigned


@dataclass(frozen=True, slots=True)
class Term:
    """One holder's time in a seat."""

    seat: Seat
    number: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a seat. `spoke_at` is when it last asked PostgreSQL anything over that session."""

    process: str
    spoke_at: datetime


term_at_work: ContextVar[Term | None] = ContextVar("term_at_work", default=None)
"""In whose name transactions are made: each of them is refused once that term is over."""


async def confirm(connection: Connection, term: Term) -> None:
    """Inside a transaction: make sure that the term lasts, and let no other begin before the end.

    Raises Deposed.
    """
    lasts = await connection.fetchval(
        "SELECT true FROM seat_terms WHERE kind = $1 AND of = $2 AND term = $3 FOR SHARE",
        term.seat.kind,
        term.seat.of,
        term.number,
    )
    if not lasts:
        raise Deposed(f"term {term.number} of {term.seat.of} is over")


class Candidate:
    """A session of its own that stands for a seat; when it ends, the seat is free."""

    def __init__(self, connection: Connection, seat: Seat, process: str) -> None:
        self._connection = connection
        self._seat = seat
        self._process = process
        self._ended = asyncio.Event()
        connection.add_termination_listener(lambda _: self._ended.set())

    async def take(self) -> bool:
        """Take the seat if nobody has it. Raises DatabaseUnavailable."""
        with translated():
            taken: bool = await self._connection.fetchval(
                "SELECT pg_try_advisory_lock($1, $2)",
                self._seat.kind,
                self._seat.number,
                timeout=_ANSWER_SECONDS,
            )
        return taken

    async def begin_term(self) -> Term:
        """Count the term up; it begins when the last transaction of the one before has ended.

        One that hangs is ended, with all that its process has open. Raises DatabaseUnavailable.
        """
        with translated():
            try:
                return await self._count_up(_LAST_TRANSACTIONS_SECONDS)
            except TimeoutError:
                before = await self._connection.fetchval(
                    "SELECT process FROM seat_terms WHERE kind = $1 AND of = $2",
                    self._seat.kind,
                    self._seat.of,
                )
                if before != self._process:
                    await self.end_sessions(before)
                return await self._count_up(_ANSWER_SECONDS)

    async def _count_up(self, timeout: float) -> Term:
        number = await self._connection.fetchval(
            """
            INSERT INTO seat_terms AS t (kind, of, term, process) VALUES ($1, $2, 1, $3)
            ON CONFLICT (kind, of)
            DO UPDATE SET term = t.term + 1, process = $3, since = now()
            RETURNING term
            """,
            self._seat.kind,
            self._seat.of,
            self._process,
            timeout=timeout,
        )
        return Term(self._seat, number)

    async def lost(self) -> None:
        """Return as soon as the seat is lost: PostgreSQL is gone, silent, or has ended the session.

        Until then its queries tell the others that its process is at work.
        """
        while True:
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    await self._ended.wait()
            except TimeoutError:
                try:
                    await self._connection.fetchval("SELECT 1", timeout=BEAT_TIMEOUT_SECONDS)
                except (*GONE, TimeoutError, asyncpg.PostgresError):
                    return
            else:
                return

    async def holder(self) -> Holder | None:
        """Who has the seat; None if nobody has, or if it is a stranger. Raises DatabaseUnavailable.

        PostgreSQL says nothing of the sessions of another user than one's own.
        """
        with translated():
            row = await self._connection.fetchrow(
                """
                SELECT a.application_name AS process, a.query_start AS spoke_at
                FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
                  AND l.classid = $1 AND l.objid = $2::int::oid
                  AND a.datname = current_database() AND a.usename = current_user
                  AND a.query_start IS NOT NULL
                """,
                self._seat.kind,
                self._seat.number,
                timeout=_ANSWER_SECONDS,
            )
        return Holder(**row) if row else None

    async def end_sessions(self, process: str) -> int:
        """End all that a process has open in this database; what it had not committed is undone.

        Raises DatabaseUnavailable.
        """
        with translated():
            ended: int = await self._connection.fetchval(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = $1 AND datname = current_database()
                  AND usename = current_user AND pid <> pg_backend_pid()
                """,
                process,
                timeout=_ANSWER_SECONDS,
            )
        return ended
