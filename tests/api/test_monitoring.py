"""The waiting for an order's money, and what of it whom is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from chain.contracts import Transfer
from services.api_keys import Scope
from services.order_views import Stage
from services.orders import OrderFault, OrderRefused
from tests.api.conftest import Api
from tests.api.purchases import create, give, pay, read, refused, view
from tests.support.shop import OTHER_USER, TRX, USER, address

MINUTE = timedelta(minutes=1)


def watched(placed: dict[str, Any], **more: Any) -> dict[str, Any]:
    order = placed["order"]
    return {
        "paymentAddress": order["paymentAddress"],
        "expectedAmount": str(order["trxAmount"]),
        "orderId": placed["orderId"],
        **more,
    }


async def test_another_address_or_amount_is_refused_with_the_right_one(
    api: Api, program: httpx.AsyncClient
) -> None:
    placed = await create(api, program)
    amount: Decimal = placed["order"]["trxAmount"]
    for offered, near in (
        (amount + Decimal("0.000001"), True),
        (amount * Decimal("0.96"), True),
        (amount * 2, False),
    ):
        asked = watched(placed, expectedAmount=str(offered.quantize(Decimal("0.000001"))))
        facts = refused(await program.post("/monitor", json=asked), 409, "amount_not_exact")
        assert facts == {"expectedAmount": amount, "withinTolerance": near}
    elsewhere = watched(placed, paymentAddress=address("ben"))
    facts = refused(await program.post("/monitor", json=elsewhere), 422, "payment_address_wrong")
    assert facts == {"paymentAddress": address("payments")}
    theirs = await api.client(await api.secret(OTHER_USER))
    refused(await theirs.post("/monitor", json=watched(placed)), 404, "order_unknown")


async def test_a_timeout_shortens_the_time_to_pay_and_never_lengthens_it(
    api: Api, program: httpx.AsyncClient
) -> None:
    placed = await create(api, program)
    until = datetime.fromisoformat(placed["order"]["payBefore"])
    now = (await view(api, placed["orderId"])).now

    async def waits(timeout: int) -> datetime:
        answer = await program.post("/monitor", json=watched(placed, timeout=timeout))
        return datetime.fromisoformat(read(answer)["monitor"]["expiresAt"])

    assert await waits(1_800_000) == until, "nobody waits for longer"
    assert await waits(600) == now + 10 * MINUTE
    assert await waits(900) == now + 10 * MINUTE, "nor again for longer"
    assert await waits(60) == now + MINUTE
    api.shop.advance(70)
    await api.shop.block()
    over = read(await program.post("/monitor", json=watched(placed, timeout=600)))["monitor"]
    assert over["status"] == "timeout"
    assert (await view(api, placed["orderId"])).stage is Stage.EXPIRED
    assert datetime.fromisoformat(over["expiresAt"]) == now + MINUTE


async def test_a_timeout_changes_nothing_once_money_is_in_sight(
    api: Api, program: httpx.AsyncClient
) -> None:
    placed = await create(api, program)
    half = (await view(api, placed["orderId"])).amount_sun // 2
    api.shop.pay(await view(api, placed["orderId"]), sun=half)
    await api.shop.block()
    seen = await program.post("/monitor", json=watched(placed, timeout=1))
    assert read(seen)["monitor"]["expiresAt"] == placed["order"]["payBefore"]
    await api.shop.block(3)
    part = await view(api, placed["orderId"])
    assert part.stage is Stage.UNDERPAID
    assert not await api.shop.services.orders.shorten(USER, part.id, MINUTE)
    with pytest.raises(OrderRefused) as caught:
        await api.shop.services.orders.shorten(OTHER_USER, part.id, MINUTE)
    assert caught.value.fault is OrderFault.NOT_YOURS
    # The rest of it is what is expected now.
    rest = watched(placed, expectedAmount=str(Decimal(part.due_sun) / TRX))
    assert (await program.post("/monitor", json=rest)).status_code == 200


async def test_only_a_key_that_may_order_shortens_the_time(api: Api) -> None:
    placed = await create(api, await api.client())
    reader = await api.client(await api.secret(scopes=frozenset({Scope.READ})))
    facts = refused(
        await reader.post("/monitor", json=watched(placed, timeout=60)), 403, "scope_missing"
    )
    assert facts == {"scope": "order"}
    looked = read(await reader.post("/monitor", json=watched(placed)))
    assert looked["monitor"]["expiresAt"] == placed["order"]["payBefore"]


async def test_a_monitor_says_when_its_order_was_cancelled_or_paid_from_the_balance(
    api: Api, program: httpx.AsyncClient
) -> None:
    cancelled, prepaid = await create(api, program), await create(api, program)
    await program.post(f"/orders/{cancelled['orderId']}/cancel")
    found = read(await program.post("/monitor", json=watched(cancelled)))["monitor"]
    assert (found["status"], found["txid"]) == ("cancelled", None)
    await give(api, 5 * TRX)
    await api.shop.services.balances.pay(USER, (await view(api, prepaid["orderId"])).id)
    found = read(await program.post("/monitor", json=watched(prepaid)))["monitor"]
    assert (found["status"], found["txid"]) == ("confirmed", None)
    assert found["actualAmount"] == prepaid["order"]["trxAmount"]


async def test_nobody_is_told_what_strangers_paid(api: Api, program: httpx.AsyncClient) -> None:
    theirs = await api.client(await api.secret(OTHER_USER))
    mine = await create(api, program)
    yours = await create(api, theirs, recipientAddress=address("ben"))
    txids = [
        await pay(api, mine["orderId"]),
        api.shop.send(
            Transfer(address("ben"), address("payments"), int(yours["order"]["trxAmount"] * TRX)),
            "ben",
        ),
    ]
    # Of nobody's order, from nobody's address.
    nobodys = api.shop.send(Transfer(address("wallet"), address("payments"), 7 * TRX), "wallet")
    await api.shop.block(2)

    async def seen(client: httpx.AsyncClient, **limit: int) -> list[str]:
        answer = await client.get(f"/check-payment/{address('payments')}", params=limit)
        return [each["txid"] for each in read(answer)["transactions"]]

    assert await seen(program) == txids[:1]
    assert await seen(theirs) == txids[1:]
    assert nobodys not in txids
    second = await create(api, program)
    latest = await pay(api, second["orderId"])
    await api.shop.block()
    assert await seen(program) == [latest, txids[0]]
    assert await seen(program, limit=1) == [latest]


async def test_only_addresses_where_people_are_asked_to_pay_are_checked(
    program: httpx.AsyncClient,
) -> None:
    for other in (address("ann"), address("pool")):
        facts = refused(await program.get(f"/check-payment/{other}"), 422, "payment_address_wrong")
        assert facts == {"paymentAddress": address("payments")}
    refused(await program.get("/check-payment/T123"), 422, "invalid_request")
