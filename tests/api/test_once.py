"""What changes something is done once: in parallel, one after the other, and after a crash."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

from services.api_keys import Scope
from services.api_requests import Answer, ApiRequests
from services.order_history import read_history
from tests.api.conftest import Api
from tests.support.shop import OTHER_USER, address


async def body(api: Api, **more: Any) -> dict[str, Any]:
    prices = await api.shop.services.quotes.prices()
    return {
        "recipientAddress": address("ann"),
        "trxAmount": 6,
        "priceConfigId": prices[0].id,
        **more,
    }


async def orders_of(api: Api) -> int:
    async with api.shop.database.transaction() as tx:
        count: int = await tx.connection.fetchval("SELECT count(*) FROM energy_flash_orders")
    return count


async def test_two_identical_requests_at_a_time_place_one_order(api: Api) -> None:
    program = await api.client()
    asked = await body(api)
    headers = {"Idempotency-Key": "cart-17"}
    first, second = await asyncio.gather(
        *(program.post("/create", json=asked, headers=headers) for _ in range(2))
    )
    assert first.status_code == 200, first.text
    assert first.content == second.content
    assert ["idempotent-replayed" in each.headers for each in (first, second)].count(True) == 1
    assert await orders_of(api) == 1


async def test_one_name_for_an_order_places_one_order(api: Api) -> None:
    program = await api.client()
    first = await program.post("/create", json=await body(api, clientOrderId="invoice 2041"))
    again = await program.post("/create", json=await body(api, clientOrderId="invoice 2041"))
    assert first.json()["order"]["clientOrderId"] == "invoice 2041"
    assert first.json() == again.json()
    async with api.shop.database.transaction() as tx:
        [row] = await tx.orders.by_ids([UUID(first.json()["orderId"])])
        [ordered, *_] = await read_history(tx, row)
    # What the staff read of it.
    assert (ordered.name, ordered.reason) == ("a test's", "invoice 2041")
    other = await program.post(
        "/create", json=await body(api, clientOrderId="invoice 2041", trxAmount="6.5")
    )
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert await orders_of(api) == 1


async def test_the_names_of_one_customer_are_not_those_of_another(api: Api) -> None:
    mine, theirs = await api.client(), await api.client(await api.secret(OTHER_USER))
    headers = {"Idempotency-Key": "1"}
    first = await mine.post("/create", json=await body(api), headers=headers)
    second = await theirs.post("/create", json=await body(api), headers=headers)
    assert first.json()["orderId"] != second.json()["orderId"]


async def test_what_failed_may_be_tried_again_with_the_same_key(api: Api) -> None:
    program = await api.client()
    headers = {"Idempotency-Key": "2"}
    for _ in range(2):
        answer = await program.post("/create", json=await body(api, trxAmount=1), headers=headers)
        assert answer.json()["code"] == "amount_too_small"
        assert answer.json()["facts"]["priceTrx"] > 1


async def test_an_order_whose_answer_was_lost_in_a_crash_is_found_again(api: Api) -> None:
    program = await api.client()
    asked = await body(api)
    headers = {"Idempotency-Key": "3"}
    first = await program.post("/create", json=asked, headers=headers)
    # As a process leaves it that dies between the order and its answer.
    async with api.shop.database.transaction() as tx:
        await tx.connection.execute(
            """
            UPDATE api_requests SET status = NULL, answer = NULL, content_type = NULL,
                answered_at = NULL, holder = gen_random_uuid(), held_until = now()
            """
        )
    again = await program.post("/create", json=asked, headers=headers)
    assert again.json()["orderId"] == first.json()["orderId"]
    assert await orders_of(api) == 1


async def test_whoever_repeats_a_request_waits_for_the_first(api: Api) -> None:
    requests = ApiRequests(api.shop.database)
    begun, go_on = asyncio.Event(), asyncio.Event()
    done: list[UUID] = []

    async def slow(request_id: UUID) -> Answer:
        begun.set()
        await go_on.wait()
        done.append(request_id)
        return Answer(200, b"{}", "application/json")

    async def ask() -> Any:
        return await requests.once(7_000_001, "slow", b"x", slow, is_final=lambda _: True)

    first = asyncio.create_task(ask())
    await begun.wait()
    second = asyncio.create_task(ask())
    await asyncio.sleep(0.2)
    assert not second.done()
    go_on.set()
    assert (await first)[1] is False
    assert (await second)[1] is True
    assert len(done) == 1


async def test_a_key_without_the_scope_places_nothing(api: Api) -> None:
    program = await api.client(await api.secret(scopes=frozenset({Scope.READ})))
    answer = await program.post(
        "/create", json=await body(api), headers={"Idempotency-Key": str(uuid4())}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert await orders_of(api) == 0
