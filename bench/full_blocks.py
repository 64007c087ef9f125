"""A node of a long chain of full blocks, as a process of its own: ``python -m bench.full_blocks``.

A block is 250 transactions as they are on the main network: mostly calls of contracts, some
transfers of TRX between strangers, some delegations. Every tenth block holds one payment to us.
Executing so many would take longer than reading them, so the blocks are written, not run; what a
node answers is the same, byte for byte of its JSON.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from hashlib import sha256
from random import Random

from aiohttp import web

from bench.node import serve_for_ever
from bench.people import FIRST_AMOUNT_SUN, START_MS, address, key, stranger
from chain.abi import transfer_parameter
from chain.addresses import Address
from chain.contracts import (
    Contract,
    DelegateResource,
    Resource,
    Transfer,
    TriggerSmartContract,
    UnDelegateResource,
)
from chain.transactions import Raw, encode
from sandbox.tron.json_forms import transaction_form

TRANSACTIONS = 250
BEGIN = 30
"""The head before there is anything to catch up with."""

PAYMENT_EVERY = 10
_CALLS, _TRANSFERS, _DELEGATIONS = 175, 55, 12
_KINDS_OF_BLOCKS = 32
_USDT = Address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")
_SELECTOR = bytes.fromhex("a9059cbb")


def block_id(number: int) -> str:
    return number.to_bytes(8, "big").hex() + sha256(b"bench block %d" % number).hexdigest()[16:]


def _transaction(contract: Contract, number: int, *, fee_limit: int = 0) -> str:
    raw = Raw(
        contract,
        (number & 0xFFFF).to_bytes(2, "big"),
        sha256(b"%d" % number).digest()[:8],
        START_MS + 60_000 + number,
        START_MS + number,
        b"",
        fee_limit,
        0,
    )
    encoded = encode(raw)
    signature = key("stranger").sign(encoded)
    form = {
        "ret": [{"contractRet": "SUCCESS"}],
        **transaction_form(raw, encoded, [signature], visible=False),
    }
    return json.dumps(form, separators=(",", ":"))


def _strangers(random: Random) -> Iterator[str]:
    """The transactions of one full block, without any of ours."""
    for place in range(TRANSACTIONS):
        one, other = stranger(random.randrange(50_000)), stranger(random.randrange(50_000))
        number = random.randrange(1 << 40)
        if place < _CALLS:
            data = _SELECTOR + transfer_parameter(other, random.randrange(1, 10**9))
            yield _transaction(
                TriggerSmartContract(one, _USDT, data), number, fee_limit=100_000_000
            )
        elif place < _CALLS + _TRANSFERS:
            yield _transaction(Transfer(one, other, random.randrange(1, 10**8)), number)
        elif place < _CALLS + _TRANSFERS + _DELEGATIONS:
            contract = DelegateResource(one, other, 10**9 + number % 10**9, Resource.ENERGY)
            yield _transaction(contract, number)
        else:
            undo = UnDelegateResource(one, other, 10**9 + number % 10**9, Resource.ENERGY)
            yield _transaction(undo, number)


class FullBlocks:
    """The blocks, and how far the chain shows itself."""

    def __init__(self) -> None:
        random = Random(7)
        self._bodies = [",".join(_strangers(random)) for _ in range(_KINDS_OF_BLOCKS)]
        self._head = BEGIN

    def block(self, number: int) -> str:
        """The node's JSON of a block."""
        transactions = ""
        if number > BEGIN:
            transactions = self._bodies[number % _KINDS_OF_BLOCKS]
            if number % PAYMENT_EVERY == 0:
                place = (number - BEGIN) // PAYMENT_EVERY - 1
                payment = Transfer(stranger(place), address("payments"), FIRST_AMOUNT_SUN + place)
                transactions += "," + _transaction(payment, (1 << 41) + number)
        # The first block's parent is nobody, and its time is 0.
        time = f'"timestamp":{START_MS + 3_000 * number},' if number else ""
        return (
            f'{{"blockID":"{block_id(number)}","block_header":{{"raw_data":{{"number":{number},'
            f'{time}"parentHash":"{block_id(number - 1) if number else "0" * 64}"}}}},'
            f'"transactions":[{transactions}]}}'
        )

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/wallet/getnowblock", self.head)
        app.router.add_post("/walletsolidity/getnowblock", self.head)
        app.router.add_post("/wallet/getblockbylimitnext", self.range)
        app.router.add_post("/wallet/getblockbynum", self.one)
        app.router.add_post("/grow", self.grow)
        return app

    async def head(self, _request: web.Request) -> web.Response:
        return _json(self.block(self._head))

    async def one(self, request: web.Request) -> web.Response:
        return _json(self.block((await request.json())["num"]))

    async def range(self, request: web.Request) -> web.Response:
        body = await request.json()
        end = min(body["endNum"], self._head + 1)
        blocks = ",".join(self.block(number) for number in range(body["startNum"], end))
        return _json(f'{{"block":[{blocks}]}}')

    async def grow(self, request: web.Request) -> web.Response:
        self._head += (await request.json())["blocks"]
        return web.json_response({})


def _json(text: str) -> web.Response:
    return web.Response(body=text.encode(), content_type="application/json")


if __name__ == "__main__":
    asyncio.run(serve_for_ever(FullBlocks().app()))
