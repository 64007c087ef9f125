"""`energy-flash orphans` as people start it: a process of its own, beside a shop."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress

import pytest

from chain.contracts import DelegateResource, Resource
from chain.errors import ChainError
from cli import FAILURE, OK
from tests.support.servers import ROOT
from tests.support.shop import TRX, Shop, address, key_hex, open_shop

pytestmark = pytest.mark.timeout(150)


async def orphans(shop: Shop, dsn: str, *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """Run the command, with blocks and a shop at work meanwhile."""
    clean = {name: value for name, value in os.environ.items() if "ENERGY_FLASH_" not in name}
    pool = {"address": address("pool"), "permission_id": 2, "key": key_hex("hot")}
    settings = {
        "TELEGRAM__TOKEN": "42:test",
        "TRON__NODES": json.dumps([{"url": shop.node_url, "solidity_url": shop.solidity_url}]),
        "PAYMENT__ADDRESS": address("payments"),
        "POOLS": json.dumps([pool]),
        "DATABASE__URL": dsn,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "orphans", *arguments),
        cwd=ROOT,
        env=clean | {f"ENERGY_FLASH_{name}": value for name, value in settings.items()},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    ending = asyncio.create_task(process.communicate(typed.encode()))
    while not ending.done():
        with suppress(ChainError):
            await shop.block()
        await asyncio.wait({ending}, timeout=0.3)
    said, complained = await ending
    assert process.returncode is not None
    assert "Traceback" not in complained.decode()
    return process.returncode, said.decode(), complained.decode()


async def test_found_and_taken_back_beside_a_shop(database: str) -> None:
    async with open_shop(database) as shop:
        code, said, _ = await orphans(shop, database)
        assert (code, said.count("\n")) == (OK, 1)
        for name, trx in (("ben", 700), ("holder", 300)):
            lending = DelegateResource(address("pool"), address(name), trx * TRX, Resource.ENERGY)
            shop.send(lending, "pool")
        order = await shop.order()
        shop.pay(order)
        await shop.block(4)

        code, said, _ = await orphans(shop, database, "--json")
        assert code == OK
        listed = {each["receiver"]: each for each in json.loads(said)["orphans"]}
        assert {receiver: each["stake_sun"] for receiver, each in listed.items()} == {
            address("ben"): 700 * TRX,
            address("holder"): 300 * TRX,
        }

        named = ("--reclaim", address("holder"))
        code, said, complained = await orphans(shop, database, *named, typed="no\n")
        assert code == OK
        assert "[y/N]" in complained
        assert shop.delegated_sun("pool", "holder") == 300 * TRX, "it was not agreed to"

        code, said, _ = await orphans(shop, database, *named, "--yes")
        assert code == OK, said
        assert "300 TRX from" in said.splitlines()[-1]
        assert ": back (" in said.splitlines()[-1]
        assert shop.delegated_sun("pool", "holder") == 0
        assert shop.delegated_sun("pool", "ben") == 700 * TRX

        code, _, complained = await orphans(shop, database, *named, "--yes")
        assert (code, "Nothing of that is listed." in complained) == (OK, True)

        rented = shop.delegated_sun("pool", "ann")
        code, said, _ = await orphans(shop, database, "--reclaim-all", "--yes")
        assert code == OK, said
        assert shop.delegated_sun("pool", "ben") == 0
        assert shop.delegated_sun("pool", "ann") == rented > 0


async def test_without_a_node_nothing_is_claimed(database: str) -> None:
    async with open_shop(database) as shop:
        shop.node_url = shop.solidity_url = "http://127.0.0.1:9"
        code, said, _ = await orphans(shop, database, "--reclaim-all", "--yes")
        assert code == FAILURE
        assert "no TRON node could answer" in said
