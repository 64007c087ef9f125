"""Sandboxes for tests: the whole of it in this process, driven over HTTP as a script would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.options import SandboxOptions
from sandbox.world import World, open_world

ANNA, BO, OLGA, VERA = 1001, 1002, 1003, 1004
ORDERS, STAFF = -1002000000001, -4000000002


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class Script:
    """What anybody can do with curl: calls of the control API and of the stand-ins."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def get(self, path: str) -> Any:
        return await self._call("GET", path, None)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self._call("POST", path, {} if body is None else body)

    async def delete(self, path: str) -> Any:
        return await self._call("DELETE", path, None)

    async def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        url = f"{self.url}/sandbox/v1{path}"
        async with self.session.request(method, url, json=body) as answer:
            assert answer.content_type == "application/json", await answer.text()
            read = await answer.json()
        if answer.status >= 400:
            raise Refused(answer.status, read["error"]["code"], read["error"]["message"])
        return read

    async def state(self) -> Any:
        return await self.get("/state")

    async def until_state(self, wanted: Callable[[Any], bool]) -> Any:
        """The first state that is the wanted one, as the event stream tells of them."""
        async with (
            asyncio.timeout(60),
            self.session.get(f"{self.url}/sandbox/v1/events") as stream,
        ):
            if wanted(state := await self.state()):
                return state
            while True:
                event = (await stream.content.readuntil(b"\n\n")).decode()
                name, _, data = event.strip().partition("\n")
                if name == "event: state" and wanted(state := json.loads(data[len("data: ") :])):
                    return state

    async def account(self, name: str) -> dict[str, Any]:
        """An account of the state by its name."""
        accounts: list[dict[str, Any]] = (await self.state())["accounts"]
        return next(account for account in accounts if account["name"] == name)

    async def bot(self, method: str, **parameters: Any) -> Any:
        """A call of the Bot API, as the bot makes it."""
        state = await self.state()
        url = f"{state['bot_api_url']}/bot{state['bot']['token']}/{method}"
        async with self.session.post(url, json=parameters) as answer:
            return await answer.json()

    async def node(self, path: str, **parameters: Any) -> Any:
        """A call of the TRON node."""
        state = await self.state()
        base = state["solidity_url" if path.startswith("walletsolidity") else "node_url"]
        async with self.session.post(f"{base}/{path}", json=parameters) as answer:
            return await answer.json()


@asynccontextmanager
async def world_in(folder: Path, *, block_seconds: float = 0) -> AsyncIterator[World]:
    """A sandbox without the application; blocks on demand unless told otherwise."""
    options = SandboxOptions(
        data_dir=folder,
        port=0,
        open_browser=False,
        block_seconds=block_seconds,
        with_app=False,
    )
    async with open_world(options) as world:
        yield world


@asynccontextmanager
async def script_for(url: str) -> AsyncIterator[Script]:
    async with aiohttp.ClientSession() as session:
        yield Script(url, session)
