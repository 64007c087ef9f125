"""What programs in these tests do again and again."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from api import exact_json
from services import ledger
from tests.api.conftest import Api
from tests.support.shop import USER, address

UNIT = 40
"""Sun per energy for an hour, in the shop of the tests."""
TRANSFER = 70_714
"""Energy of a USDT transfer to a holder, with the margin."""


async def price_id(api: Api, position: int = 0) -> str:
    """The price of the shortest duration, or of a longer one."""
    return (await api.shop.services.quotes.prices())[position].id


async def create(api: Api, program: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    """A new order for one transfer; what the program was told."""
    asked = {
        "recipientAddress": address("ann"),
        "trxAmount": 3,
        "priceConfigId": await price_id(api),
        **more,
    }
    answer = await program.post(
        "/create", json={name: value for name, value in asked.items() if value is not None}
    )
    assert answer.status_code == 200, answer.text
    return dict(read(answer))


def read(answer: httpx.Response) -> Any:
    """What an answer says, with its numbers as they were written."""
    return exact_json.read(answer.content)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The facts of a problem, which is this one."""
    problem = read(answer)
    assert (answer.status_code, problem.get("code")) == (status, code), answer.text
    assert problem["success"] is False
    assert problem["error"] == problem["detail"]
    return dict(problem.get("facts", {}))


async def view(api: Api, order_id: str) -> Any:
    detail = await api.shop.services.order_details.look(USER, _uuid(order_id))
    assert detail is not None
    return detail.view


def _uuid(text: str) -> Any:
    from uuid import UUID

    return UUID(text)


async def pay(api: Api, order_id: str) -> str:
    """Somebody pays the order; the transaction's id."""
    return api.shop.pay(await view(api, order_id))


async def deliver(api: Api, program: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    """A delivered rental; what its order was when it was placed."""
    placed = await create(api, program, **more)
    await pay(api, placed["orderId"])
    await api.shop.block(3)
    assert (await view(api, placed["orderId"])).status == "completed"
    return dict(placed["order"])


async def give(api: Api, sun: int, user: int = USER) -> None:
    """Put so much into somebody's balance."""
    async with api.shop.database.transaction() as tx:
        await tx.ledger.book(ledger.adjusted(user, sun), event="adjusted")


async def while_blocks_come(api: Api, request: Any) -> httpx.Response:
    """The answer to a request during which the chain goes on, and with it the shop's jobs."""
    asking: asyncio.Task[httpx.Response] = asyncio.create_task(request)
    while not asking.done():
        await api.shop.block()
        await asyncio.sleep(0.05)
    return await asking
