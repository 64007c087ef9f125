"""`energy-flash check`: what it finds in good order, and how it says what to mend."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from checkup import Finding, examine
from sandbox.telegram import Bot as BotAccount
from sandbox.telegram import LocalTelegram, bot_api_app
from sandbox.tron.faults import NodeFault
from settings import Settings, load
from tests.support.shop import Shop, address, key_hex, open_shop, serve

TOKEN = "42:test"


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as opened:
        yield opened


@pytest.fixture
async def bot_api() -> AsyncIterator[str]:
    telegram = LocalTelegram(BotAccount(TOKEN), [])
    try:
        async with serve(bot_api_app(telegram)) as url:
            yield url
    finally:
        telegram.close()


def configured(
    shop: Shop, bot_api: str, database_url: str, redis_url: str, **over: Any
) -> Settings:
    sections: dict[str, Any] = {
        "telegram": {"token": TOKEN, "api_url": bot_api},
        "tron": shop.settings.tron,
        "payment": {"address": address("payments")},
        "pools": [{"address": address("pool"), "permission_id": 2, "key": key_hex("hot")}],
        "database": {"url": database_url},
        "redis": {"url": redis_url},
    }
    return load(**(sections | over))


def problems(findings: list[Finding]) -> dict[str, str]:
    return {finding.what: str(finding) for finding in findings if not finding.well}


async def test_a_shop_in_good_order(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    findings = await examine(configured(shop, bot_api, database, redis_url), shop.node)
    assert problems(findings) == {}
    said = "\n".join(map(str, findings))
    assert "permission 2 can delegate, and nothing else" in said
    assert "50,000 TRX of stake can be delegated now" in said


@pytest.mark.parametrize(
    ("over", "what", "part"),
    [
        ({"telegram": {"token": "43:other"}}, "telegram.token", "BotFather"),
        ({"payment": {"address": address("nobody")}}, "payment.address", "not activated"),
        ({"pools": []}, "pools", "none"),
        (
            {"pools": [{"address": address("pool"), "permission_id": 5, "key": key_hex("hot")}]},
            f"pool {address('pool')}",
            "has no permission 5",
        ),
        (
            {"pools": [{"address": address("pool"), "permission_id": 2, "key": key_hex("ann")}]},
            f"pool {address('pool')}",
            "does not let",
        ),
        (
            {"pools": [{"address": address("nobody"), "permission_id": 2, "key": key_hex("hot")}]},
            f"pool {address('nobody')}",
            "not activated",
        ),
        (
            {"pools": [{"address": address("ben"), "permission_id": 0, "key": key_hex("ben")}]},
            f"pool {address('ben')}",
            "Stake TRX",
        ),
        ({"redis": {"url": "unix:///nowhere.sock"}}, "redis.url", "Start that Redis"),
        (
            {"database": {"url": "postgresql://nobody@/none?host=/nowhere"}},
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
        over["telegram"]["api_url"] = bot_api
    settings = configured(shop, bot_api, database, redis_url, **over)
    found = problems(await examine(settings, shop.node))
    assert list(found) == [what]
    assert part in found[what]


async def test_an_owner_key_works_but_is_warned_about(
    shop: Shop, bot_api: str, database: str, redis_url: str
) -> None:
    pools = [{"address": address("pool"), "permission_id": 0, "key": key_hex("pool")}]
    findings = await examine(configured(shop, bot_api, database, redis_url, pools=pools), shop.node)
    assert problems(findings) == {}
    assert any("could move all TRX" in str(finding) for finding in findings)


async def test_a_silent_node_and_a_silent_telegram_are_told_apart(
    shop: Shop, database: str, redis_url: str
) -> None:
    shop.faults.plan(NodeFault.UNAVAILABLE, 10)
    settings = configured(shop, "http://127.0.0.1:9", database, redis_url)
    found = problems(await examine(settings, shop.node))
    assert set(found) == {"telegram.token", "tron.nodes"}
    assert TOKEN not in found["telegram.token"]


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
    [said] = [str(each) for each in await examine(settings, shop.node) if each.what == "refunds"]
    assert re.search(says, said)
