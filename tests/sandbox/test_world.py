"""The sandbox as a process: it starts, it ends, and whatever is killed, nothing is left running."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
from yarl import URL

from sandbox import world as worlds
from sandbox.options import SandboxOptions
from tests.sandbox.processes import end, gone, launch, sandbox_in
from tests.sandbox.worlds import ANNA, Refused, Script, script_for

pytestmark = pytest.mark.timeout(150)

FAST = ("--block-seconds", "0.5")


async def app_becomes(script: Script, wanted: str) -> dict[str, Any]:
    """The app's state once it is the wanted one."""
    state = await script.until_state(lambda state: state["app"]["state"] == wanted)
    app: dict[str, Any] = state["app"]
    return app


async def answer_of(script: Script, url: str) -> Any:
    """What the application's own API says."""
    async with script.session.get(url) as answer:
        return await answer.json()


async def test_sigterm_ends_everything_within_ten_seconds(server_folder: Path) -> None:
    async with sandbox_in(server_folder / "world", *FAST) as sandbox:
        family = sandbox.family()
        names = {process.name() for process in family}
        assert {"postgres", "valkey-server"} <= names
        began = time.monotonic()
        assert await end(sandbox.process, signal.SIGTERM) == 0
        assert time.monotonic() - began < 10
        assert await gone(family) == []


async def test_killed_sandbox_leaves_nothing_running_and_goes_on(server_folder: Path) -> None:
    folder = server_folder / "world"
    async with sandbox_in(folder, *FAST) as sandbox, script_for(sandbox.url) as script:
        before = await script.state()
        written = await script.post(f"/chats/{ANNA}/messages", {"text": "/start"})
        family = sandbox.family()
        assert before["app"]["pid"] in {process.pid for process in family}
        await end(sandbox.process, signal.SIGKILL)
        assert await gone(family) == []
    async with sandbox_in(folder, *FAST) as sandbox, script_for(sandbox.url) as script:
        after = await script.state()
        assert after["world_id"] == before["world_id"]
        assert after["chain"]["height"] >= before["chain"]["height"]
        answered = await script.get(f"/chats/{ANNA}/messages?after={written['change']}&wait=20")
        assert answered["messages"], "the bot answers what was written before the end"


async def test_app_is_killed_and_started_alone(server_folder: Path) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        before = await script.state()
        first, api = before["app"], before["api_url"]
        assert first["state"] == "running"
        assert psutil.pid_exists(first["pid"])
        root = URL(api).origin()
        assert await answer_of(script, f"{api}/health") == {"success": True, "status": "ok"}
        ready = await answer_of(script, str(root / "ready"))
        assert (ready["status"], ready["parts"]["node"]["well"]) == ("ready", True)

        killed = await script.post("/app", {"action": "kill"})
        assert (killed["state"], killed["pid"]) == ("killed", None)
        assert (
            await gone([psutil.Process(first["pid"])] if psutil.pid_exists(first["pid"]) else [])
            == []
        )
        with pytest.raises(Refused, match="not running"):
            await script.post("/app", {"action": "stop"})
        sent = await script.post(f"/chats/{ANNA}/messages", {"text": "/start"})
        assert sent["delivered"] is False
        with pytest.raises(aiohttp.ClientConnectorError):
            await answer_of(script, f"{api}/health")

        started = await script.post("/app", {"action": "start"})
        assert started["restarts"] == 1
        with pytest.raises(Refused, match="already"):
            await script.post("/app", {"action": "start"})
        second = await app_becomes(script, "running")
        assert second["pid"] != first["pid"]
        answered = await script.get(f"/chats/{ANNA}/messages?after={sent['change']}&wait=20")
        assert any(message["from"] == "bot" for message in answered["messages"])
        assert await answer_of(script, f"{api}/health"), "at the same port again"

        stopped = await script.post("/app", {"action": "stop"})
        assert (stopped["state"], stopped["exit_code"]) == ("stopped", 0)


async def test_app_that_dies_by_itself_stays_dead_and_is_shown(server_folder: Path) -> None:
    async with (
        sandbox_in(server_folder / "world", *FAST) as sandbox,
        script_for(sandbox.url) as script,
    ):
        app = (await script.state())["app"]
        psutil.Process(app["pid"]).kill()
        dead = await app_becomes(script, "crashed")
        assert (dead["pid"], dead["exit_code"]) == (None, -signal.SIGKILL)


async def test_taken_port_is_named(server_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await launch(server_folder / "world", "--port", str(port))
        assert await process.wait() == 1
    said = (server_folder / "world.stderr").read_text()
    assert f"port {port} is taken" in said
    assert "--port" in said
    assert "Traceback" not in said


async def test_taken_port_of_the_api_is_named(server_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await launch(server_folder / "world", "--port", "0", "--api-port", str(port))
        assert await process.wait() == 1
    said = (server_folder / "world.stderr").read_text()
    assert f"port {port} is taken" in said
    assert "--api-port" in said
    assert "Traceback" not in said


async def test_api_makes_room_where_its_usual_port_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = SandboxOptions(data_dir=tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        usual = other.getsockname()[1]
        monkeypatch.setattr(worlds, "DEFAULT_API_PORT", usual)
        async with AsyncExitStack() as stack:
            assert worlds._api_port(stack, options) != usual
    async with AsyncExitStack() as stack:
        assert worlds._api_port(stack, options) == usual


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no port can be kept for another")
async def test_port_of_the_api_is_kept_for_the_application(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        port = worlds._api_port(stack, SandboxOptions(data_dir=tmp_path, api_port=0))
        # As a client's end of a connection would take it, while the application is down.
        with socket.socket() as client, pytest.raises(OSError, match="in use"):
            client.bind(("127.0.0.1", port))
        with socket.create_server(("127.0.0.1", port)):
            pass


async def test_taken_data_folder_is_named(server_folder: Path) -> None:
    folder = server_folder / "world"
    async with sandbox_in(folder, "--without-app"):
        second = await launch(folder, "--port", "0", "--without-app")
        assert await second.wait() == 1
    said = (server_folder / "world.stderr").read_text()
    assert str(folder) in said
    assert "Traceback" not in said


async def test_folder_of_another_version_is_named_and_left_alone(server_folder: Path) -> None:
    folder = server_folder / "world"
    folder.mkdir()
    # As the first version wrote it: one pool, and no word of its version.
    names = ("customer_a", "customer_b", "pool", "payment", "refund")
    keys = {name: f"{number:064x}" for number, name in enumerate(names, 1)}
    old = {"world_id": "0123456789abcdef", "bot_token": "7000000001:old", "keys": keys}
    (folder / "inhabitants.json").write_text(json.dumps(old))
    process = await launch(folder, "--port", "0", "--without-app")
    assert await process.wait() == 1
    said = (server_folder / "world.stderr").read_text()
    assert f"{folder} holds the world of another version of the sandbox" in said
    assert "--data-dir" in said
    assert "Traceback" not in said
    assert [each.name for each in folder.iterdir()] == ["inhabitants.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"version": 3}', '{"version": 3, "keys": {}}'])
async def test_unreadable_inhabitants_are_named(server_folder: Path, content: str) -> None:
    folder = server_folder / "world"
    folder.mkdir()
    (folder / "inhabitants.json").write_text(content)
    process = await launch(folder, "--port", "0", "--without-app")
    assert await process.wait() == 1
    said = (server_folder / "world.stderr").read_text()
    assert "inhabitants.json cannot be read" in said
    assert "Traceback" not in said
