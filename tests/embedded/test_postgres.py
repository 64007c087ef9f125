"""PostgreSQL of our own: what it is, and what it survives."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import psutil
import pytest

from embedded import EmbeddedPostgres, FolderInUse, FolderUnusable, ServerFailed
from tests.embedded.support import until, working_in


async def ask(postgres: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(postgres.dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_it_is_a_durable_database_in_utc_that_reads_all_letters(server_folder: Path) -> None:
    async with EmbeddedPostgres(server_folder) as postgres:
        for setting, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "timezone": "UTC",
            "listen_addresses": "",
        }.items():
            assert await ask(postgres, f"SHOW {setting}") == value, setting
        assert await ask(postgres, "SELECT lower('ПРИВЕТ Ёж') || lower('É')") == "привет ёжé"
        assert await ask(postgres, "SELECT 'Ключ' ILIKE 'КЛЮЧ'") is True
        assert await ask(postgres, "SELECT current_database()") == "energy_flash"


async def test_for_tests_it_can_be_quick_instead_of_durable(server_folder: Path) -> None:
    async with EmbeddedPostgres(server_folder, durable=False) as postgres:
        assert await ask(postgres, "SHOW fsync") == "off"


async def test_nobody_else_can_come_in(server_folder: Path) -> None:
    async with EmbeddedPostgres(server_folder) as postgres:
        assert postgres.folder.socket_folder.stat().st_mode & 0o777 == 0o700
        assert postgres.folder.data.stat().st_mode & 0o777 == 0o700
        assert postgres.pid is not None
        assert psutil.Process(postgres.pid).uids().real != 0
        assert not psutil.Process(postgres.pid).net_connections("inet")


async def test_killed_it_comes_back_with_its_data_at_the_same_address(server_folder: Path) -> None:
    heard: list[str] = []
    async with EmbeddedPostgres(server_folder, on_restart=heard.append) as postgres:
        await ask(postgres, "CREATE TABLE kept AS SELECT 7 AS value")
        for times in (1, 2, 3):
            dsn, pid = postgres.dsn, postgres.pid
            postgres.kill()
            await postgres.ready()
            assert (postgres.dsn, postgres.pid == pid) == (dsn, False)
            assert await ask(postgres, "SELECT value FROM kept") == 7
            assert heard == ["postgres was ended by SIGKILL; starting it again"] * times


async def test_killed_from_outside_with_all_its_children_it_comes_back(server_folder: Path) -> None:
    async with EmbeddedPostgres(server_folder) as postgres:
        connection = await asyncpg.connect(postgres.dsn)
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
        killed = working_in(server_folder)
        assert len(killed) > 3
        for process in killed:
            process.kill()
        await until(lambda: postgres.pid != killed[0].pid and postgres.pid is not None)
        await postgres.ready()
        connection.terminate()
        assert await ask(postgres, "SELECT value FROM kept") == 7


async def test_a_start_that_keeps_failing_is_tried_until_it_works(server_folder: Path) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with EmbeddedPostgres(server_folder, on_restart=heard.put_nowait) as postgres:
        configuration = postgres.folder.data / "postgresql.conf"
        good = configuration.read_bytes()
        configuration.write_bytes(b"nonsense = 1\n")
        postgres.kill()
        assert "was ended by SIGKILL" in await heard.get()
        for pause in ("0.1", "0.2", "0.4"):
            failure = await heard.get()
            assert 'unrecognized configuration parameter "nonsense"' in failure
            assert failure.endswith(f"Trying again in {pause} s")
        configuration.write_bytes(good)
        await postgres.ready()
        assert await ask(postgres, "SELECT 1") == 1


async def test_a_first_start_that_fails_says_why(server_folder: Path) -> None:
    async with EmbeddedPostgres(server_folder):
        pass
    (server_folder / "data" / "postgresql.conf").write_text("nonsense = 1\n")
    postgres = EmbeddedPostgres(server_folder)
    with pytest.raises(ServerFailed, match=r'exit code 1 before it was ready(.|\n)*"nonsense"'):
        await postgres.start()
    assert postgres.pid is None
    # and the folder is free again
    with pytest.raises(ServerFailed):
        await EmbeddedPostgres(server_folder).start()


async def test_two_programs_never_share_a_folder(server_folder: Path) -> None:
    async with EmbeddedPostgres(server_folder) as postgres:
        with pytest.raises(FolderInUse) as refusal:
            await EmbeddedPostgres(server_folder).start()
        assert refusal.value.folder == server_folder
        assert refusal.value.pid == os.getpid()
        assert str(server_folder) in str(refusal.value)
        assert str(os.getpid()) in str(refusal.value)
        assert await ask(postgres, "SELECT 1") == 1
    async with EmbeddedPostgres(server_folder):
        pass


async def test_a_stale_pid_that_is_now_somebody_elses_does_not_keep_it_from_starting(
    server_folder: Path,
) -> None:
    async with EmbeddedPostgres(server_folder) as postgres:
        assert postgres.pid is not None
        record = (postgres.folder.data / "postmaster.pid").read_text()
        # Of the same user, or PostgreSQL itself would see that it is no server of its.
        other = await postgres._spawn(
            ["/bin/sleep", "60"], output=asyncio.subprocess.DEVNULL, death_signal=signal.SIGKILL
        )
        stale = record.replace(str(postgres.pid), str(other.pid), 1)
    try:
        (server_folder / "data" / "postmaster.pid").write_text(stale)
        async with EmbeddedPostgres(server_folder) as postgres:
            assert await ask(postgres, "SELECT 1") == 1
        assert other.returncode is None
    finally:
        other.kill()
        await other.wait()


async def test_stopping_ends_one_that_does_not_listen(server_folder: Path) -> None:
    impatient = ((signal.SIGINT, 0.05), (signal.SIGQUIT, 0.05))
    postgres = EmbeddedPostgres(server_folder, stop_steps=impatient)
    await postgres.start()
    await ask(postgres, "CREATE TABLE kept AS SELECT 7 AS value")
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGSTOP)
    await postgres.stop()
    # Its children end with it, each in its own moment.
    await until(lambda: not working_in(server_folder))
    async with EmbeddedPostgres(server_folder) as postgres:
        assert await ask(postgres, "SELECT value FROM kept") == 7


async def test_stopping_ends_one_that_is_recovering_from_a_crash_of_a_child(
    server_folder: Path,
) -> None:
    # A fast shutdown that arrives in these milliseconds hangs in PostgreSQL 18.6.
    postgres = EmbeddedPostgres(
        server_folder, stop_steps=((signal.SIGINT, 1.0), (signal.SIGQUIT, 5.0))
    )
    await postgres.start()
    connection = await asyncpg.connect(postgres.dsn)
    os.kill(connection.get_server_pid(), signal.SIGKILL)
    await asyncio.sleep(0.02)
    await postgres.stop()
    connection.terminate()
    assert not working_in(server_folder)


async def test_stopping_does_not_wait_for_clients(server_folder: Path) -> None:
    postgres = EmbeddedPostgres(server_folder, stop_steps=((signal.SIGINT, 30.0),))
    await postgres.start()
    connection = await asyncpg.connect(postgres.dsn)
    await connection.execute("BEGIN")
    await postgres.stop()
    connection.terminate()
    await postgres.stop()
    assert not working_in(server_folder)
    assert not postgres.folder.socket_folder.exists()


async def test_a_long_path_gets_a_short_socket_that_does_not_stay_behind(
    server_folder: Path,
) -> None:
    deep = server_folder / ("deep" * 20)
    async with EmbeddedPostgres(deep) as postgres:
        socket = postgres.folder.socket_folder
        assert not socket.is_relative_to(server_folder)
        postgres.kill()
        await postgres.ready()
        assert await ask(postgres, "SELECT 1") == 1
        assert postgres.folder.socket_folder == socket
    assert not socket.exists()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("17", "was made by PostgreSQL 17, and this is 18"),
        (None, "is not a PostgreSQL data folder"),
    ],
)
async def test_data_that_it_cannot_read_is_left_alone(
    server_folder: Path, version: str | None, said: str
) -> None:
    async with EmbeddedPostgres(server_folder):
        pass
    number = server_folder / "data" / "PG_VERSION"
    if version is None:
        number.unlink()
    else:
        number.write_text(version)
    with pytest.raises(FolderUnusable, match=said):
        await EmbeddedPostgres(server_folder).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
async def test_root_is_told_of_a_folder_that_the_servers_user_cannot_reach(
    server_folder: Path,
) -> None:
    closed = server_folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(FolderUnusable, match=f"may not enter {closed}. Choose a data folder"):
        await EmbeddedPostgres(closed / "postgres").start()


async def test_a_folder_that_cannot_be_made_is_named(server_folder: Path) -> None:
    (server_folder / "file").touch()
    with pytest.raises(FolderUnusable, match=f"{server_folder}/file/postgres cannot be used"):
        await EmbeddedPostgres(server_folder / "file" / "postgres").start()


async def test_it_is_started_from_the_main_thread_only(server_folder: Path) -> None:
    def start() -> None:
        asyncio.run(EmbeddedPostgres(server_folder).start())

    with pytest.raises(RuntimeError, match="main thread"):
        await asyncio.to_thread(start)


async def test_a_start_that_is_given_up_leaves_nothing(server_folder: Path) -> None:
    start = asyncio.create_task(EmbeddedPostgres(server_folder).start())
    await until(lambda: any(server_folder.glob("data.new-*/global/*")))
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    await until(lambda: not working_in(server_folder))
    async with EmbeddedPostgres(server_folder) as postgres:
        assert await ask(postgres, "SELECT 1") == 1
