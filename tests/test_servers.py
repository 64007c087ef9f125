"""Tests get servers that are real, empty and apart from each other."""

from __future__ import annotations

import asyncpg
import pytest
import redis.asyncio


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_has_a_database_of_its_own(database: str, round_: int) -> None:
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE TABLE left_behind (id integer)")
    await connection.close()


async def test_a_database_has_the_schema(database: str, empty_database: str) -> None:
    tables = []
    for dsn in (database, empty_database):
        connection = await asyncpg.connect(dsn)
        tables.append(
            await connection.fetchval(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
            )
        )
        await connection.close()
    assert tables[0] > 0
    assert tables[1] == 0


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_has_an_empty_redis(redis_url: str, round_: int) -> None:
    client = redis.asyncio.from_url(redis_url)
    assert await client.incr("counted") == 1
    await client.aclose()
