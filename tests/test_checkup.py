"""`energy-flash check`: what it finds in good order, and how it says what to mend."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import cli
from chain.contracts import DelegateResource, Permission, Resource, TriggerSmartContract
from checkup import Finding, Grade, examine
from checkup.findings import ok, side_by_side
from checkup.nodes import NodeReport, judge, judge_clock
from checkup.servers import telegram
from composition import node_client
from db.database import Database, DatabaseUnavailable
from embedded import EmbeddedPostgres
from sandbox.telegram import Bot as BotAccount
from sandbox.telegram import Group, LocalTelegram, Membership, User, bot_api_app
from sandbox.tron.chain import LocalChain
from sandbox.tron.faults import NodeFault, NodeFaults
from sandbox.tron.genesis import GenesisAccount
from sandbox.tron.http_routes import node_app, solidity_app
from sandbox.tron.payout import pay_data
from services.key_file import Cost
from services.key_store import KeyStore, Passphrase
from services.pools import DeclaredPool, PoolState
from settings import Settings, load
from tests.support.shop import (
    ADMIN,
    PAYOUT,
    TRX,
    Shop,
    address,
    delegate_only,
    key,
    key_hex,
    new_chain,
    open_shop,
    serve,
)

TOKEN = "42:test"
WORDS = "five words drawn by chance"
QUICK = Cost(n=1 << 14, r=8, p=1)
POOL = address("pool")
CHAIN = {"pool": 50_000}


def bits(*numbers: int) -> bytes:
    operations = bytearray(32)
    for number in numbers:
        operations[number // 8] |= 1 << number % 8
    return bytes(operations)


def granted(name: str, **over: Any) -> Permission:
    return replace(delegate_only(address(name)), **over)


MORE = (
    GenesisAccount(
        address("wide"),
        balance=100 * TRX,
        energy_stake=1_000 * TRX,
        active_permissions=(granted("hot", operations=bits(1, 46, 57, 58)),),
    ),
    GenesisAccount(
        address("narrow"),
        balance=300 * TRX,
        energy_stake=1_000 * TRX,
        active_permissions=(granted("hot", operations=bits(57)),),
    ),
    GenesisAccount(
        address("broke"), energy_stake=1_000 * TRX, active_permissions=(granted("hot"),)
    ),
    GenesisAccount(address("unstaked"), balance=100 * TRX, active_permissions=(granted("hot"),)),
)


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database, start=datetime.now(UTC), more=MORE) as opened:
        yield opened


SOMEBODY = User(5, "Somebody")
TEAM = Group(-1_002_000_000_001, "Team", (SOMEBODY.id,))
KICKED = Group(-1_002_000_000_002, "Closed", (SOMEBODY.id,))
MOVED = Group(-4_001, "Small", (SOMEBODY.id,))
GROUPS = (TEAM, KICKED, MOVED)
NEW_ID = -1_002_000_000_003


@pytest.fixture
async def bot_api() -> AsyncIterator[str]:
    telegram = LocalTelegram(BotAccount(TOKEN), [SOMEBODY], groups=GROUPS)
    telegram.set_membership(SOMEBODY.id, KICKED.id, Membership.KICKED)
    telegram.upgrade_group(SOMEBODY.id, MOVED.id, NEW_ID)
    try:
        async with serve(bot_api_app(telegram)) as url:
            yield url
    finally:
        telegram.close()


def configured(
    shop: Shop, bot_api: str, database_url: str, redis_url: str, **over: Any
) -> Settings:
    sections: dict[str, Any] = {
        "telegram": {"token": TOKEN, "api_url": bot_api, "admins": [ADMIN]},
        "tron": shop.settings.tron,
        "payment": {"address": address("payments")},
        "pools": [{"address": POOL, "permission_id": 2, "key": key_hex("hot")}],
        "database": {"url": database_url},
        "redis": {"url": redis_url},
    }
    return load(**(sections | over))


@asynccontextmanager
async def leads_to(settings: Settings) -> AsyncIterator[str | None]:
    url = settings.database.url
    yield url.get_secret_value() if url else None


async def look(settings: Settings) -> list[Finding]:
    async with node_client(settings) as node:
        return await examine(settings, node, lambda: leads_to(settings))


def problems(findings: list[Finding]) -> dict[str, str]:
    return {finding.what: str(finding) for finding in findings if not finding.well}


def warnings(findings: list[Finding]) -> dict[str, str]:
    return {each.what: str(each) for each in findings if each.grade is Grade.WARN}


def pool_of(name: str, **over: Any) -> dict[str, Any]:
    return {"address": address(name), "permission_id": 2, "key": key_hex("hot"), **over}


async def test_a_shop_in_good_order(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    findings = await look(configured(shop, bot_api, database, redis_url))
    assert problems(findings) == {}
    assert warnings(findings) == {}
    said = "\n".join(map(str, findings))
    assert "permission 2 can delegate, and nothing else" in said
    assert "50,000 TRX of stake can be delegated now" in said
    assert "the clock: this machine's" in said
    assert "tables of this version" in said


async def test_the_groups_that_are_written_to_can_be_reached(bot_api: str) -> None:
    async def said(**chats: int) -> tuple[Finding, ...]:
        section = {"token": TOKEN, "api_url": bot_api, "admins": [ADMIN], **chats}
        return tuple((await telegram(load(telegram=section)))[2:])

    assert await said() == ()
    [alerts, orders] = await said(alerts_chat=TEAM.id, orders_chat=KICKED.id)
    assert (alerts.what, alerts.grade) == ("telegram.alerts_chat", Grade.OK)
    assert alerts.says == f"{TEAM.id} is 'Team'"
    assert (orders.what, orders.grade) == ("telegram.orders_chat", Grade.FAIL)
    assert "bot was kicked from the supergroup chat" in orders.says
    assert "Add the bot to that group" in orders.mend
    [unknown, moved] = await said(alerts_chat=-7, orders_chat=MOVED.id)
    assert "chat not found" in unknown.says
    assert (moved.grade, moved.mend) == (Grade.WARN, f"Set it to {NEW_ID}.")


@pytest.mark.parametrize(
    ("over", "what", "part"),
    [
        ({"telegram": {"token": "43:other"}}, "telegram.token", "BotFather"),
        ({"telegram": {}}, "telegram.token", "not set"),
        ({"payment": {"address": address("nobody")}}, "payment.address", "not activated"),
        ({"payment": {}}, "payment.address", "not set"),
        (
            {"pools": [pool_of("pool", permission_id=5)]},
            f"pool {POOL}",
            "set its permission_id",
        ),
        ({"pools": [pool_of("pool", key=key_hex("ann"))]}, f"pool {POOL}", "does not let"),
        ({"pools": [pool_of("nobody")]}, f"pool {address('nobody')}", "not activated"),
        ({"pools": [pool_of("unstaked")]}, f"pool {address('unstaked')}", "Stake TRX"),
        (
            {"pools": [pool_of("pool", reserve_sun=50_000 * TRX)]},
            f"pool {POOL}",
            "The reserve is all it has",
        ),
        ({"pools": [pool_of("narrow")]}, f"pool {address('narrow')}", "both DelegateResource"),
        ({"redis": {"url": "unix:///nowhere.sock"}}, "redis.url", "Start that Redis"),
        (
            {"database": {"url": "postgresql://nobody:hidden@/none?host=/nowhere"}},
            "database.url",
            "Start that PostgreSQL",
        ),
    ],
)
async def test_what_is_amiss_is_named_with_its_remedy(
    shop: Shop,
    bot_api: str,
    database: str,
    redis_url: str,
    over: dict[str, Any],
    what: str,
    part: str,
) -> None:
    over = {name: dict(value) if isinstance(value, dict) else value for name, value in over.items()}
    if "telegram" in over:
        over["telegram"] |= {"api_url": bot_api, "admins": [ADMIN]}
    found = problems(await look(configured(shop, bot_api, database, redis_url, **over)))
    assert list(found) == [what]
    assert part in found[what]
    assert "hidden" not in found[what]


async def test_no_pool_anywhere_is_told_with_both_ways(
    empty_database: str, bot_api: str, redis_url: str
) -> None:
    async with open_shop(empty_database, pools={}, start=datetime.now(UTC)) as shop:
        settings = configured(shop, bot_api, empty_database, redis_url, pools=[])
        found = problems(await look(settings))
    assert list(found) == ["pools"]
    assert "pools add" in found["pools"]
    assert "[[pools]]" in found["pools"]


async def test_everything_broken_at_once_hides_nothing(
    shop: Shop, bot_api: str, tmp_path: Path
) -> None:
    settings = configured(
        shop,
        "http://127.0.0.1:9",
        "postgresql://nobody@/none?host=/nowhere",
        "unix:///nowhere.sock",
        tron={"nodes": [{"url": "http://127.0.0.1:9"}]},
        payment={},
        pools=[{"address": POOL, "key_name": "hot"}],
        keys={"file": tmp_path / "none.json"},
        data_dir="/proc/nowhere",
    )
    found = problems(await look(settings))
    assert {name.split()[0] for name in found} == {
        *("data_dir", "database.url", "redis.url", "telegram.token", "tron.nodes.0"),
        *("keys.file", "pools.0", "payment.address"),
    }
    assert TOKEN not in str(found)


async def test_a_part_that_takes_too_long_or_breaks_hides_no_other() -> None:
    async def slow() -> list[Finding]:
        await asyncio.sleep(60)
        return []

    async def broken() -> list[Finding]:
        raise ValueError("the secret")

    async def well() -> list[Finding]:
        await asyncio.sleep(0)
        return [ok("well", "is")]

    found = await side_by_side(
        [("slow", slow()), ("broken", broken()), ("well", well())], seconds=0.1
    )
    assert [each.grade for each in found] == [Grade.FAIL, Grade.FAIL, Grade.OK]
    assert "the secret" not in str(found[1])


# ── prices ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("begins", "ends", "grades", "part"),
    [
        (None, None, {"prices": Grade.OK}, "valid now: 1 h for 40 sun, 24 h for 170 sun"),
        (
            None,
            timedelta(hours=-1),
            {"prices": Grade.OK, "prices, 24 h": Grade.FAIL},
            "expired at",
        ),
        (
            None,
            timedelta(hours=1),
            {"prices": Grade.OK, "prices, 24 h": Grade.WARN},
            "no price is valid from",
        ),
        (
            timedelta(hours=1),
            None,
            {"prices": Grade.OK, "prices, 24 h": Grade.WARN},
            "not valid yet",
        ),
    ],
)
async def test_a_price_that_expired(
    shop: Shop,
    bot_api: str,
    database: str,
    redis_url: str,
    begins: timedelta | None,
    ends: timedelta | None,
    grades: dict[str, Grade],
    part: str,
) -> None:
    now = shop.chain.head.time_ms / 1000
    at = {
        name: (datetime.fromtimestamp(now, UTC) + off).isoformat()
        for name, off in (("valid_from", begins), ("valid_until", ends))
        if off is not None
    }
    prices = [
        {"duration_hours": 1, "sun_per_energy": 40},
        {"duration_hours": 24, "sun_per_energy": 170, **at},
    ]
    findings = await look(configured(shop, bot_api, database, redis_url, prices=prices))
    found = {each.what: each.grade for each in findings if each.what.startswith("prices")}
    assert found == grades
    assert part in "\n".join(map(str, findings))


async def test_no_price_is_valid(shop: Shop, bot_api: str, database: str, redis_url: str) -> None:
    prices = [{"duration_hours": 1, "sun_per_energy": 40, "valid_until": "2020-01-01T00:00:00Z"}]
    found = problems(await look(configured(shop, bot_api, database, redis_url, prices=prices)))
    assert "nothing can be bought" in found["prices"]
    assert "expired at 2020-01-01 00:00 UTC" in found["prices, 1 h"]


# ── pools ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_permission_that_is_too_wide_is_warned_about_in_words(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    pools = [pool_of("wide"), pool_of("pool", permission_id=0, key=key_hex("pool"))]
    findings = await look(configured(shop, bot_api, database, redis_url, pools=pools))
    assert problems(findings) == {}
    warned = warnings(findings)
    assert "send its TRX away; change its permissions" in warned[f"pool {address('wide')}"]
    assert "do everything" in warned[f"pool {POOL}"]


async def test_a_permission_that_is_missing_is_shown_with_its_grant(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    settings = configured(shop, bot_api, database, redis_url, pools=[pool_of("narrow")])
    [said] = problems(await look(settings)).values()
    assert "adds permission 3, named energy" in said
    request = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert [each["id"] for each in request["actives"]] == [2, 3]
    assert request["actives"][1]["operations"] == bits(57, 58).hex()


async def test_a_pool_that_cannot_pay_for_its_transactions(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    settings = configured(shop, bot_api, database, redis_url, pools=[pool_of("broke")])
    what = f"pool {address('broke')}"
    assert "can pay for 2 transactions" in warnings(await look(settings))[what]
    for _ in range(2):
        shop.send(
            DelegateResource(address("broke"), address("ben"), TRX, Resource.ENERGY),
            "hot",
            permission_id=2,
        )
        shop.chain.produce_block()
    found = problems(await look(settings))
    assert "can pay for 0 transactions" in found[what]
    assert "Send it TRX" in found[what]


async def test_registered_pools_are_looked_at_too(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    registered = DeclaredPool(
        address=address("narrow"), permission_id=2, key_address=address("lost")
    )
    async with shop.database.transaction() as tx:
        await shop.services.pools.register(tx, registered)
    settings = configured(shop, bot_api, database, redis_url)
    findings = [each for each in await look(settings) if address("narrow") in each.what]
    said = "\n".join(map(str, findings))
    assert f"the key of {address('lost')}, which signs for it, is not here" in said
    assert "does not let" in said
    async with shop.database.transaction() as tx:
        changes = {"state": PoolState.DISABLED}
        await shop.services.pools.change(tx, address("narrow"), changes)
    assert problems(await look(settings)) == {}


async def test_pools_that_are_all_drained_sell_nothing(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    async with shop.database.transaction() as tx:
        await shop.services.pools.change(tx, POOL, {"state": PoolState.DRAINING})
    findings = await look(configured(shop, bot_api, database, redis_url))
    assert list(problems(findings)) == ["pools"]
    assert "pools enable" in warnings(findings)[f"pool {POOL}"]


# ── keys ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    KeyStore.create(path, Passphrase(WORDS), cost=QUICK).add("hot", key("hot"))
    return path


NAMED = [{"address": POOL, "permission_id": 2, "key_name": "hot"}]


async def test_a_store_that_opens(
    shop: Shop, bot_api: str, database: str, redis_url: str, key_file: Path
) -> None:
    keys = {"file": key_file, "passphrase": WORDS}
    findings = await look(configured(shop, bot_api, database, redis_url, pools=NAMED, keys=keys))
    assert problems(findings) == warnings(findings) == {}
    assert "so do its 1 keys" in "\n".join(map(str, findings))


@pytest.mark.parametrize(
    ("passphrase", "says"),
    [("another five words by chance", "does not open"), ("", "passphrase is not known")],
)
async def test_a_store_that_does_not_open(
    shop: Shop,
    bot_api: str,
    database: str,
    redis_url: str,
    key_file: Path,
    passphrase: str,
    says: str,
) -> None:
    keys = {"file": key_file, "passphrase": passphrase}
    settings = configured(shop, bot_api, database, redis_url, pools=NAMED, keys=keys)
    found = problems(await look(settings))
    assert list(found) == ["keys.file"]
    assert says in found["keys.file"]
    assert not passphrase or passphrase not in found["keys.file"]


async def test_a_store_that_others_may_read(
    shop: Shop, bot_api: str, database: str, redis_url: str, key_file: Path
) -> None:
    await asyncio.to_thread(key_file.chmod, 0o644)
    keys = {"file": key_file, "passphrase": WORDS}
    settings = configured(shop, bot_api, database, redis_url, pools=NAMED, keys=keys)
    assert "chmod 600" in problems(await look(settings))["keys.file"]


async def test_a_name_that_is_missing_and_a_key_without_a_use(
    shop: Shop, bot_api: str, database: str, redis_url: str, key_file: Path
) -> None:
    keys = {"file": key_file, "passphrase": WORDS}
    settings = configured(
        shop, bot_api, database, redis_url, keys=keys, refunds={"key_name": "wallet"}
    )
    # The pool has its key in the configuration, but it is the one in the store as well.
    findings = await look(settings)
    assert "no key wallet" in problems(findings)["refunds.key_name"]
    KeyStore.open(key_file, Passphrase(WORDS)).add("idle", key("idle"))
    assert "nothing uses the key idle" in warnings(await look(settings))["keys.file"]


# ── nodes and the clock ───────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def node_of(
    chain: LocalChain, *, clock_off: timedelta = timedelta(), faults: NodeFaults | None = None
) -> AsyncIterator[dict[str, str]]:
    """A node of a chain, as the settings name it; its HTTP server's clock may be wrong."""

    async def stamp(_: web.Request, response: web.StreamResponse) -> None:
        await asyncio.sleep(0)
        response.headers["Date"] = format_datetime(datetime.now(UTC) + clock_off, usegmt=True)

    async with AsyncExitStack() as stack:
        full, solid = node_app(chain, faults), solidity_app(chain, faults)
        full.on_response_prepare.append(stamp)
        yield {
            "url": await stack.enter_async_context(serve(full)),
            "solidity_url": await stack.enter_async_context(serve(solid)),
        }


