"""Orders that are cancelled, rentals that are prolonged or ended early."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import httpx

from services.api_keys import Scope
from tests.api.conftest import Api
from tests.api.purchases import create, deliver, give, pay, price_id, read, refused, view
from tests.support.shop import OTHER_USER, TRX, USER


async def test_an_unpaid_order_is_cancelled_once(api: Api, program: httpx.AsyncClient) -> None:
    placed, seen = await create(api, program), await create(api, program)
    path = f"/orders/{placed['orderId']}/cancel"
    theirs = await api.client(await api.secret(OTHER_USER))
    refused(await theirs.post(path), 404, "order_unknown")
    first, again = await program.post(path), await program.post(path)
    assert read(first)["data"]["status"] == "cancelled"
    assert read(first) == read(again)
    await pay(api, seen["orderId"])
    await api.shop.block()
    path = f"/orders/{seen['orderId']}/cancel"
    refused(await program.post(path), 409, "payment_in_sight")
    await api.shop.block(3)
    refused(await program.post(path), 409, "order_not_open")


async def test_a_rental_is_prolonged_for_the_price_that_was_told(
    api: Api, program: httpx.AsyncClient
) -> None:
    rental = await deliver(api, program)
    path = f"/orders/{rental['orderId']}"
    offers = read(await program.get(f"{path}/extensions"))["data"]
    assert [each["durationHours"] for each in offers["offers"]] == [1, 24, 72]
    day = offers["offers"][1]
    cheap = {"durationHours": 24, "maximumTrx": str(day["priceTrx"] - Decimal("0.000001"))}
    facts = refused(await program.post(f"{path}/extend", json=cheap), 409, "price_above_maximum")
    assert facts == {"priceTrx": day["priceTrx"]}

    asked = {"priceConfigId": day["priceConfigId"], "maximumTrx": str(day["priceTrx"])}
    placed = read(await program.post(f"{path}/extend", json=asked))["data"]
    assert (placed["status"], placed["origin"]) == ("pending", "extension")
    assert placed["extendsOrderId"] == rental["orderId"]
    assert 0 < placed["trxAmount"] - day["priceTrx"] < Decimal("0.01")
    # The same again is the same order, also for the very price that it was offered for.
    for again in (asked, {"durationHours": 24}):
        same = read(await program.post(f"{path}/extend", json=again))["data"]
        assert same["orderId"] == placed["orderId"]
    refused(await program.post(f"{path}/extend", json=cheap), 409, "price_above_maximum")
    facts = refused(
        await program.post(f"{path}/extend", json={"durationHours": 72}), 409, "extension_open"
    )
    assert facts["orderId"] == placed["orderId"]
    refused(await program.get(f"{path}/extensions"), 409, "extension_open")
    refused(await program.post(f"{path}/end"), 409, "extension_open")

    await pay(api, placed["orderId"])
    await api.shop.block(3)
    longer = read(await program.get(path))["data"]
    assert longer["expiresAt"] == day["expiresAt"]
    assert (longer["extendedHours"], longer["extensionsTrx"]) == (24, placed["trxAmount"])


async def test_a_rental_is_prolonged_from_the_balance_once(
    api: Api, program: httpx.AsyncClient
) -> None:
    rental = await deliver(api, program)
    await give(api, 100 * TRX)
    path = f"/orders/{rental['orderId']}/extend"
    asked = {"durationHours": 1, "payFromBalance": True}
    headers = {"Idempotency-Key": "one-hour"}
    only_orders = await api.client(await api.secret(scopes=frozenset({Scope.ORDER})))
    facts = refused(await only_orders.post(path, json=asked), 403, "scope_missing")
    assert facts == {"scope": "spend"}
    first, second = await asyncio.gather(
        *(program.post(path, json=asked, headers=headers) for _ in range(2))
    )
    assert first.content == second.content
    placed = read(first)["data"]
    assert placed["status"] == "paid"
    await api.shop.block(2)
    # As a process leaves it that dies between the payment and its answer, the hour being given.
    async with api.shop.database.transaction() as tx:
        await tx.connection.execute(
            """
            UPDATE api_requests SET status = NULL, answer = NULL, content_type = NULL,
                answered_at = NULL, holder = gen_random_uuid(), held_until = now()
            """
        )
    again = read(await program.post(path, json=asked, headers=headers))["data"]
    assert (again["orderId"], again["status"]) == (placed["orderId"], "completed")
    await api.shop.block(2)
    assert read(await program.get(f"/orders/{rental['orderId']}"))["data"]["extendedHours"] == 1
    assert await api.shop.balance() == 100 * TRX - int(placed["trxAmount"] * TRX)


async def test_what_cannot_be_prolonged_or_ended_says_why(
    api: Api, program: httpx.AsyncClient
) -> None:
    placed = await create(api, program)
    path = f"/orders/{placed['orderId']}"
    more = {"durationHours": 1}
    theirs = await api.client(await api.secret(OTHER_USER))
    refused(await theirs.post(f"{path}/extend", json=more), 404, "order_unknown")
    refused(await theirs.post(f"{path}/end"), 404, "order_unknown")
    refused(await theirs.get(f"{path}/extensions"), 404, "order_unknown")
    refused(await program.post(f"{path}/extend", json=more), 409, "rental_not_running")
    refused(await program.get(f"{path}/extensions"), 409, "rental_not_running")
    refused(await program.post(f"{path}/end"), 409, "rental_not_running")
    refused(await program.get(f"{path}/end"), 409, "rental_not_running")
    rental = await deliver(api, program)
    path = f"/orders/{rental['orderId']}/extend"
    refused(await program.post(path, json={"durationHours": 2}), 422, "price_unknown")
    refused(await program.post(path, json={"priceConfigId": "x"}), 422, "price_unknown")
    both = {"durationHours": 1, "priceConfigId": await price_id(api)}
    refused(await program.post(path, json=both), 422, "invalid_request")
    refused(await program.post(path, json={}), 422, "invalid_request")
    facts = refused(
        await program.post(path, json=more | {"payFromBalance": True}), 402, "balance_too_small"
    )
    assert facts == {}
    assert (await view(api, rental["orderId"])).extended.total_seconds() == 0


async def test_an_early_end_tells_what_comes_back_and_pays_it(
    api: Api, program: httpx.AsyncClient
) -> None:
    rental = await deliver(api, program)
    api.shop.advance(1_797)
    await api.shop.block()
    path = f"/orders/{rental['orderId']}/end"
    offered = read(await program.get(path))["data"]
    assert offered["paidTrx"] == rental["trxAmount"]
    assert offered["mostTrx"] * TRX == int(rental["trxAmount"] * TRX) // 4
    ended = read(await program.post(path))["data"]
    assert ended["mostTrx"] == offered["mostTrx"]
    assert ended["order"]["endedEarlyAt"] is not None
    again = read(await program.post(path))["data"]
    assert again["mostTrx"] is None
    assert again["order"]["endedEarlyAt"] == ended["order"]["endedEarlyAt"]
    await api.shop.block(3)
    over = read(await program.get(f"/orders/{rental['orderId']}"))["data"]
    assert over["stage"] == "ended"
    assert over["earlyCreditTrx"] == offered["mostTrx"]
    assert await api.shop.balance(USER) == over["earlyCreditTrx"] * TRX
    assert len(over["reclaimTxids"]) == 1
