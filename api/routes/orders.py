"""A program's orders."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.access import Caller, Door
from api.answers import ExactRoute, problems, told
from api.order_shapes import OrderTold, order_told
from api.problems import Code, Problem
from api.shapes import Success, Told
from services.api_keys import Scope
from services.orders import Orders

KEYED = (
    Code.KEY_MISSING,
    Code.KEY_UNKNOWN,
    Code.KEY_EXPIRED,
    Code.KEY_REVOKED,
    Code.KEY_NETWORK,
    Code.KEY_BANNED,
    Code.SCOPE_MISSING,
)
"""What a route that asks for a key may answer."""


class OrdersTold(Told):
    """One page, the newest order first; pages count from 1."""

    orders: list[OrderTold]
    page: int
    pages: int


def order_routes(orders: Orders, door: Door) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["orders"])
    reader = Depends(door.to(Scope.READ))

    @router.get("/orders", response_model=Success[OrdersTold], responses=problems(*KEYED))
    async def listed(
        page: Annotated[int, Query(ge=1, le=1_000_000, description="From 1 on.")] = 1, caller: Caller = reader
    ) -> Response:
        """All orders of the key's customer, the newest first."""
        found = await orders.page(caller.user_id, page)
        return told(
            Success(
                data=OrdersTold(
                    orders=[order_told(view) for view in found.orders],
                    page=found.page,
                    pages=found.pages,
                )
            )
        )

    @router.get(
        "/orders/{order_id}",
        response_model=Success[OrderTold],
        responses=problems(*KEYED, Code.ORDER_UNKNOWN),
    )
    async def one(order_id: UUID, caller: Caller = reader) -> Response:
        """One order of the key's customer."""
        view = await orders.view(caller.user_id, order_id)
        if view is None:
            raise Problem(Code.ORDER_UNKNOWN)
        return told(Success(data=order_told(view)))

    return router
