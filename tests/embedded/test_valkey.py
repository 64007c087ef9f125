"""Valkey of our own: what it is, and what it survives."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
import redis.asyncio

from embedded import EmbeddedValkey, FolderInUse
from tests.embedded.support import until, working_in


async def change(valkey: EmbeddedValkey, database: int = 0) -> int:
    client = redis.asyncio.from_url(f"{valkey.url}?db={database}")
    try:
        return int(await client.incr("changes"))
    finally:
        await client.aclose()


async def test_killed_it_comes_back_with_its_data_at_the_same_address(server_folder: Path) -> None:
    heard: list[str] = []
    async with EmbeddedValkey(server_folder, on_restart=heard.append) as valkey:
        for times in (1, 2, 3):
            assert await change(valkey) == times
            url = valkey.url
            valkey.kill()
            await valkey.ready()
            assert valkey.url == url
        assert heard == ["valkey-server was ended by SIGKILL; starting it again"] * 3
    async with EmbeddedValkey(server_folder) as valkey:
        assert await change(valkey) == 4
        assert await change(valkey, database=1) == 1


async def test_ended_by_somebody_else_it_comes_back(server_folder: Path) -> None:
    async with EmbeddedValkey(server_folder) as valkey:
        assert await change(valkey) == 1
        first = valkey.pid
        assert first is not None
        os.kill(first, signal.SIGTERM)
        await until(lambda: valkey.pid not in (None, first))
        await valkey.ready()
        assert await change(valkey) == 2


async def test_nobody_else_can_come_in(server_folder: Path) -> None:
    async with EmbeddedValkey(server_folder) as valkey:
        assert valkey.folder.socket_folder.stat().st_mode & 0o777 == 0o700
        assert valkey.pid is not None
        assert psutil.Process(valkey.pid).uids().real != 0
        assert not psutil.Process(valkey.pid).net_connections("inet")


async def test_two_programs_never_share_a_folder(server_folder: Path) -> None:
    async with EmbeddedValkey(server_folder):
        with pytest.raises(FolderInUse, match=f"{server_folder} is in use by process"):
            await EmbeddedValkey(server_folder).start()


async def test_stopping_ends_one_that_does_not_listen(server_folder: Path) -> None:
    valkey = EmbeddedValkey(server_folder, stop_steps=((signal.SIGTERM, 0.05),))
    await valkey.start()
    assert valkey.pid is not None
    os.kill(valkey.pid, signal.SIGSTOP)
    await valkey.stop()
    assert not working_in(server_folder)
