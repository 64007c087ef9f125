"""`energy-flash audit` as people start it: a process of its own, beside a shop or without one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import FAILURE, OK
from embedded import EmbeddedPostgres
from tests.support.servers import ROOT
from tests.support.shop import Shop, address, key_hex, open_shop

pytestmark = pytest.mark.timeout(150)

SOLID = 19


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    said: str
    complained: str

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.said)
        return report


async def audit(shop: Shop, place: dict[str, str], *arguments: str) -> Ended:
    """Run the command against the shop's node and the database at `place`."""
    clean = {name: value for name, value in os.environ.items() if "ENERGY_FLASH_" not in name}
    pool = {"address": address("pool"), "permission_id": 2, "key": key_hex("hot")}
    settings = {
        "TELEGRAM__TOKEN": "42:test",
        "TRON__NODES": json.dumps([{"url": shop.node_url, "solidity_url": shop.solidity_url}]),
        "PAYMENT__ADDRESS": address("payments"),
        "REFUNDS__KEY": key_hex("wallet"),
        "POOLS": json.dumps([pool]),
        **place,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "audit", *arguments),
        cwd=ROOT,
        env=clean | {f"ENERGY_FLASH_{name}": value for name, value in settings.items()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, said.decode(), complained.decode())


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    """A shop that has sold something."""
    async with open_shop(database) as opened:
        await sell(opened)
        yield opened


async def sell(shop: Shop) -> None:
    order = await shop.order()
    shop.pay(order)
    await shop.block(SOLID + 5)


async def test_books_that_are_true_and_then_are_not(shop: Shop, database: str) -> None:
    place = {"DATABASE__URL": database}

    first = await audit(shop, place)
    assert first.code == OK, first
    assert [line.split()[:2] for line in first.said.splitlines()] == [
        ["ok", f"{check}:"]
        for check in ("ledger", "blocks", "balances", "delegations", "signatures")
    ]

    async with shop.database.transaction() as tx:
        await tx.connection.execute("SET LOCAL session_replication_role = replica")
        txid = await tx.connection.fetchval(
            "UPDATE payments SET amount_sun = amount_sun + 1, order_sun = order_sun + 1 "
            "RETURNING txid"
        )
    second = await audit(shop, place, "--full", "--json", "--read-only")
    assert second.code == FAILURE, second
    report = second.report
    assert set(report) == {
        "true", "checked", "unproved", "differences", "mended", "warnings",
    }  # fmt: skip
    assert report["true"] is False
    assert {each["check"] for each in report["differences"]} == {"ledger", "blocks"}
    assert {each["txid"] for each in report["differences"]} == {txid}
    amount = next(each for each in report["differences"] if "amount" in each["what"])
    assert amount["found"] == amount["expected"] + 1

    third = await audit(shop, place, "--full")
    assert third.code == FAILURE
    assert txid in third.said
    assert "Traceback" not in third.complained


async def test_without_a_node_nothing_is_claimed(shop: Shop, database: str) -> None:
    lost = Shop(
        shop.chain, shop.faults, shop.database, shop.node, shop.services, shop.settings,
        "http://127.0.0.1:9", "http://127.0.0.1:9",
    )  # fmt: skip
    ended = await audit(lost, {"DATABASE__URL": database}, "--json")
    assert ended.code == FAILURE
    assert ended.report["true"] is False
    assert ended.report["differences"] == []
    assert "no TRON node" in ended.report["unproved"]["balances"]


async def test_beside_a_shop_with_an_embedded_database_and_without(server_folder: Path) -> None:
    place = {"DATA_DIR": str(server_folder)}
    async with (
        EmbeddedPostgres(server_folder / "postgres", durable=False) as postgres,
        open_shop(postgres.dsn) as shop,
    ):
        await sell(shop)
        joined = await audit(shop, place)
        assert joined.code == OK, joined
        await postgres.stop()
        alone = await audit(shop, place, "--full", "--json")
        assert alone.code == OK, alone
        assert alone.report["true"] is True


async def test_where_no_shop_ever_was_none_is_made(shop: Shop, server_folder: Path) -> None:
    ended = await audit(shop, {"DATA_DIR": str(server_folder / "nothing")})
    assert ended.code == FAILURE
    assert ended.complained.count("\n") == 1
    assert "There is no database" in ended.complained
    assert not (server_folder / "nothing").exists()
