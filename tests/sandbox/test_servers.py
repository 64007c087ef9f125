"""PostgreSQL and Valkey under the application: stopped, killed and started by the control API."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoRedis

from tests.sandbox.processes import sandbox_in
from tests.sandbox.worlds import ANNA, Refused, Script, script_for, world_in

pytestmark = pytest.mark.timeout(150)

FAST = ("--block-seconds", "0.5")


async def fetch(script: Script, query: str) -> object:
    """What PostgreSQL answers at the address that the application was given."""
    dsn = (await script.state())["app"]["environment"]["ENERGY_FLASH_DATABASE__URL"]
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_postgres_is_stopped_and_comes_back_with_its_data(script: Script) -> None:
    first = (await script.state())["servers"]["postgres"]
    assert first["state"] == "running"
    await fetch(script, "CREATE TABLE kept AS SELECT 7 AS number")

    stopped = await script.post("/servers", {"server": "postgres", "action": "stop"})
    assert stopped == {"state": "stopped", "pid": None}
    assert (await script.state())["servers"]["postgres"] == stopped
    assert not psutil.pid_exists(first["pid"])
    with pytest.raises(FileNotFoundError):
        await fetch(script, "SELECT 1")
    for action in ("stop", "kill"):
        with pytest.raises(Refused) as refused:
            await script.post("/servers", {"server": "postgres", "action": action})
        assert (refused.value.status, refused.value.code) == (409, "wrong_state")

    started = await script.post("/servers", {"server": "postgres", "action": "start"})
    assert started["state"] == "running"
    assert started["pid"] != first["pid"]
    assert await fetch(script, "SELECT number FROM kept") == 7
    with pytest.raises(Refused, match="already"):
        await script.post("/servers", {"server": "postgres", "action": "start"})


async def test_valkey_is_stopped_and_comes_back_with_its_data(script: Script) -> None:
    url = (await script.state())["app"]["environment"]["ENERGY_FLASH_REDIS__URL"]
    async with Redis.from_url(url) as redis:
        await redis.set("kept", "7")
        await script.post("/servers", {"server": "valkey", "action": "stop"})
        with pytest.raises(NoRedis):
            await redis.get("kept")
        await script.post("/servers", {"server": "valkey", "action": "start"})
        assert await redis.get("kept") == b"7"


@pytest.mark.parametrize("server", ["postgres", "valkey"])
async def test_killed_server_comes_back_by_itself(script: Script, server: str) -> None:
    before = (await script.state())["servers"][server]["pid"]
    await script.post("/servers", {"server": server, "action": "kill"})
    state = await script.until_state(
        lambda state: (
            state["servers"][server]["state"] == "running"
            and state["servers"][server]["pid"] != before
        )
    )
    assert psutil.pid_exists(state["servers"][server]["pid"])


async def test_sandbox_with_stopped_servers_ends_and_starts_with_all(server_folder: Path) -> None:
    folder = server_folder / "world"
    async with world_in(folder) as world, script_for(world.url) as script:
        await fetch(script, "CREATE TABLE kept AS SELECT 7 AS number")
        for server in ("postgres", "valkey"):
            await script.post("/servers", {"server": server, "action": "stop"})
        await script.post("/chain", {"solid_stalled": True, "paused": True})
    async with world_in(folder) as world, script_for(world.url) as script:
        state = await script.state()
        assert {server["state"] for server in state["servers"].values()} == {"running"}
        assert (state["chain"]["solid_stalled"], state["chain"]["paused"]) == (False, False)
        assert await fetch(script, "SELECT number FROM kept") == 7


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"server": "mysql", "action": "stop"}, "postgres, valkey"),
        ({"server": "postgres", "action": "dance"}, "stop, start, kill"),
        ({"server": "postgres"}, "`action` is missing"),
    ],
)
async def test_wrong_orders_are_explained(
    script: Script, body: dict[str, object], named: str
) -> None:
    with pytest.raises(Refused) as refused:
        await script.post("/servers", body)
    assert refused.value.status == 400
    assert named in refused.value.message


@pytest.mark.parametrize("server", ["postgres", "valkey"])
async def test_application_outlives_its_servers(server_folder: Path, server: str) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        before = (await script.state())["app"]
        greeted = await script.post(f"/chats/{ANNA}/messages", {"text": "/start"})
        await answer_after(script, greeted["change"])

        await script.post("/servers", {"server": server, "action": "stop"})
        # Long enough for its jobs and its polling to have met the outage many times over.
        height = (await script.state())["chain"]["height"]
        asked = await script.post(f"/chats/{ANNA}/messages", {"text": "/help"})
        await script.until_state(lambda state: state["chain"]["height"] >= height + 12)
        await script.post("/servers", {"server": server, "action": "start"})

        asked = await script.post(f"/chats/{ANNA}/messages", {"text": "/start"})
        await answer_after(script, asked["change"])
        after = (await script.state())["app"]
        assert (after["state"], after["pid"]) == ("running", before["pid"])

        await script.post("/servers", {"server": server, "action": "kill"})
        await script.until_state(lambda state: state["servers"][server]["state"] == "running")
        asked = await script.post(f"/chats/{ANNA}/messages", {"text": "/start"})
        await answer_after(script, asked["change"])
        assert (await script.state())["app"]["pid"] == before["pid"]


async def answer_after(script: Script, change: int) -> None:
    """Waits for the bot to write."""
    for _ in range(6):
        found = await script.get(f"/chats/{ANNA}/messages?after={change}&wait=10")
        if any(message["from"] == "bot" for message in found["messages"]):
            return
        change = found["change"]
    raise AssertionError("the bot has fallen silent")
