"""Delivery on demand: of what is paid, once, and of nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from services.api_keys import Scope
from tests.api.conftest import Api
from tests.api.purchases import (
    TRANSFER,
    create,
    deliver,
    give,
    pay,
    price_id,
    read,
    refused,
    view,
    while_blocks_come,
)
from tests.support.shop import OTHER_USER, TRX, address

AT_ONCE = {"Prefer": "wait=0"}


def wanted(placed: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "orderId": placed["orderId"],
        "recipientAddress": address("ann"),
        "energyAmount": TRANSFER,
        "durationHours": 1,
        **more,
    }


async def test_an_unpaid_order_is_never_delivered(api: Api, program: httpx.AsyncClient) -> None:
    placed = await create(api, program)
    without = await api.client(await api.secret(scopes=frozenset({Scope.ORDER})))
    for client, code in ((without, "order_unpaid"), (program, "balance_too_small")):
        facts = refused(await client.post("/delegate", json=wanted(placed)), 402, code)
        assert facts["dueTrx"] == placed["order"]["trxAmount"]
        assert facts["paymentAddress"] == address("payments")
        assert facts["payBefore"] == placed["order"]["payBefore"]
    # A sun too little is too little.
    amount = (await view(api, placed["orderId"])).amount_sun
    await give(api, amount - 1)
    facts = refused(await program.post("/delegate", json=wanted(placed)), 402, "balance_too_small")
    assert facts["balanceTrx"] * TRX == amount - 1
    # Nor what is only in sight, in a block that may yet leave the chain.
    await pay(api, placed["orderId"])
    await api.shop.block()
    # Nobody is told to pay it again, whether the key may spend or not.
    for client in (program, without):
        refused(await client.post("/delegate", json=wanted(placed)), 409, "payment_in_sight")
    assert api.shop.delegations() == []
    assert api.shop.delegated_sun("pool", "ann") == 0


async def test_an_order_is_paid_from_the_balance_and_delivered_once(
    api: Api, program: httpx.AsyncClient
) -> None:
    placed = await create(api, program)
    amount = (await view(api, placed["orderId"])).amount_sun
    await give(api, 2 * amount)
    first, second = await while_blocks_come_for(
        api, *(program.post("/delegate", json=wanted(placed)) for _ in range(2))
    )
    assert first.status_code == second.status_code == 200, (first.text, second.text)
    told = read(first)
    assert told == read(second)
    assert (told["success"], told["status"]) == (True, "completed")
    assert len(told["txIds"]) == 1
    assert told["delegations"][0]["energyAmount"] == TRANSFER
    assert await api.shop.balance() == amount
    assert len(api.shop.delegations()) == 1
    # And ever after.
    again = await program.post("/delegate", json=wanted(placed))
    assert read(again)["txIds"] == told["txIds"]
    await api.shop.block(3)
    assert len(api.shop.delegations()) == 1
    assert await api.shop.balance() == amount


async def while_blocks_come_for(api: Api, *requests: Any) -> list[httpx.Response]:
    asking = asyncio.gather(*requests)
    while not asking.done():
        await api.shop.block()
        await asyncio.sleep(0.05)
    return list(await asking)


async def test_what_takes_longer_is_accepted_and_may_be_asked_for_again(
    api: Api, program: httpx.AsyncClient
) -> None:
    headers = AT_ONCE | {"Idempotency-Key": "deliver-it"}
    await give(api, 5 * TRX)
    placed = await create(api, program)
    accepted = await program.post("/delegate", json=wanted(placed), headers=headers)
    assert accepted.status_code == 202
    assert read(accepted) == {
        "success": True,
        "txIds": [],
        "delegationId": None,
        "status": "paid",
        "waitsForPerson": False,
        "delegations": [],
    }
    await api.shop.block(4)
    done = await program.post("/delegate", json=wanted(placed), headers=headers)
    assert done.status_code == 200, "what was accepted is not the last word"
    assert len(read(done)["txIds"]) == 1
    kept = await program.post("/delegate", json=wanted(placed), headers=headers)
    assert kept.headers["idempotent-replayed"] == "true"
    assert kept.content == done.content


async def test_a_paid_order_is_delivered_while_the_program_waits(
    api: Api, program: httpx.AsyncClient
) -> None:
    placed = await create(api, program)
    await pay(api, placed["orderId"])
    api.shop.chain.produce_block()
    await api.shop.services.scanner.scan()
    api.shop.chain.produce_block()
    await api.shop.services.scanner.scan()
    assert (await view(api, placed["orderId"])).status == "paid"
    answer = await while_blocks_come(api, program.post("/delegate", json=wanted(placed)))
    assert (answer.status_code, read(answer)["status"]) == (200, "completed")


async def test_a_delivery_that_was_not_ordered_is_refused(
    api: Api, program: httpx.AsyncClient
) -> None:
    await give(api, 50 * TRX)
    placed = await create(api, program)
    for more in (
        {"recipientAddress": address("ben")},
        {"energyAmount": TRANSFER + 1},
        {"durationHours": "1.0001"},
        {"durationHours": 24},
    ):
        facts = refused(
            await program.post("/delegate", json=wanted(placed, **more)), 409, "delegation_mismatch"
        )
        assert facts == {
            "recipientAddress": address("ann"),
            "energyAmount": TRANSFER,
            "durationHours": 1,
        }
    theirs = await api.client(await api.secret(OTHER_USER))
    refused(await theirs.post("/delegate", json=wanted(placed)), 404, "order_unknown")
    assert await api.shop.balance() == 50 * TRX


async def test_a_closed_order_is_not_delivered(api: Api, program: httpx.AsyncClient) -> None:
    cancelled, expired = await create(api, program), await create(api, program)
    await program.post(f"/orders/{cancelled['orderId']}/cancel")
    api.shop.advance(7_200)
    await api.shop.block()
    await give(api, 50 * TRX)
    for placed, status in ((cancelled, "cancelled"), (expired, "expired")):
        facts = refused(await program.post("/delegate", json=wanted(placed)), 409, "order_closed")
        assert facts == {"status": status}
    assert await api.shop.balance() == 50 * TRX


async def test_more_time_is_paid_and_given_like_energy(
    api: Api, program: httpx.AsyncClient
) -> None:
    rental = await deliver(api, program)
    await give(api, 50 * TRX)
    more = read(
        await program.post(f"/orders/{rental['orderId']}/extend", json={"durationHours": 1})
    )
    asked = {
        "orderId": more["data"]["number"],
        "recipientAddress": address("ann"),
        "energyAmount": TRANSFER,
        "durationHours": 1,
    }
    answer = await while_blocks_come(api, program.post("/delegate", json=asked))
    assert (answer.status_code, read(answer)["status"]) == (200, "completed")
    assert read(answer)["txIds"] == [], "nothing is sent for more time"
    prolonged = await view(api, rental["orderId"])
    assert prolonged.extended.total_seconds() == 3_600
    assert await price_id(api) == rental["priceConfigId"]


async def test_an_order_that_waits_for_a_person_is_not_hurried_past_them(
    api: Api, program: httpx.AsyncClient
) -> None:
    placed = await create(api, program)
    async with api.shop.database.transaction() as tx:
        await tx.connection.execute(
            "UPDATE energy_flash_orders SET risk_outcome = 'ask', risk_reasons = '[\"order_size\"]'"
        )
    await give(api, 5 * TRX)
    for _ in range(2):
        answer = await program.post("/delegate", json=wanted(placed), headers=AT_ONCE)
        assert answer.status_code == 202
        assert (read(answer)["status"], read(answer)["waitsForPerson"]) == ("paid", True)
        await api.shop.block(3)
    assert api.shop.delegations() == []
