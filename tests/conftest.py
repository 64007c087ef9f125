"""What every test can ask for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
import redis.asyncio
from hypothesis import settings

from embedded import EmbeddedPostgres, EmbeddedValkey
from tests.support.nursery import Nursery
from tests.support.servers import DatabasePlace, temporary_folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true, a browser test that was skipped has failed: nobody would miss it otherwise."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow for browser tests: {report.longrepr}"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: tests of whole processes wait a lot."""
    processors = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return processors * 3 // 2


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: nobody looks through it for garbage again.

    A full collection would otherwise walk over half a million objects, several times in each test.
    """
    gc.collect()
    gc.freeze()


# How long an example takes says more about the machine than about us.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A fresh folder for embedded servers; tmp_path is closed to them when root runs the tests."""
    with temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
async def database_place() -> AsyncIterator[DatabasePlace]:
    """One PostgreSQL for all tests of this process, fast and not durable."""
    with temporary_folder() as folder:
        async with EmbeddedPostgres(folder / "postgres", durable=False) as postgres:
            place = DatabasePlace(postgres)
            await place.load_template()
            yield place


@pytest.fixture
async def database(database_place: DatabasePlace) -> AsyncIterator[str]:
    """The DSN of a fresh database with the schema in it."""
    async with database_place.database() as dsn:
        yield dsn


@pytest.fixture
async def empty_database(database_place: DatabasePlace) -> AsyncIterator[str]:
    """The DSN of a fresh database with nothing in it."""
    async with database_place.database(empty=True) as dsn:
        yield dsn


@pytest.fixture(scope="session")
async def valkey() -> AsyncIterator[EmbeddedValkey]:
    """One Valkey for all tests of this process."""
    with temporary_folder() as folder:
        async with EmbeddedValkey(folder / "valkey", durable=False) as server:
            yield server


@pytest.fixture
async def redis_url(valkey: EmbeddedValkey) -> str:
    """The URL of an empty Redis."""
    client = redis.asyncio.from_url(valkey.url)
    await client.flushall()
    await client.aclose()
    return valkey.url


@pytest.fixture(scope="session")
async def nursery() -> AsyncIterator[Nursery]:
    """Where processes of ours come from that need not import everything first."""
    opened = await Nursery.open()
    yield opened
    await opened.close()