def nodes_of(shop: Shop, *more: dict[str, str]) -> dict[str, Any]:
    first = {"url": shop.node_url, "solidity_url": shop.solidity_url}
    return {"nodes": [first, *more], "requests_per_second": 1000}


async def test_a_node_of_another_chain(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    other = new_chain({"another pool": 5}, start=datetime.now(UTC))
    try:
        async with node_of(other) as node:
            tron = nodes_of(shop, node)
            found = problems(await look(configured(shop, bot_api, database, redis_url, tron=tron)))
    finally:
        other.close()
    [(what, said)] = found.items()
    assert what.startswith("tron.nodes.1 127.0.0.1:")
    assert "the database was begun on" in said


async def test_a_database_of_another_chain(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    async with shop.database.transaction() as tx:
        await tx.values.put("chain.genesis", "f" * 64)
    found = problems(await look(configured(shop, bot_api, database, redis_url)))
    [said] = found.values()
    assert f"the database was begun on {'f' * 64}" in said


async def test_a_node_that_lags_sixty_blocks(database: str, bot_api: str, redis_url: str) -> None:
    start = datetime.now(UTC) - timedelta(seconds=180)
    behind = new_chain(CHAIN, start=start)
    try:
        async with open_shop(database, start=start) as shop, node_of(behind) as node:
            for _ in range(60):
                shop.chain.produce_block()
            tron = nodes_of(shop, node)
            found = problems(await look(configured(shop, bot_api, database, redis_url, tron=tron)))
    finally:
        behind.close()
    [(what, said)] = found.items()
    assert what.startswith("tron.nodes.1 ")
    assert "60 blocks behind the best node" in said


async def test_a_node_that_stands_still_is_not_taken_for_a_wrong_clock(
    database: str, bot_api: str, redis_url: str
) -> None:
    start = datetime.now(UTC) - timedelta(seconds=300)
    async with open_shop(database, start=start) as shop:
        found = problems(await look(configured(shop, bot_api, database, redis_url)))
    [(what, said)] = found.items()
    assert what.startswith("tron.nodes.0 ")
    assert re.search(r"that block is 3\d\d s old", said)


@pytest.mark.parametrize(
    ("off", "way"),
    [(-90, r"this machine's is (89|90|91) s ahead of the nodes'"), (90, "at least .* s behind")],
)
async def test_a_machine_with_a_wrong_clock(
    database: str, bot_api: str, redis_url: str, off: int, way: str
) -> None:
    """The chain and its node are right; so this machine's clock is off by the other way."""
    there = timedelta(seconds=off)
    async with (
        open_shop(database, start=datetime.now(UTC) + there) as shop,
        node_of(shop.chain, clock_off=there) as node,
    ):
        tron = {"nodes": [node], "requests_per_second": 1000}
        found = problems(await look(configured(shop, bot_api, database, redis_url, tron=tron)))
    assert list(found) == ["the clock"]
    assert re.search(way, found["the clock"])
    assert "timedatectl" in found["the clock"]


async def test_a_server_with_a_wrong_clock_is_not_this_machines_fault(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    async with node_of(shop.chain, clock_off=timedelta(seconds=45)) as node:
        tron = nodes_of(shop, node)
        findings = await look(configured(shop, bot_api, database, redis_url, tron=tron))
    assert problems(findings) == {}
    assert re.search(r"tron\.nodes\.1 .* \(\+4[456] s\)", warnings(findings)["the clock"])


@pytest.mark.parametrize(
    ("age", "ahead", "grade"),
    [
        (3.0, (0.2, 0.4), Grade.OK),
        (3.0, (), Grade.OK),
        (25.0, (), Grade.FAIL),
        (25.0, (0.2, 45.0), Grade.WARN),  # the node is behind, and one server's clock is wrong
        (25.0, (-24.0, -25.0), Grade.FAIL),
        (3.0, (45.0,), Grade.WARN),
        (-12.0, (0.0,), Grade.FAIL),  # no block is made before its time
    ],
)
def test_whose_clock_is_wrong(age: float, ahead: tuple[float, ...], grade: Grade) -> None:
    reports = [
        NodeReport(f"node {number}", age_seconds=age, ahead_seconds=each)
        for number, each in enumerate(ahead or (None,))
    ]
    assert judge_clock(reports).grade is grade


@pytest.mark.parametrize("fault", [NodeFault.UNAVAILABLE, NodeFault.TRUNCATED])
async def test_a_silent_node_is_told_though_the_other_serves(
    shop: Shop, bot_api: str, database: str, redis_url: str, fault: NodeFault
) -> None:
    faults = NodeFaults()
    faults.plan(fault, 10_000)
    async with node_of(shop.chain, faults=faults) as node:
        tron = nodes_of(shop, node)
        found = problems(await look(configured(shop, bot_api, database, redis_url, tron=tron)))
    [what] = found
    assert what.startswith("tron.nodes.1 ")


async def test_a_node_without_solid_blocks_at_its_url(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    tron = {"nodes": [{"url": shop.node_url}], "requests_per_second": 1000}
    found = problems(await look(configured(shop, bot_api, database, redis_url, tron=tron)))
    assert "set solidity_url" in next(iter(found.values()))


@pytest.mark.parametrize(
    ("first", "second", "grades"),
    [
        (7, 0, [Grade.OK, Grade.FAIL]),
        (0, 0, [Grade.OK, Grade.OK]),
        (7, 5, [Grade.OK, Grade.OK]),
    ],
)
async def test_a_node_that_keeps_no_internal_transactions_is_known_by_the_other(
    shop: Shop, first: int, second: int, grades: list[Grade]
) -> None:
    head = (await shop.node.head()).ref
    solid = await shop.node.solid_head()
    reports = [
        NodeReport(
            f"node {number}",
            head=head,
            solid=solid,
            genesis="g",
            ahead_seconds=0.0,
            contract_transfers=found,
        )
        for number, found in enumerate((first, second))
    ]
    judged = [each for each in judge(reports, known_genesis="g") if "contracts" in each.what]
    assert [each.grade for each in judged] == grades


async def test_a_node_that_tells_of_trx_moved_by_contracts(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    settings = configured(shop, bot_api, database, redis_url)

    async def said() -> str:
        [found] = [each for each in await look(settings) if "contracts" in each.what]
        return found.says

    assert "cannot be told" in await said()
    shop.send(
        TriggerSmartContract(
            address("holder"), PAYOUT, pay_data([(address("ben"), 7)]), call_value=7
        ),
        "holder",
    )
    for _ in range(19):
        shop.chain.produce_block()
    assert await said() == "it keeps internal transactions"


# ── the database ──────────────────────────────────────────────────────────────────────────────


async def test_an_empty_database_stays_empty(
    shop: Shop, bot_api: str, empty_database: str, redis_url: str
) -> None:
    findings = await look(configured(shop, bot_api, empty_database, redis_url))
    assert problems(findings) == {}
    assert "its tables are made at the first start" in "\n".join(map(str, findings))
    again = await look(configured(shop, bot_api, empty_database, redis_url))
    assert "its tables are made at the first start" in "\n".join(map(str, again))


async def test_the_tables_of_another_version(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    async with shop.database.transaction() as tx:
        await tx.values.put("schema", "0123456789abcdef")
    found = problems(await look(configured(shop, bot_api, database, redis_url)))
    assert "another version" in found["database.url"]


async def test_an_embedded_database_that_cannot_be_joined(
    shop: Shop, bot_api: str, redis_url: str
) -> None:
    settings = configured(shop, bot_api, "", redis_url)

    @asynccontextmanager
    async def in_use() -> AsyncIterator[str | None]:
        if settings.database.url is None:
            raise DatabaseUnavailable("another program uses it")
        yield None

    async with node_client(settings) as node:
        found = problems(await examine(settings, node, in_use))
    assert "another program uses it" in found["database.url"]


# ── the command ───────────────────────────────────────────────────────────────────────────────


def checked(settings: Settings, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if "ENERGY_FLASH" not in name}
    pools = [
        {"address": pool.address, "permission_id": 2, "key": key_hex("hot")}
        for pool in settings.pools
    ]
    ours = {
        "TELEGRAM__TOKEN": TOKEN,
        "TELEGRAM__API_URL": settings.telegram.api_url,
        "TRON__NODES": json.dumps(
            [each.model_dump(exclude={"api_key"}) for each in settings.tron.nodes]
        ),
        "PAYMENT__ADDRESS": str(settings.payment.address),
        "POOLS": json.dumps(pools),
        "DATA_DIR": str(folder),
        "KEYS__PASSPHRASE": WORDS,
    }
    return subprocess.run(
        [sys.executable, "-m", "cli", "check", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(cli.__file__).parent,
        env=kept | {f"ENERGY_FLASH_{name}": value for name, value in ours.items()},
    )


async def test_the_command_before_the_first_start_beside_a_running_shop_and_after_it(
    shop: Shop, bot_api: str, server_folder: Path
) -> None:
    settings = configured(shop, bot_api, "", "")
    run: Callable[..., subprocess.CompletedProcess[str]] = checked
    new = await asyncio.to_thread(run, settings, server_folder, "--json")
    assert new.returncode == cli.OK, new.stdout
    told = {each["what"]: each for each in json.loads(new.stdout)}
    assert "made at the first start" in told["database.url"]["says"]
    assert {each["grade"] for each in told.values()} <= {"ok", "warn"}
    assert await asyncio.to_thread(os.listdir, server_folder) == []
    async with (
        EmbeddedPostgres(server_folder / "postgres", durable=False) as postgres,
        Database(postgres.dsn),
    ):
        beside = await asyncio.to_thread(run, settings, server_folder)
    assert (beside.returncode, "tables of this version" in beside.stdout) == (cli.OK, True)
    shop.faults.plan(NodeFault.UNAVAILABLE, 10_000)
    after = await asyncio.to_thread(run, settings, server_folder)
    assert (after.returncode, "tables of this version" in after.stdout) == (cli.FAILURE, True)
    assert "FAIL  tron.nodes.0" in after.stdout
    for said in (new, beside, after):
        for secret in (TOKEN, WORDS, key_hex("hot")):
            assert secret not in said.stdout + said.stderr


@pytest.mark.parametrize(
    ("refunds", "says"),
    [
        ({}, "no wallet: refunds wait until you send them by hand"),
        ({"key": key_hex("wallet")}, "has 200 TRX, at most 500 TRX are sent in a day"),
        ({"key": key_hex("payments")}, "is the payment address or a pool"),
        ({"key": key_hex("nobody")}, "is not activated"),
        ({"key": key_hex("poor")}, "has 1 TRX"),
        (
            {"key": key_hex("ben"), "address": address("wallet")},
            "permission 0 of .* does not let .* sign alone",
        ),
    ],
)
async def test_the_refund_wallet(
    shop: Shop, bot_api: str, database: str, redis_url: str, refunds: dict[str, Any], says: str
) -> None:
    settings = configured(shop, bot_api, database, redis_url, refunds=refunds)
    [said] = [str(each) for each in await look(settings) if each.what == "refunds"]
    assert re.search(says, said)
