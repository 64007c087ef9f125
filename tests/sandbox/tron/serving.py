"""The node's HTTP ports, opened for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import unused_port

from sandbox.tron.chain import LocalChain
from sandbox.tron.faults import NodeFaults
from sandbox.tron.http_routes import node_app, solidity_app


@dataclass(frozen=True, slots=True)
class Served:
    """Both ports of a node, and a client for them."""

    chain: LocalChain
    faults: NodeFaults
    full_url: str
    solidity_url: str
    session: ClientSession

    async def post(self, method: str, body: Any) -> Any:
        """The JSON that the full node answers."""
        async with self.session.post(f"{self.full_url}/wallet/{method}", json=body) as answer:
            return await answer.json(content_type=None)

    async def post_solid(self, method: str, body: Any) -> Any:
        """The JSON that the solidity node answers."""
        url = f"{self.solidity_url}/walletsolidity/{method}"
        async with self.session.post(url, json=body) as answer:
            return await answer.json(content_type=None)


@asynccontextmanager
async def served(chain: LocalChain) -> AsyncIterator[Served]:
    """Opens both ports on loopback."""
    faults = NodeFaults()
    runners, urls = [], []
    for app in (node_app(chain, faults), solidity_app(chain, faults)):
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        port = unused_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        runners.append(runner)
        urls.append(f"http://127.0.0.1:{port}")
    async with ClientSession() as session:
        yield Served(chain, faults, urls[0], urls[1], session)
    for runner in runners:
        await runner.cleanup()
