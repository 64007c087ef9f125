"""The local TRON node as a process of its own: ``python -m bench.node CUSTOMERS``.

It prints the URLs of its full node, its solidity node, and a door for the bench, which makes blocks
and payments and tells what was asked and when. Times are of the machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

from aiohttp import web

from bench.people import BUYER, POOLS, START_MS, TRX, USDT, address, customer, delegate_only, key
from chain.addresses import Address, address_hex
from chain.contracts import DelegateResource, Transfer
from chain.transactions import decode, decode_signed, encode, encode_signed
from sandbox.tron.chain import LocalChain
from sandbox.tron.genesis import Genesis, GenesisAccount
from sandbox.tron.http_routes import node_app, solidity_app
from sandbox.tron.json_forms import entry_form
from sandbox.tron.token import Token

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_POOL_TRX = 50_000_000
_LISTED = 20


def new_chain(customers: int) -> LocalChain:
    """A chain with pools, a payment address, customers who have TRX, and a buyer with USDT."""
    hot = delegate_only(address("hot"))
    return LocalChain(
        Genesis(
            start_ms=START_MS,
            accounts=(
                GenesisAccount(address("payments"), balance=10 * TRX),
                GenesisAccount(address(BUYER), balance=1_000 * TRX, tokens={USDT: 500 * TRX}),
                *(
                    GenesisAccount(
                        address(name),
                        balance=1_000_000 * TRX,
                        energy_stake=_POOL_TRX * TRX,
                        active_permissions=(hot,),
                    )
                    for name in POOLS
                ),
                *(
                    GenesisAccount(address(customer(number)), balance=1_000 * TRX)
                    for number in range(customers)
                ),
            ),
            tokens=(Token(USDT, address("payments"), 500 * TRX),),
        )
    )


@dataclass
class Witness:
    """Sees every call: how many of each method, and when what the benches wait for happened."""

    chain: LocalChain
    calls: Counter[str] = field(default_factory=Counter)
    served: dict[int, float] = field(default_factory=dict)
    broadcasts: list[tuple[float, bytes]] = field(default_factory=list)

    def forget(self) -> None:
        self.calls.clear()
        self.served.clear()
        self.broadcasts.clear()

    @web.middleware
    async def see(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a call; note when a head was first shown, and when a transaction came."""
        method = request.path.lstrip("/")
        self.calls[method] += 1
        if method == "wallet/broadcasthex":
            self.broadcasts.append((monotonic(), await request.read()))
        response = await handler(request)
        if method == "wallet/getnowblock":
            self.served.setdefault(self.chain.head.number, monotonic())
        return response

    def receivers(self) -> list[tuple[Address, float]]:
        """Whom delegations were broadcast for, and when."""
        found = []
        for at, body in self.broadcasts:
            raw, _ = decode_signed(bytes.fromhex(json.loads(body)["transaction"]))
            contract = decode(raw).contract
            if isinstance(contract, DelegateResource):
                found.append((contract.receiver, at))
        return found


class Door:
    """What the bench asks of the world."""

    def __init__(self, chain: LocalChain, witness: Witness) -> None:
        self._chain = chain
        self._witness = witness
        self._memos = count(1)
        self._clock: asyncio.Task[None] | None = None

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1_024 * 1_024)
        app.router.add_post("/blocks", self.blocks)
        app.router.add_post("/pay", self.pay)
        app.router.add_post("/clock", self.clock)
        app.router.add_post("/forget", self.forget)
        app.router.add_get("/report", self.report)
        app.router.add_get("/broadcasts", self.broadcasts)
        return app

    async def blocks(self, request: web.Request) -> web.Response:
        """Make so many blocks now."""
        body = await request.json()
        return web.json_response({"head": self._chain.produce_blocks(body["count"]).number})

    async def pay(self, request: web.Request) -> web.Response:
        """Broadcast transfers of customers to the payment address: ``[[name, sun], …]``."""
        for name, sun in (await request.json())["payments"]:
            contract = Transfer(address(name), address("payments"), sun)
            raw = encode(self._chain.build(contract, memo=str(next(self._memos)).encode()))
            answer = self._chain.broadcast(encode_signed(raw, [key(name).sign(raw)]))
            if not answer.accepted:
                raise web.HTTPConflict(text=answer.message)
        return web.json_response({})

    async def clock(self, request: web.Request) -> web.Response:
        """Make a block every so many seconds from now on; none with 0."""
        seconds = (await request.json())["seconds"]
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        if seconds:
            self._clock = asyncio.create_task(self._tick(seconds))
        return web.json_response({"head": self._chain.head.number})

    async def _tick(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self._chain.produce_block()

    async def forget(self, _request: web.Request) -> web.Response:
        self._witness.forget()
        return web.json_response({})

    async def broadcasts(self, _request: web.Request) -> web.Response:
        """How many there were since then; costs the node nothing."""
        return web.json_response(len(self._witness.broadcasts))

    async def report(self, _request: web.Request) -> web.Response:
        """Everything that was seen since the last ``forget``."""
        witness = self._witness
        return web.json_response(
            {
                "head": self._chain.head.number,
                "head_time_ms": self._chain.head.time_ms,
                "calls": dict(witness.calls),
                "served": {str(number): at for number, at in witness.served.items()},
                "delegations": [[receiver, at] for receiver, at in witness.receivers()],
            }
        )


def explorer_route(chain: LocalChain) -> Handler:
    """TronGrid's list of an account's last transactions, which pollers ask for."""

    async def transactions(request: web.Request) -> web.Response:
        wanted = address_hex(Address(request.match_info["address"]))
        found: list[dict[str, Any]] = []
        limit = int(request.query.get("limit", _LISTED))
        for number in range(chain.head.number, max(0, chain.head.number - 40), -1):
            block = chain.block(number)
            for entry in block.entries if block is not None else ():
                form = entry_form(entry, visible=False)
                value = form["raw_data"]["contract"][0]["parameter"]["value"]
                if value.get("to_address") == wanted:
                    found.append(form | {"blockNumber": number})
            if len(found) >= limit:
                break
        return web.json_response({"data": found[:limit], "success": True})

    return transactions


async def serve(*applications: web.Application) -> list[str]:
    """Serve each on a free port of this machine; their URLs."""
    urls = []
    for application in applications:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        urls.append(f"http://{host}:{port}")
    return urls


async def serve_for_ever(*applications: web.Application) -> None:
    """The same, after saying where, until the process is killed."""
    print(*await serve(*applications), flush=True)
    await asyncio.Event().wait()


def main() -> None:
    chain = new_chain(int(sys.argv[1]))
    witness = Witness(chain)
    full, solidity = node_app(chain), solidity_app(chain)
    for app in (full, solidity):
        app.middlewares.append(witness.see)
    outside = web.Application(middlewares=[witness.see])
    outside.router.add_get("/v1/accounts/{address}/transactions", explorer_route(chain))
    asyncio.run(serve_for_ever(full, solidity, Door(chain, witness).app(), outside))


if __name__ == "__main__":
    main()
