"""What every request goes through: keys, ids, sizes, JSON, and the answers to what is wrong."""

from __future__ import annotations

import logging
from datetime import timedelta
from ipaddress import ip_network
from uuid import uuid4

import httpx
import pytest

from api.problems import STATUS, Code
from api.words import LANGUAGES, language_of
from services.api_keys import Scope
from services.log_context import subject
from services.prices import PriceList
from tests.api.conftest import Api
from tests.support.shop import OTHER_USER, USER, address


async def test_without_a_key_anybody_learns_prices_and_availability(
    stranger: httpx.AsyncClient,
) -> None:
    prices = (await stranger.get("/prices")).json()
    assert prices["success"] is True
    assert [price["durationHours"] for price in prices["data"]] == [1, 24, 72]
    assert prices["data"][0]["unitPrice"] == 0.00004
    available = (await stranger.get("/availability")).json()
    assert available["data"]["availableEnergy"] > 400_000
    assert (await stranger.get("/health")).json() == {"success": True, "status": "ok"}


async def test_a_key_opens_the_door_in_either_header(api: Api) -> None:
    secret = await api.secret()
    asking = await api.client("")
    for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}):
        answer = await asking.get("/orders", headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"] == {"orders": [], "page": 1, "pages": 1}


async def code_with(api: Api, secret: str) -> str:
    answer = await (await api.client(secret)).get("/orders")
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["success"] is False
    assert answer.status_code == STATUS[Code(problem["code"])]
    return str(problem["code"])


async def test_a_key_that_opens_nothing_says_why_to_whoever_knows_it(api: Api) -> None:
    keys = api.shop.services.api_keys
    assert await code_with(api, "") == "key_missing"
    assert await code_with(api, "ef_key_nonsense") == "key_unknown"
    secret = await api.secret()
    assert await code_with(api, secret[:-1] + ("a" if secret[-1] != "a" else "b")) == "key_unknown"
    assert await code_with(api, await api.secret(lasts=timedelta(0))) == "key_expired"
    elsewhere = await api.secret(networks=[ip_network("203.0.113.0/24")])
    assert await code_with(api, elsewhere) == "key_network"
    only_spends = await api.secret(scopes=frozenset({Scope.SPEND}))
    assert await code_with(api, only_spends) == "scope_missing"
    key = await keys.recognise(secret, "127.0.0.1")
    assert not await keys.revoke(OTHER_USER, key.id)
    assert await keys.revoke(USER, key.id)
    assert await code_with(api, secret) == "key_revoked"


async def test_every_key_sees_only_the_orders_of_its_customer(api: Api) -> None:
    order = await api.shop.order()
    mine, theirs = await api.client(), await api.client(await api.secret(OTHER_USER))
    seen = (await mine.get(f"/orders/{order.id}")).json()["data"]
    assert seen["orderId"] == str(order.id)
    assert seen["number"] == order.number
    assert round(seen["trxAmount"] * 1_000_000) == order.amount_sun
    assert (await theirs.get(f"/orders/{order.id}")).json()["code"] == "order_unknown"
    assert (await theirs.get("/orders")).json()["data"]["orders"] == []


async def test_a_request_has_an_id_its_own_or_ours(program: httpx.AsyncClient) -> None:
    ours = await program.get(f"/orders/{uuid4()}")
    assert ours.headers["x-request-id"] == ours.json()["instance"]
    theirs = await program.get("/orders", headers={"X-Request-Id": "shop-17.retry-2"})
    assert theirs.headers["x-request-id"] == "shop-17.retry-2"


async def test_whatever_is_logged_for_a_request_names_it(
    api: Api, program: httpx.AsyncClient
) -> None:
    logged: list[object] = []

    class Note(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            logged.append((record.name, subject().get("request")))

    note, log = Note(), logging.getLogger("services.orders")
    level = log.level
    log.addHandler(note)
    log.setLevel(logging.INFO)
    try:
        price = (await program.get("/prices")).json()["data"][0]["priceConfigId"]
        asked = {"recipientAddress": address("ann"), "trxAmount": 6, "priceConfigId": price}
        await program.post("/create", json=asked, headers={"X-Request-Id": "shop-17.order"})
    finally:
        log.removeHandler(note)
        log.setLevel(level)
    assert logged == [("services.orders", "shop-17.order")]


async def test_a_fault_of_ours_is_logged_and_answered_with_the_id_of_the_request(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(self: PriceList) -> None:
        raise RuntimeError("as nobody thought of")

    monkeypatch.setattr(PriceList, "on_offer", broken)
    stranger = await api.client("")
    answer = await stranger.get("/prices", headers={"X-Request-Id": "shop-17.prices"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["x-request-id"] == answer.json()["instance"] == "shop-17.prices"
    assert "nobody thought of" not in answer.text
    [logged] = [record for record in caplog.records if record.name == "api.gate"]
    assert logged.exc_info


async def test_what_is_not_there_is_told_so(program: httpx.AsyncClient) -> None:
    assert (await program.get("/nothing")).json()["code"] == "not_found"
    answer = await program.delete("/orders")
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET"
    invalid = (await program.get("/orders/17x")).json()
    assert invalid["code"] == "invalid_request"
    assert invalid["errors"][0]["field"] == "orderId"


async def test_a_problem_speaks_the_language_that_is_asked_for(program: httpx.AsyncClient) -> None:
    answer = await program.get("/orders?page=no", headers={"Accept-Language": "zh-CN,en;q=0.5"})
    assert answer.headers["content-language"] == "zh"
    assert answer.json()["error"] == "请求内容有误，详见 errors。"
    assert answer.json()["errors"] == [
        {"field": "page", "code": "int_parsing", "message": "应为整数"}
    ]


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "en"),
        ("zh", "zh"),
        ("zh-Hans-CN, en", "zh"),
        ("en;q=0.2, zh;q=0.9", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=...", "en"),
    ],
)
def test_the_preferred_language_of_ours_is_spoken(accept: str | None, language: str) -> None:
    assert language_of(accept) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_words(language: str) -> None:
    words = LANGUAGES[language]
    assert set(words.titles) == set(words.sentences) == set(Code) == set(STATUS)
