"""The owning program is killed: nothing is left running, nothing acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from embedded import EmbeddedPostgres, EmbeddedValkey
from tests.embedded.support import owner, said, until, working_in


async def found_after(folder: Path) -> tuple[int, int, int]:
    """How many rows, the highest of them, and the highest key, by a fresh start of the servers."""
    async with (
        EmbeddedPostgres(folder / "postgres") as postgres,
        EmbeddedValkey(folder / "valkey") as valkey,
    ):
        connection = await asyncpg.connect(postgres.dsn)
        row = await connection.fetchrow("SELECT count(*), max(id) FROM written")
        await connection.close()
        client = redis.asyncio.from_url(valkey.url)
        key = int(await client.get("written") or 0)
        await client.aclose()
    assert row is not None
    return row[0], row[1], key


async def test_a_killed_owner_leaves_no_process_and_loses_no_commit(server_folder: Path) -> None:
    acknowledged = 0
    for round_ in range(1, 4):
        async with owner(server_folder) as program:
            assert (await said(program))[0] == "ready"
            for _ in range(50 * round_):
                acknowledged = int((await said(program))[0])
            program.kill()
            # Acknowledged too, though not yet read when the signal was sent.
            while words := await said(program):
                acknowledged = int(words[0])
        await until(lambda: not working_in(server_folder))
        count, highest, key = await found_after(server_folder)
        assert acknowledged <= highest <= acknowledged + 1
        assert count == highest
        assert key in (highest, highest - 1)
        acknowledged = highest


async def test_the_next_start_does_not_wait_for_the_old_servers_to_be_gone(
    server_folder: Path,
) -> None:
    for _ in range(3):
        async with owner(server_folder) as program:
            assert (await said(program))[0] == "ready"
            acknowledged = int((await said(program))[0])
            program.kill()
            await program.wait()
            count, highest, _ = await found_after(server_folder)
        assert count == highest
        assert highest >= acknowledged


@pytest.mark.parametrize("_", range(2))
async def test_servers_that_outlive_their_owner_are_ended_by_the_next_start(
    server_folder: Path, _: int
) -> None:
    async with owner(server_folder, "orphan") as program:
        ready, *pids = await said(program)
        assert ready == "ready"
        acknowledged = int((await said(program))[0])
        program.kill()
        await program.wait()
        living = {process.pid for process in working_in(server_folder)}
        assert living >= {int(pid) for pid in pids}
        count, highest, _key = await found_after(server_folder)
    assert count == highest
    assert highest >= acknowledged
    assert not working_in(server_folder)


async def test_an_owner_killed_during_its_first_start_leaves_no_half(server_folder: Path) -> None:
    folder = server_folder / "postgres"
    async with owner(server_folder) as program:
        await until(lambda: any(folder.glob("data.new-*/global/*")))
        program.kill()
        await program.wait()
    assert not (folder / "data").exists()
    async with EmbeddedPostgres(folder) as postgres:
        connection = await asyncpg.connect(postgres.dsn)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
    assert not list(folder.glob("data.new-*"))
    await until(lambda: not working_in(server_folder))
