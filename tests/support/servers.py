"""The real servers that tests run against: one PostgreSQL and one Valkey for each test process."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import psutil

from db.database import Database
from embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "template_of_tests"
MEMORY = Path("/dev/shm")
FOLDER_PREFIX = "energy-flash-test-"
# A few clusters with their logs, for each test process.
_MEMORY_BYTES = 4 << 30


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A fresh folder that a server can use too when root runs the tests.

    pytest's own temporary folders are closed to everybody but root, and servers never run as root.
    In memory where there is enough of it: making and removing the thousand files of a database,
    test after test, takes a disk's file system ten times as long.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=_memory()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@functools.cache
def _memory() -> Path | None:
    """Where files are kept in memory, cleared of what killed runs left; None without room for ours.

    The disk's leftovers go with the next start of the machine, but these would take its memory.
    """
    if not os.access(MEMORY, os.W_OK):
        return None
    for left in MEMORY.glob(f"{FOLDER_PREFIX}*"):
        pid = left.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    room = min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available)
    return MEMORY if room >= _MEMORY_BYTES else None


class DatabasePlace:
    """A PostgreSQL in which each test gets a database of its own, copied from a template."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.postgres = postgres
        self._numbers = itertools.count(1)

    async def load_template(self) -> None:
        """Create the template and let the program make its tables in it, once."""
        await self._run(f"CREATE DATABASE {TEMPLATE}")
        async with Database(self.dsn(TEMPLATE), connections=1):
            pass

    @contextlib.asynccontextmanager
    async def database(self, *, empty: bool = False) -> AsyncIterator[str]:
        """The DSN of a fresh database; `empty` leaves the schema out. Dropped at the end."""
        name = f"test_{next(self._numbers)}"
        template = "template1" if empty else TEMPLATE
        # Copying files is three times quicker here than writing the copy to the log.
        await self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield self.dsn(name)
        finally:
            await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def dsn(self, database: str) -> str:
        return self.postgres.dsn.replace("@/energy_flash?", f"@/{database}?")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
