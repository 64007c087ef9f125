"""A whole purchase by a program, and everything that an order is refused for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from api.application import PREFIX
from services.api_keys import Scope
from tests.api.conftest import Api
from tests.api.purchases import (
    TRANSFER,
    UNIT,
    create,
    deliver,
    give,
    pay,
    price_id,
    read,
    refused,
)
from tests.support.shop import OTHER_USER, TRX, USER, address


async def test_a_whole_purchase(api: Api, program: httpx.AsyncClient) -> None:
    recipient = address("ann")
    prices = (await program.get("/prices")).json()["data"]
    calculated = read(
        await program.post(
            "/calculate",
            json={
                "trxAmount": "6",
                "priceConfigId": prices[0]["priceConfigId"],
                "recipientAddress": recipient,
            },
        )
    )["data"]
    # The specification's section 7.2: floor(floor(TRX / unit price) / energy of one).
    energy = 6 * TRX // UNIT
    assert calculated["transactionCount"] == energy // TRANSFER == 2
    assert calculated["energyPerTransaction"] == calculated["energyOfNext"] == TRANSFER
    assert calculated["totalEnergy"] == 2 * TRANSFER
    assert float(calculated["unitPrice"]) == UNIT / TRX
    assert calculated["priceTrx"] * TRX == 2 * TRANSFER * UNIT

    placed = read(
        await program.post(
            "/create",
            json={
                "userId": str(USER),
                "recipientAddress": recipient,
                "trxAmount": 6,
                "priceConfigId": prices[0]["priceConfigId"],
                "paymentAddress": address("payments"),
                "clientOrderId": "cart 1",
            },
        )
    )
    order, amount = placed["order"], placed["order"]["trxAmount"]
    assert placed["success"] is True
    assert 0 < amount - calculated["priceTrx"] < 1
    assert (order["totalEnergy"], order["status"]) == (2 * TRANSFER, "pending")

    watched = {
        "paymentAddress": order["paymentAddress"],
        "expectedAmount": str(amount),
        "orderId": placed["orderId"],
    }
    begun = read(await program.post("/monitor", json=watched))
    assert begun["monitorId"] == placed["monitorId"]
    assert begun["monitor"]["status"] == "monitoring"
    assert begun["monitor"]["expectedAmount"] == amount

    txid = await pay(api, placed["orderId"])
    await api.shop.block()
    seen = read(await program.post("/monitor", json=watched))["monitor"]
    assert (seen["status"], seen["txid"], seen["actualAmount"]) == ("monitoring", txid, amount)
    await api.shop.block(3)
    confirmed = read(await program.post("/monitor", json=watched))["monitor"]
    assert confirmed["status"] == "confirmed"
    assert confirmed["confirmations"] == 3

    status = read(await program.get(f"/status/{placed['orderId']}"))["data"]
    assert (status["status"], status["stage"]) == ("completed", "delivered")
    assert (status["id"], status["userId"]) == (placed["orderId"], str(USER))
    assert (status["paymentTxid"], status["transactionCount"]) == (txid, 2)
    assert status["monitor"] == confirmed
    [delegation] = status["delegations"]
    assert status["delegationTxids"] == [delegation["txId"]]
    assert (delegation["status"], delegation["energyAmount"]) == ("active", 2 * TRANSFER)
    assert api.shop.delegated_sun("pool", "ann") > 0
    by_number = await program.get("/status", params={"orderId": order["number"]})
    assert read(by_number)["data"]["orderId"] == placed["orderId"]
    by_name = await program.get("/status", params={"clientOrderId": "cart 1"})
    assert read(by_name)["data"] == read(by_number)["data"]

    arrived = read(await program.get(f"/check-payment/{order['paymentAddress']}"))
    [transfer] = arrived["transactions"]
    at = datetime.fromisoformat(status["paidAt"])
    assert transfer == {
        "txid": txid,
        "amount": int(amount * TRX),
        "fromAddress": recipient,
        "timestamp": int(at.timestamp()),
        "confirmations": 3,
    }
    delegated = read(
        await program.post(
            "/delegate",
            json={
                "orderId": placed["orderId"],
                "recipientAddress": recipient,
                "energyAmount": 2 * TRANSFER,
                "durationHours": 1,
            },
        )
    )
    assert delegated["txIds"] == [delegation["txId"]]
    assert delegated["delegationId"] == delegation["delegationId"]


async def test_process_and_create_are_the_same(api: Api, program: httpx.AsyncClient) -> None:
    placed = await create(api, program, trxAmount=None, transactionCount=2, clientOrderId="one")
    assert placed["order"]["totalEnergy"] == 2 * TRANSFER
    again = await program.post(
        "/process",
        json={
            "recipientAddress": address("ann"),
            "transactionCount": 2,
            "priceConfigId": await price_id(api),
            "clientOrderId": "one",
        },
    )
    assert read(again) == placed
    assert again.headers["idempotent-replayed"] == "true"


async def test_an_order_says_what_kind_of_transfer_it_is_for(
    api: Api, program: httpx.AsyncClient
) -> None:
    kinds = {"trxAmount": None, "transactionCount": 1}
    held = await create(api, program, **kinds, destinationAddress=address("ben"))
    new = await create(api, program, **kinds, destinationAddress=address("poor"))
    assert held["order"]["destinationAddress"] == address("ben")
    assert new["order"]["energyPerTransaction"] > held["order"]["energyPerTransaction"] * 3 // 2
    assert new["order"]["energyOfNext"] == held["order"]["energyOfNext"]


async def test_orders_that_are_refused(api: Api, program: httpx.AsyncClient) -> None:
    usual = {
        "recipientAddress": address("ann"),
        "trxAmount": 3,
        "priceConfigId": await price_id(api),
    }
    ours = {"paymentAddress": address("payments")}
    wishes: tuple[tuple[dict[str, Any], str, dict[str, Any]], ...] = (
        ({"userId": OTHER_USER}, "user_is_another", {"userId": USER}),
        ({"userId": "seven"}, "invalid_request", {}),
        ({"paymentAddress": address("ben")}, "payment_address_wrong", ours),
        ({"trxAmount": 1}, "amount_too_small", {"priceTrx": Decimal(TRANSFER * UNIT) / TRX}),
        ({"trxAmount": "1.0000001"}, "invalid_request", {}),
        ({"trxAmount": -1}, "invalid_request", {}),
        ({"transactionCount": 1}, "invalid_request", {}),
        ({"trxAmount": None}, "invalid_request", {}),
        ({"trxAmount": None, "transactionCount": 1_000}, "too_many_transfers", {"limit": 20}),
        ({"priceConfigId": "none"}, "price_unknown", {}),
        ({"recipientAddress": address("nobody")}, "recipient_not_activated", {}),
        ({"recipientAddress": address("payments")}, "recipient_is_ours", {}),
        ({"destinationAddress": address("ann")}, "recipient_is_destination", {}),
        ({"tokenAddress": address("ben")}, "token_unknown", {}),
        ({"price": 3}, "invalid_request", {}),
        ({"clientOrderId": "a\u0000b"}, "invalid_request", {}),
    )
    for more, code, facts in wishes:
        asked = {name: value for name, value in (usual | more).items() if value is not None}
        assert refused(await program.post("/create", json=asked), 422, code) == facts, more
    assert read(await program.get("/orders"))["data"]["orders"] == []


async def test_the_bound_of_open_orders_is_told(api: Api, program: httpx.AsyncClient) -> None:
    placed = [await create(api, program) for _ in range(3)]
    asked = {
        "recipientAddress": address("ann"),
        "trxAmount": 3,
        "priceConfigId": await price_id(api),
    }
    facts = refused(await program.post("/create", json=asked), 409, "too_many_open_orders")
    assert facts == {"limit": 3}
    # Whoever hears it can cancel one, and go on with the same key.
    headers = {"Idempotency-Key": "fourth"}
    refused(await program.post("/create", json=asked, headers=headers), 409, "too_many_open_orders")
    await program.post(f"/orders/{placed[0]['orderId']}/cancel")
    assert (await program.post("/create", json=asked, headers=headers)).status_code == 200


async def test_a_request_whose_offer_lapsed_before_it_was_placed_gets_another(
    api: Api, program: httpx.AsyncClient
) -> None:
    # It was refused after its offer was stored: its key would have been answered by the lapsed one.
    asked = {
        "recipientAddress": address("ann"),
        "trxAmount": 3,
        "priceConfigId": await price_id(api),
    }
    headers = {"Idempotency-Key": "again"}
    first = read(await program.post("/create", json=asked, headers=headers))
    async with api.shop.database.transaction() as tx:
        await tx.connection.execute(
            """
            UPDATE api_requests SET status = NULL, answer = NULL, content_type = NULL,
                answered_at = NULL, held_until = '-infinity'
            """
        )
        # As if the process had died between the offer and the order.
        await tx.connection.execute("DELETE FROM payment_monitors")
        await tx.connection.execute("DELETE FROM energy_flash_orders")
    api.shop.advance(3_600)
    await api.shop.block()
    second = await program.post("/create", json=asked, headers=headers)
    assert second.status_code == 200, second.text
    assert read(second)["orderId"] != first["orderId"]


async def test_a_name_stays_an_orders_also_when_its_request_is_forgotten(
    api: Api, program: httpx.AsyncClient
) -> None:
    # The unique index answered with 500.
    placed = await create(api, program, clientOrderId="invoice 7")
    async with api.shop.database.transaction() as tx:
        assert await tx.api_requests.forget(datetime.now(UTC) + timedelta(days=1)) == 1
    asked = {
        "recipientAddress": address("ann"),
        "trxAmount": 3,
        "priceConfigId": await price_id(api),
        "clientOrderId": "invoice 7",
    }
    taken = {
        "orderId": placed["orderId"],
        "number": placed["order"]["number"],
        "status": "pending",
    }
    for headers in ({}, {"Idempotency-Key": "k1"}, {}):
        answer = await program.post("/create", json=asked, headers=headers)
        assert refused(answer, 409, "client_order_id_taken") == taken
        assert placed["orderId"] in answer.json()["error"]
    # Also after the offer of the repeated request has lapsed.
    api.shop.advance(3_600)
    await api.shop.block()
    answer = await program.post("/create", json=asked)
    assert refused(answer, 409, "client_order_id_taken")["orderId"] == placed["orderId"]
    # Another customer's program may call an order the same.
    theirs = await api.client(await api.secret(OTHER_USER))
    assert (await program.get("/orders")).json()["data"]["orders"][0]["status"] == "expired"
    assert (await create(api, theirs, clientOrderId="invoice 7"))["success"] is True


async def test_one_name_asked_with_two_keys_at_once_is_one_order(
    api: Api, program: httpx.AsyncClient
) -> None:
    asked = {
        "recipientAddress": address("ann"),
        "trxAmount": 3,
        "priceConfigId": await price_id(api),
        "clientOrderId": "twice",
    }
    answers = await asyncio.gather(
        *(
            program.post("/create", json=asked, headers={"Idempotency-Key": key})
            for key in ("a", "b")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    placed = (await program.get("/orders", params={"clientOrderId": "twice"})).json()["data"]
    assert len(placed["orders"]) == 1


async def test_orders_are_listed_by_page_and_filter(api: Api, program: httpx.AsyncClient) -> None:
    first = await deliver(api, program, clientOrderId="A")
    second = (await create(api, program, clientOrderId="B"))["order"]
    third = (await create(api, program, recipientAddress=address("ben")))["order"]

    async def numbers(**filters: Any) -> list[int]:
        answer = await program.get("/orders", params=filters)
        assert answer.status_code == 200, answer.text
        return [order["number"] for order in answer.json()["data"]["orders"]]

    every = [each["number"] for each in (third, second, first)]
    assert await numbers() == every
    assert await numbers(pageSize=2) == every[:2]
    assert await numbers(pageSize=2, page=2) == every[2:]
    assert await numbers(pageSize=2, page=3) == []
    assert await numbers(status="pending") == every[:2]
    assert await numbers(status="failed") == []
    assert await numbers(clientOrderId="A") == [first["number"]]
    assert await numbers(recipientAddress=address("ben")) == [third["number"]]
    assert await numbers(since=second["createdAt"]) == every[:2]
    assert await numbers(since=first["createdAt"], status="completed") == [first["number"]]
    pages = (await program.get("/orders", params={"pageSize": 2})).json()["data"]["pages"]
    assert pages == 2
    for wrong in (
        {"page": 0},
        {"pageSize": 101},
        {"status": "lost"},
        {"since": "yesterday"},
        {"since": "2026-11-27T00:00:00"},
        {"since": "9999-12-31T23:59:59-12:00"},
        {"recipientAddress": "T"},
        {"clientOrderId": ""},
    ):
        refused(await program.get("/orders", params=wrong), 422, "invalid_request")


async def test_a_status_needs_one_name_of_an_order_of_ones_own(api: Api) -> None:
    order = await api.shop.order()
    program, theirs = await api.client(), await api.client(await api.secret(OTHER_USER))
    for client, path, status, code in (
        (theirs, f"/status/{order.id}", 404, "order_unknown"),
        (theirs, f"/status/{order.number}", 404, "order_unknown"),
        (program, "/status/99", 404, "order_unknown"),
        (program, "/status/none", 422, "invalid_request"),
        (program, "/status", 422, "invalid_request"),
        (program, f"/status?orderId={order.id}&clientOrderId=x", 422, "invalid_request"),
        (program, "/status?clientOrderId=x", 404, "order_unknown"),
    ):
        refused(await client.get(path), status, code)
    assert (await program.get(f"/status/{order.number}")).json()["data"]["id"] == str(order.id)


async def test_the_balance_and_its_last_changes(api: Api, program: httpx.AsyncClient) -> None:
    assert read(await program.get("/balance"))["data"] == {"balanceTrx": 0, "movements": []}
    await give(api, 12_400_001)
    found = read(await program.get("/balance"))["data"]
    assert found["balanceTrx"] * TRX == 12_400_001
    [movement] = found["movements"]
    assert (movement["event"], movement["trx"] * TRX) == ("adjusted", 12_400_001)
    theirs = await api.client(await api.secret(OTHER_USER))
    assert read(await theirs.get("/balance"))["data"]["balanceTrx"] == 0


async def test_every_route_of_a_key_asks_for_its_scope(api: Api) -> None:
    order = await api.shop.order()
    spender = await api.client(await api.secret(scopes=frozenset({Scope.SPEND})))
    stranger = await api.client("")
    routes = [
        (method.upper(), path)
        for path, methods in (await stranger.get(f"{api.url}{PREFIX}/openapi.json"))
        .json()["paths"]
        .items()
        for method, operation in methods.items()
        if "403" in operation["responses"]
    ]
    assert len(routes) >= 15
    for method, path in routes:
        url = api.url + path.replace("{orderId}", str(order.id)).replace(
            "{address}", address("payments")
        )
        body: dict[str, Any] | None = {} if method == "POST" else None
        for client, code in ((stranger, "key_missing"), (spender, "scope_missing")):
            answer = await client.request(method, url, json=body)
            assert answer.json()["code"] == code, (method, path)
