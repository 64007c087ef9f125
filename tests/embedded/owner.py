"""A program that owns embedded servers, to be killed by a test: `python owner.py FOLDER [orphan]`.

Prints `ready`, then the number of each row and each key as soon as the server has acknowledged it.
With `orphan` it asks for no parent-death signal, like a system that knows none.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path
from typing import cast

import asyncpg
import redis.asyncio

from embedded import EmbeddedPostgres, EmbeddedValkey


async def own(folder: Path) -> None:
    async with (
        EmbeddedPostgres(folder / "postgres") as postgres,
        EmbeddedValkey(folder / "valkey") as valkey,
    ):
        print("ready", postgres.pid, valkey.pid, flush=True)  # noqa: T201
        connection = await asyncpg.connect(postgres.dsn)
        await connection.execute("CREATE TABLE IF NOT EXISTS written (id bigint PRIMARY KEY)")
        first = 1 + cast(
            "int", await connection.fetchval("SELECT coalesce(max(id), 0) FROM written")
        )
        client = redis.asyncio.from_url(valkey.url)
        for number in itertools.count(first):
            await connection.execute("INSERT INTO written VALUES ($1)", number)
            await client.set("written", number)
            print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    if "orphan" in sys.argv:
        EmbeddedPostgres.death_signal = EmbeddedValkey.death_signal = 0  # type: ignore[assignment]
    asyncio.run(own(Path(sys.argv[1])))
