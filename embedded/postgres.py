"""A PostgreSQL of our own: one database, reached through a unix socket, safe against kill -9."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from embedded.binaries import postgres_programs
from embedded.errors import FolderUnusable, ServerFailed
from embedded.folder import ServerFolder
from embedded.leftovers import StopSteps
from embedded.server import Server

log = logging.getLogger(__name__)

USER = DATABASE = "energy_flash"
PORT = 5432
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "32MB",
    # Reading ahead in processes of its own pays for large tables only.
    "io_method": "sync",
    "dynamic_shared_memory_type": "posix",
    "max_wal_size": "256MB",
    # Nobody replicates this server; a dump is the way to copy it.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres(Server):
    """`async with EmbeddedPostgres(folder) as postgres:` then connect to `postgres.dsn`."""

    program: ClassVar[str] = "postgres"
    # Immediate shutdown. A polite one can hang for ever when it meets a server that is recovering
    # from a crash of one of its children; this one cannot, and the next start recovers.
    death_signal: ClassVar[signal.Signals] = signal.SIGQUIT
    stop_steps: ClassVar[StopSteps] = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))

    _programs: Path

    @property
    def dsn(self) -> str:
        """Where to connect, as asyncpg and psql understand it."""
        return _dsn(self.folder.socket_folder)

    async def _prepare(self) -> None:
        self._programs = await asyncio.to_thread(postgres_programs, self.folder.account)
        await self._clear_unfinished()
        if not self.folder.data.exists():
            await self._create_cluster()
            # An initdb that outlived its killed owner for a moment has written on meanwhile.
            await self._clear_unfinished()
        ours = (await self._run([self._programs / "postgres", "--version"])).split()[2]
        try:
            theirs = (self.folder.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise FolderUnusable(f"{self.folder.data} is not a PostgreSQL data folder.") from None
        if ours.partition(".")[0] != theirs:
            raise FolderUnusable(
                f"{self.folder.data} was made by PostgreSQL {theirs}, and this is {ours}. Dump it "
                "with the old version and restore it here, or choose another data folder."
            )

    async def _command(self) -> tuple[Sequence[str | Path], Mapping[str, str]]:
        data = self.folder.data
        sockets = self.folder.renew_socket_folder(f".s.PGSQL.{PORT}.lock")
        settings = SETTINGS | {"unix_socket_directories": str(sockets)}
        if not self.durable:
            settings |= NOT_DURABLE
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        environment = {}
        if (stale := _recorded(data)[0]) is not None:
            # Nobody works in this folder any more, but the recorded number may by now be another
            # process's, or a zombie's. As an ancestor's number it is no reason for PostgreSQL to
            # refuse, while its check for shared memory still in use stays on, which removing the
            # file would switch off.
            environment["PG_GRANDPARENT_PID"] = str(stale)
        return [self._programs / "postgres", "-D", data, *options], environment

    async def _is_ready(self, pid: int) -> bool:
        return _recorded(self.folder.data) == (pid, "ready")

    async def _clear_unfinished(self) -> None:
        for unfinished in self.folder.path.glob("data.new-*"):
            await asyncio.to_thread(shutil.rmtree, unfinished, ignore_errors=True)

    async def _create_cluster(self) -> None:
        """Make the data folder under another name first: a start that is killed leaves no half."""
        fresh = self.folder.path / f"data.new-{secrets.token_hex(4)}"
        fresh.mkdir(mode=0o700)
        self.folder.give_to_server(fresh)
        log.info("Creating a database in %s", self.folder.path)
        unsafe = [] if self.durable else ["--no-sync"]
        await self._run(
            [
                *(self._programs / "initdb", "-D", fresh, "-U", USER, "-E", "UTF8"),
                # Only the folder's permissions let anybody in.
                *("-A", "trust", "--auth-host=reject"),
                # Built into PostgreSQL: letters of all languages fold alike on every system.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                *("--data-checksums", *unsafe),
            ]
        )
        settings = {"wal_level": "minimal", "max_wal_senders": "0"}
        if not self.durable:
            settings |= NOT_DURABLE
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        await self._run(
            [self._programs / "postgres", "--single", "-D", fresh, *options, "postgres"],
            input_=f"CREATE DATABASE {DATABASE}\n".encode(),
        )
        fresh.rename(self.folder.data)
        folder = os.open(self.folder.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def _run(self, command: Sequence[str | Path], input_: bytes = b"") -> str:
        """Run one of PostgreSQL's programs to its end and return what it said."""
        process = await self._spawn(
            command,
            output=asyncio.subprocess.PIPE,
            input_=asyncio.subprocess.PIPE,
            death_signal=signal.SIGKILL,
        )
        try:
            output, _ = await process.communicate(input_)
        except BaseException:
            if process.returncode is None:
                process.kill()
                await process.wait()
            raise
        said = output.decode(errors="replace")
        if process.returncode != 0 or "ERROR:" in said:
            raise ServerFailed(f"{Path(command[0]).name} failed:\n{said}")
        return said


def dsn_of_running(folder: Path) -> str | None:
    """Where to connect to the server that another program of ours runs in this folder.

    To be asked when the folder is in use. None if that program has not said where.
    """
    sockets = ServerFolder(folder, None).socket_folder_in_use()
    return None if sockets is None else _dsn(sockets)


def _dsn(sockets: Path) -> str:
    return f"postgresql://{USER}@/{DATABASE}?host={quote(str(sockets), safe='')}&port={PORT}"


def _recorded(data: Path) -> tuple[int | None, str]:
    """The pid and the state of the server that wrote postmaster.pid last, (None, "") if none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None, ""
    return pid, lines[7].strip() if len(lines) > 7 else ""
