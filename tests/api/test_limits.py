"""How often programs may ask, also while Redis is away."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.limits import RateTerms
from embedded import EmbeddedValkey
from tests.api.conftest import Api, open_api
from tests.support.shop import OTHER_USER, open_shop


@pytest.fixture
async def narrow(database: str, redis_url: str) -> AsyncIterator[Api]:
    """An API with narrow bounds."""
    async with (
        open_shop(database) as shop,
        open_api(shop, redis_url, rates=RateTerms(per_key=4, per_address=40)) as opened,
    ):
        yield opened


async def test_a_key_is_bounded_and_another_is_not_held_up_by_it(narrow: Api) -> None:
    busy, calm = await narrow.client(), await narrow.client(await narrow.secret(OTHER_USER))
    for left in (3, 2, 1, 0):
        answer = await busy.get("/orders")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-limit"] == "4"
        assert answer.headers["ratelimit-remaining"] == str(left)
        assert 0 < int(answer.headers["ratelimit-reset"]) <= 120
    refused = await busy.get("/orders")
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["retry-after"] == str(refused.json()["facts"]["seconds"])
    assert (await calm.get("/orders")).status_code == 200


async def test_guessing_keys_soon_ends_for_an_address_but_probes_go_on(narrow: Api) -> None:
    guessing = await narrow.client(f"ef_key_{'a' * 12}_{'b' * 43}")
    statuses = [(await guessing.get("/orders")).status_code for _ in range(4)]
    assert statuses == [401, 401, 429, 429]
    stranger = await narrow.client("")
    assert (await stranger.get("/prices")).status_code == 429
    assert (await stranger.get("/health")).status_code == 200


async def test_without_redis_the_api_answers_and_is_stricter(
    database: str, server_folder: Path
) -> None:
    async with (
        EmbeddedValkey(server_folder / "valkey", durable=False) as valkey,
        open_shop(database) as shop,
        open_api(shop, valkey.url, rates=RateTerms(per_key=8, per_address=1_000)) as api,
    ):
        program = await api.client()
        assert (await program.get("/orders")).headers["ratelimit-limit"] == "8"
        assert valkey.pid is not None
        # It hangs: a request must not.
        os.kill(valkey.pid, signal.SIGSTOP)
        try:
            answers = [await program.get("/orders") for _ in range(3)]
        finally:
            os.kill(valkey.pid, signal.SIGCONT)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-limit"] == "2"


async def test_a_body_is_bounded_whether_it_says_its_length_or_not(api: Api) -> None:
    program = await api.client()
    large = b" " * 70_000

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield large[:1000]

    json_type = {"Content-Type": "application/json"}
    for content in (large, pieces()):
        answer = await program.post("/create", content=content, headers=json_type)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_what_takes_too_long_ends_with_an_answer(database: str, redis_url: str) -> None:
    async with open_shop(database) as shop, open_api(shop, redis_url, seconds=0.5) as api:
        program = await api.client()
        async with shop.database.transaction() as tx:
            await tx.connection.execute("LOCK TABLE energy_flash_orders")
            answer = await program.get("/orders")
    assert (answer.status_code, answer.json()["code"]) == (503, "timed_out")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"trxAmount": NaN}',
        b'{"trxAmount": 1e999999999}',
        b"9" * 5_000,
        b"\xff\xfe",
        b"[" * 20_000,
        b'"text"',
        b"null",
        b'{"trxAmount": true, "recipientAddress": "\\u0000", "priceConfigId": {}}',
    ],
)
async def test_no_body_makes_the_api_stumble(api: Api, body: bytes) -> None:
    program = await api.client()
    answer = await program.post(
        "/create", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["code"] in ("invalid_json", "invalid_request")
