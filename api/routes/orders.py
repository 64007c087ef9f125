"""A program's orders, and how each stands."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from api import examples
from api.access import Caller, Door
from api.answers import ExactRoute, answers, told
from api.order_shapes import OrderTold, StatusTold, order_told, status_told
from api.problems import Code, FieldProblem, Problem
from api.shapes import ClientOrderId, OrderRef, SensibleTime, Success, Told, TronAddress
from db.order_lists import Selection
from services.api_keys import Scope
from services.order_details import OrderDetails
from services.order_views import OrderStatus
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

OrderId = Annotated[
    UUID, Path(alias="orderId", description="The order's id.", examples=[examples.ORDER_ID])
]


class OrdersTold(Told):
    """One page, the newest order first; pages count from 1."""

    orders: list[OrderTold]
    page: int
    pages: int


def order_routes(orders: Orders, details: OrderDetails, door: Door) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["orders"])
    reader = Depends(door.to(Scope.READ))

    @router.get(
        "/orders",
        response_model=Success[OrdersTold],
        responses=answers(examples.ORDERS, *KEYED, what="One page of them."),
    )
    async def listed(
        page: Annotated[int, Query(ge=1, le=1_000_000, description="Which page, from 1 on.")] = 1,
        size: Annotated[
            int, Query(alias="pageSize", ge=1, le=100, description="Orders on a page.")
        ] = 20,
        status: Annotated[
            OrderStatus | None, Query(description="Only those that stand so.")
        ] = None,
        client_order_id: Annotated[
            ClientOrderId | None,
            Query(alias="clientOrderId", description="Only the one that you call so."),
        ] = None,
        recipient: Annotated[
            TronAddress | None,
            Query(alias="recipientAddress", description="Only those for this recipient."),
        ] = None,
        since: Annotated[
            SensibleTime | None,
            Query(
                description="Only those ordered then or later: ISO 8601 with an offset.",
                examples=["2026-11-27T00:00:00Z"],
            ),
        ] = None,
        caller: Caller = reader,
    ) -> Response:
        """The orders of the key's customer, the newest first; also those that the bot took."""
        selection = Selection(status, client_order_id, recipient, since)
        found = await orders.selected(caller.user_id, selection, page=page, size=size)
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
        "/orders/{orderId}",
        response_model=Success[OrderTold],
        responses=answers(examples.ORDER, *KEYED, Code.ORDER_UNKNOWN, what="The order."),
    )
    async def one(order_id: OrderId, caller: Caller = reader) -> Response:
        """One order of the key's customer."""
        view = await orders.view(caller.user_id, order_id)
        if view is None:
            raise Problem(Code.ORDER_UNKNOWN)
        return told(Success(data=order_told(view)))

    async def status_of(caller: Caller, order: UUID | int) -> Response:
        detail = await details.look(caller.user_id, order)
        if detail is None:
            raise Problem(Code.ORDER_UNKNOWN)
        return told(Success(data=status_told(detail)))

    described = answers(
        examples.STATUS, *KEYED, Code.ORDER_UNKNOWN, what="The order, its monitor and delegations."
    )

    @router.get(
        "/status/{orderId}",
        response_model=Success[StatusTold],
        responses=described,
        tags=["specification"],
    )
    async def status(
        order: Annotated[OrderRef, Path(alias="orderId", description="Its id, or its number.")],
        caller: Caller = reader,
    ) -> Response:
        """How an order stands, with its payment monitor and its delegations."""
        return await status_of(caller, order)

    @router.get(
        "/status",
        response_model=Success[StatusTold],
        responses=described,
        tags=["specification"],
    )
    async def status_asked(
        order: Annotated[
            OrderRef | None, Query(alias="orderId", description="Its id, or its number.")
        ] = None,
        client_order_id: Annotated[
            ClientOrderId | None, Query(alias="clientOrderId", description="Or how you call it.")
        ] = None,
        caller: Caller = reader,
    ) -> Response:
        """The same, of the order that is named in one of two ways."""
        if order is not None and client_order_id is None:
            return await status_of(caller, order)
        if client_order_id is not None and order is None:
            selection = Selection(client_order_id=client_order_id)
            found = await orders.selected(caller.user_id, selection, page=1, size=1)
            if not found.orders:
                raise Problem(Code.ORDER_UNKNOWN)
            return await status_of(caller, found.orders[0].id)
        message = "orderId or clientOrderId, and not both"
        raise Problem(Code.INVALID_REQUEST, errors=[FieldProblem("orderId", "either", message)])

    return router
