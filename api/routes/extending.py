"""More time for a rental: an order of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api import examples
from api.access import Caller, Door
from api.answers import ExactRoute, answers, told
from api.once import REPEATABLE, IdempotencyKey, Once
from api.order_shapes import OrderTold, hours, order_told
from api.problems import Code, Problem
from api.refusals import refusals
from api.routes.orders import KEYED, OrderId
from api.routes.specified import SENT
from api.shapes import Asked, Hours, PriceConfigId, Success, SunOfTrx, Time, Told, Trx, trx
from services.api_keys import Scope
from services.balances import Balances
from services.extensions import ExtensionFault, ExtensionOffer, ExtensionRefused, Extensions
from services.order_views import OrderStatus, OrderView
from services.orders import Orders
from services.prices import Price
from services.quotes import ByProgram, Quotes


class ExtensionAsked(Asked):
    """More time for a rental: as much as a price that is on offer is for."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.EXTEND)]})

    price_config_id: PriceConfigId | None = None
    duration_hours: Annotated[
        Hours | None, Field(description="So many hours more: one of GET /prices.")
    ] = None
    maximum_trx: Annotated[
        SunOfTrx | None,
        Field(description="Nothing is ordered if it costs more TRX than that by now."),
    ] = None
    pay_from_balance: Annotated[
        bool, Field(description="Pay it at once; the key needs the scope `spend`.")
    ] = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.price_config_id is None) == (self.duration_hours is None):
            raise PydanticCustomError("either", "priceConfigId or durationHours, and not both")
        return self


class ExtensionOfferTold(Told):
    """So much more time, for so much."""

    price_config_id: str
    duration_hours: Trx
    price_trx: Annotated[Trx, Field(description="TRX, to which the order adds some sun.")]
    expires_at: Annotated[Time, Field(description="The rental would end then.")]


class ExtensionOffersTold(Told):
    """How the rental can be prolonged, by the shortest time first."""

    order_id: UUID
    expires_at: Annotated[Time, Field(description="The rental ends then as it is.")]
    offers: list[ExtensionOfferTold]


def extension_routes(
    quotes: Quotes,
    orders: Orders,
    extensions: Extensions,
    balances: Balances,
    door: Door,
    once: Once,
) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["orders"])
    reader = Depends(door.to(Scope.READ))
    buyer = Depends(door.to(Scope.ORDER))

    @router.get(
        "/orders/{orderId}/extensions",
        response_model=Success[ExtensionOffersTold],
        responses=answers(
            examples.EXTENSIONS,
            *KEYED,
            Code.ORDER_UNKNOWN,
            Code.RENTAL_NOT_RUNNING,
            Code.EXTENSION_OPEN,
            Code.CHAIN_UNAVAILABLE,
            what="What more time costs.",
        ),
    )
    async def offered(order_id: OrderId, caller: Caller = reader) -> Response:
        """What more time for a running rental costs now."""
        with refusals():
            found = await extensions.offers(caller.user_id, order_id)
        prices = {price.duration: price for price in await quotes.prices()}
        assert found.rental.expires_at is not None, "it runs"
        return told(
            Success(
                data=ExtensionOffersTold(
                    order_id=found.rental.id,
                    expires_at=found.rental.expires_at,
                    offers=[
                        ExtensionOfferTold(
                            price_config_id=prices[offer.duration].id,
                            duration_hours=hours(offer.duration),
                            price_trx=trx(offer.price_sun),
                            expires_at=offer.expires_at,
                        )
                        for offer in found.offers
                        if offer.duration in prices
                    ],
                )
            )
        )

    async def place_extension(
        order_id: UUID, asked: ExtensionAsked, caller: Caller, request_id: UUID | None
    ) -> OrderView:
        # What a request was given before it was interrupted is found again.
        if request_id is not None and (before := await quotes.of_request(request_id)) is not None:
            return await orders.place(caller.user_id, before)
        duration = _duration(asked, await quotes.prices())
        try:
            found = await extensions.offers(caller.user_id, order_id)
        except ExtensionRefused as refused:
            already = refused.open_order
            if (
                refused.fault is not ExtensionFault.ALREADY_OPEN
                or already is None
                or already.duration != duration
            ):
                raise
            _see_cheap_enough(asked, await extensions.offered_sun(caller.user_id, already.id))
            return already
        offer = _offer(found.offers, duration)
        _see_cheap_enough(asked, offer.price_sun)
        return await extensions.place(
            caller.user_id,
            order_id,
            duration=duration,
            price_sun=offer.price_sun,
            by_program=ByProgram(caller.key.id, request_id),
        )

    @router.post(
        "/orders/{orderId}/extend",
        response_model=Success[OrderTold],
        responses=answers(
            examples.EXTENDED,
            *KEYED,
            *SENT,
            *REPEATABLE,
            Code.ORDER_UNKNOWN,
            Code.PRICE_UNKNOWN,
            Code.PRICE_ABOVE_MAXIMUM,
            Code.QUOTE_LAPSED,
            Code.RENTAL_NOT_RUNNING,
            Code.EXTENSION_OPEN,
            Code.BALANCE_TOO_SMALL,
            Code.PAYMENT_IN_SIGHT,
            Code.CHAIN_UNAVAILABLE,
            what="The order that prolongs the rental.",
        ),
    )
    async def extend(
        request: Request,
        order_id: OrderId,
        asked: ExtensionAsked,
        caller: Caller = buyer,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Order more time for a running rental.

        The answer is an order of its own: the rental is prolonged when it is paid, like any other
        or from the balance. The same asked again, while that one is open, gives that one.
        """
        if asked.pay_from_balance and not caller.may(Scope.SPEND):
            raise Problem(Code.SCOPE_MISSING, facts={"scope": Scope.SPEND.value})

        async def do(request_id: UUID | None) -> Response:
            with refusals():
                view = await place_extension(order_id, asked, caller, request_id)
                if asked.pay_from_balance and view.status is OrderStatus.PENDING:
                    view = await balances.pay(caller.user_id, view.id)
            return told(Success(data=order_told(view)))

        return await once(request, caller, asked, do, idempotency_key=idempotency_key)

    return router


def _duration(asked: ExtensionAsked, prices: tuple[Price, ...]) -> timedelta:
    """How much more time is asked for."""
    for price in prices:
        if asked.price_config_id == price.id or asked.duration_hours == hours(price.duration):
            return price.duration
    raise Problem(Code.PRICE_UNKNOWN)


def _offer(offers: tuple[ExtensionOffer, ...], duration: timedelta) -> ExtensionOffer:
    for offer in offers:
        if offer.duration == duration:
            return offer
    raise Problem(Code.PRICE_UNKNOWN)


def _see_cheap_enough(asked: ExtensionAsked, price_sun: int) -> None:
    if asked.maximum_trx is not None and price_sun > asked.maximum_trx:
        raise Problem(Code.PRICE_ABOVE_MAXIMUM, facts={"priceTrx": trx(price_sun)})
