"""Orders that end: unpaid ones that are cancelled, and rentals before their time."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api import examples
from api.access import Caller, Door
from api.answers import ExactRoute, answers, told
from api.once import REPEATABLE, IdempotencyKey, Once
from api.order_shapes import OrderTold, order_told
from api.problems import Code
from api.refusals import refusals
from api.routes.orders import KEYED, OrderId
from api.shapes import Success, Time, Told, Trx, trx
from services.api_keys import Scope
from services.early_ends import EarlyEndFault, EarlyEndRefused, EarlyEnds
from services.orders import Orders


class _Nothing(BaseModel):
    """What is asked is in the path."""


class EarlyEndOffer(Told):
    """What would come back if the rental ended now."""

    order_id: UUID
    paid_trx: Annotated[Trx, Field(description="TRX that were paid for it, with its extensions.")]
    most_trx: Annotated[
        Trx, Field(description="TRX that come back at most, into the balance, with the stake.")
    ]
    energy_unused: int
    expires_at: Time


class EndedEarly(Told):
    """The rental is over. What comes back is in the balance, and in `order.earlyCreditTrx`, as soon
    as the stake is back: at most `mostTrx`, which is null where it had been ended before."""

    order: OrderTold
    most_trx: Trx | None


def ending_routes(orders: Orders, early_ends: EarlyEnds, door: Door, once: Once) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["orders"])
    reader = Depends(door.to(Scope.READ))
    buyer = Depends(door.to(Scope.ORDER))

    @router.post(
        "/orders/{orderId}/cancel",
        response_model=Success[OrderTold],
        responses=answers(
            examples.CANCELLED,
            *KEYED,
            *REPEATABLE,
            Code.ORDER_UNKNOWN,
            Code.ORDER_NOT_OPEN,
            Code.PAYMENT_IN_SIGHT,
            what="It waits for no money any more.",
        ),
    )
    async def cancel(
        request: Request,
        order_id: OrderId,
        caller: Caller = buyer,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Cancel an order that nobody has paid; a second time it changes nothing."""

        async def do(_request_id: UUID | None) -> Response:
            with refusals():
                view = await orders.cancel(caller.user_id, order_id)
            return told(Success(data=order_told(view)))

        return await once(request, caller, _Nothing(), do, idempotency_key=idempotency_key)

    ending = (
        *KEYED,
        Code.ORDER_UNKNOWN,
        Code.EARLY_END_NOT_OFFERED,
        Code.RENTAL_NOT_RUNNING,
        Code.RENTAL_UNSETTLED,
        Code.EXTENSION_OPEN,
        Code.CHAIN_UNAVAILABLE,
    )

    @router.get(
        "/orders/{orderId}/end",
        response_model=Success[EarlyEndOffer],
        responses=answers(examples.END_OFFER, *ending, what="What would come back."),
    )
    async def would_end(order_id: OrderId, caller: Caller = reader) -> Response:
        """What would come back if the rental ended now. Nothing is done."""
        with refusals():
            found = await early_ends.look(caller.user_id, order_id)
        assert found.rental.expires_at is not None, "it runs"
        return told(
            Success(
                data=EarlyEndOffer(
                    order_id=order_id,
                    paid_trx=trx(found.paid_sun),
                    most_trx=trx(found.most_sun),
                    energy_unused=found.energy_unused,
                    expires_at=found.rental.expires_at,
                )
            )
        )

    @router.post(
        "/orders/{orderId}/end",
        response_model=Success[EndedEarly],
        responses=answers(examples.ENDED, *ending, *REPEATABLE, what="The rental is over."),
    )
    async def end(
        request: Request,
        order_id: OrderId,
        caller: Caller = buyer,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """End a running rental: the stake is taken back at once, and some of the price comes back.

        How much GET /orders/{orderId}/end tells before.
        """

        async def do(_request_id: UUID | None) -> Response:
            most_sun: int | None = None
            with refusals():
                try:
                    most_sun = (await early_ends.look(caller.user_id, order_id)).most_sun
                except EarlyEndRefused as refused:
                    # Of one that was ended before `end` knows.
                    if refused.fault is not EarlyEndFault.NOT_RUNNING:
                        raise
                view = await early_ends.end(caller.user_id, order_id)
            most_trx = None if most_sun is None else trx(most_sun)
            return told(Success(data=EndedEarly(order=order_told(view), most_trx=most_trx)))

        return await once(request, caller, _Nothing(), do, idempotency_key=idempotency_key)

    return router
