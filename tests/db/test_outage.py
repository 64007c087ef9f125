"""A PostgreSQL that goes away and comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from db.database import Database, DatabaseUnavailable
from embedded import EmbeddedPostgres


async def test_an_outage_has_one_name_and_ends_by_itself(server_folder: Path) -> None:
    async with (
        EmbeddedPostgres(server_folder / "postgres") as postgres,
        Database(postgres.dsn, connections=2) as database,
    ):
        heard: asyncio.Queue[str] = asyncio.Queue()
        listening = asyncio.create_task(database.listen(heard.put_nowait))
        assert await asyncio.wait_for(heard.get(), 5) == ""

        async def interrupted() -> None:
            async with database.transaction() as tx:
                await tx.values.put("before", 1)
                own = await tx.connection.fetchval("SELECT pg_backend_pid()")
                async with database.transaction() as other:
                    await other.connection.execute("SELECT pg_terminate_backend($1, 5000)", own)
                await tx.values.put("after", 2)

        async def after_it() -> None:
            async with database.transaction() as tx:
                assert await tx.values.get("before") is None, "it was never committed"
                await tx.values.put("again", 3)
                await tx.wake("block")

        with pytest.raises(DatabaseUnavailable):
            await interrupted()
        postgres.kill()
        async with asyncio.timeout(20):
            while True:
                try:
                    await after_it()
                    break
                except DatabaseUnavailable:
                    await postgres.ready()
        # The listener is back too, and was told that it may have missed something. Before that, the
        # backends of the killed server may have lived just long enough to pass on the "block".
        async with asyncio.timeout(10):
            while await heard.get():
                pass
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_database_that_is_not_there_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with Database(f"postgresql://nobody@/nothing?host={tmp_path}"):
            pass
