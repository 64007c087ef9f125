"""The routes that the specification names (sections 3 and 4), with its parameters and answers."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from api.access import Caller, Door
from api.answers import ExactRoute, problems, told
from api.once import IdempotencyKey, Once
from api.order_shapes import OrderTold, order_told
from api.problems import Code
from api.refusals import refusals
from api.routes.orders import KEYED
from api.shapes import Asked, ClientOrderId, SunOfTrx, Told, TronAddress
from services.api_keys import Scope
from services.orders import Orders
from services.quotes import ByProgram, Quotes


class OrderAsked(Asked):
    """An order for as many transfers as `trxAmount` buys."""

    recipient_address: TronAddress
    trx_amount: SunOfTrx
    price_config_id: Annotated[str, Field(min_length=1, max_length=255)]
    client_order_id: ClientOrderId | None = None


class OrderPlaced(Told):
    """The order, which waits for its payment."""

    success: Literal[True] = True
    order_id: UUID
    order: OrderTold


def specified_routes(quotes: Quotes, orders: Orders, door: Door, once: Once) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["specification"])
    buyer = Depends(door.to(Scope.ORDER))

    @router.post(
        "/create",
        response_model=OrderPlaced,
        responses=problems(*KEYED, Code.IDEMPOTENCY_MISMATCH, Code.NOT_ENOUGH_ENERGY),
    )
    async def create(
        request: Request,
        asked: OrderAsked,
        caller: Caller = buyer,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Place an order; it is delivered when its exact amount arrives."""

        async def do(request_id: UUID | None) -> Response:
            with refusals():
                quote_id = None
                if request_id is not None:
                    quote_id = await quotes.of_request(request_id)
                if quote_id is None:
                    quote = await quotes.quote(
                        caller.user_id,
                        recipient=asked.recipient_address,
                        price_id=asked.price_config_id,
                        budget_sun=asked.trx_amount,
                        by_program=ByProgram(caller.key.id, request_id, asked.client_order_id),
                    )
                    quote_id = quote.id
                view = await orders.place(caller.user_id, quote_id)
            return told(OrderPlaced(order_id=view.id, order=order_told(view)))

        return await once(
            request,
            caller,
            asked,
            do,
            idempotency_key=idempotency_key,
            client_order_id=asked.client_order_id,
        )

    return router
