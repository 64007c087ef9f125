"""Orders and what they buy, as the specification asks for them (its sections 4.2 and 7.4)."""

from __future__ import annotations

from typing import Annotated, Literal, Self
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
from api.routes.orders import KEYED
from api.shapes import (
    Asked,
    ClientOrderId,
    Count,
    PriceConfigId,
    Success,
    SunOfTrx,
    Told,
    TronAddress,
    Trx,
    UserId,
    trx,
)
from services.api_keys import Scope
from services.order_details import OrderDetails
from services.orders import Orders
from services.quotes import ByProgram, Quotes

MEASURED = (
    Code.RECIPIENT_NOT_ACTIVATED,
    Code.RECIPIENT_IS_CONTRACT,
    Code.RECIPIENT_IS_OURS,
    Code.RECIPIENT_IS_DESTINATION,
    Code.TOKEN_UNKNOWN,
    Code.SENDER_FROZEN,
    Code.DESTINATION_FROZEN,
    Code.TOKEN_BALANCE_TOO_SMALL,
    Code.TRANSFER_WOULD_REVERT,
    Code.CHAIN_UNAVAILABLE,
)
"""Why a transfer cannot be helped with energy."""

SENT = (Code.INVALID_JSON, Code.BODY_TOO_LARGE)
"""What may be wrong with a body."""


class _Transfer(Asked):
    """Whose transfers the energy is for."""

    recipient_address: Annotated[
        TronAddress, Field(description="Who gets the energy: the address that sends the token.")
    ]
    price_config_id: PriceConfigId
    destination_address: Annotated[
        TronAddress | None,
        Field(description="Whom it sends the token to: then the chain simulates exactly that."),
    ] = None
    destination_holds_token: Annotated[
        bool,
        Field(
            description="Whether that is somebody who has some of the token; asked where no"
            " destination is named. The first transfer to one who has none takes about twice the"
            " energy."
        ),
    ] = True
    token_address: Annotated[
        TronAddress | None, Field(description="The TRC-20 token; without it USDT.")
    ] = None


class OrderAsked(_Transfer):
    """An order for as many transfers as `trxAmount` buys, or for `transactionCount` of them."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.CREATE)]})

    trx_amount: Annotated[
        SunOfTrx | None, Field(description="At most so much TRX is to be spent.")
    ] = None
    transaction_count: Annotated[
        Annotated[Count, Field(ge=1, le=1_000_000)] | None,
        Field(description="For exactly so many transfers."),
    ] = None
    client_order_id: ClientOrderId | None = None
    user_id: Annotated[
        UserId | None, Field(description="Whose order it is: the key's own customer, if named.")
    ] = None
    payment_address: Annotated[
        TronAddress | None, Field(description="Where it is paid: the shop's address, if named.")
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.trx_amount is None) == (self.transaction_count is None):
            raise PydanticCustomError("either", "trxAmount or transactionCount, and not both")
        return self


class OrderPlaced(Told):
    """The order, which waits for its payment: `order.trxAmount` exactly, before `payBefore`."""

    success: Literal[True] = True
    order_id: UUID
    monitor_id: Annotated[UUID, Field(description="What waits for its money; see POST /monitor.")]
    order: OrderTold


class CalculationAsked(_Transfer):
    """How many transfers some TRX buys."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.CALCULATE)]})

    trx_amount: Annotated[SunOfTrx, Field(description="TRX that would be spent at most.")]


class CalculationTold(Told):
    """What it buys, however much energy there is to sell just now: see GET /availability."""

    transaction_count: Annotated[int, Field(description="Whole transfers: rounded down.")]
    energy_per_transaction: Annotated[
        int, Field(description="Energy of a transfer: of the first, where that is dearer.")
    ]
    total_energy: Annotated[int, Field(description="Energy of all of them.")]
    unit_price: Annotated[Trx, Field(description="TRX for one energy, exact.")]
    price_trx: Annotated[
        Trx,
        Field(description="TRX that exactly so many cost, to which an order adds some sun."),
    ]
    energy_of_first: int
    energy_of_next: int
    surge_percent: Annotated[int, Field(description="In unitPrice: little energy is free.")]
    duration_hours: Trx
    simulated: Annotated[bool, Field(description="By the chain; else from the shop's figures.")]


def specified_routes(
    quotes: Quotes, orders: Orders, details: OrderDetails, door: Door, once: Once
) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["specification"])
    buyer = Depends(door.to(Scope.ORDER))
    reader = Depends(door.to(Scope.READ))

    async def place(asked: OrderAsked, caller: Caller, request_id: UUID | None) -> Response:
        with refusals():
            # What a request was given before it was interrupted is found again.
            quote_id = None if request_id is None else await quotes.of_request(request_id)
            if quote_id is None:
                quote = await quotes.quote(
                    caller.user_id,
                    recipient=asked.recipient_address,
                    price_id=asked.price_config_id,
                    transfers=asked.transaction_count,
                    budget_sun=asked.trx_amount,
                    destination=asked.destination_address,
                    destination_holds_token=asked.destination_holds_token,
                    token=asked.token_address,
                    by_program=ByProgram(caller.key.id, request_id, asked.client_order_id),
                )
                quote_id = quote.id
            view = await orders.place(caller.user_id, quote_id)
        detail = await details.look(caller.user_id, view.id)
        assert detail is not None, "it was placed above"
        return told(
            OrderPlaced(order_id=view.id, monitor_id=detail.monitor.id, order=order_told(view))
        )

    responses = answers(
        examples.CREATED,
        *KEYED,
        *SENT,
        *MEASURED,
        Code.PRICE_UNKNOWN,
        Code.USER_IS_ANOTHER,
        Code.PAYMENT_ADDRESS_WRONG,
        Code.AMOUNT_TOO_SMALL,
        Code.NEEDS_NOTHING,
        Code.TOO_MANY_TRANSFERS,
        Code.ORDER_TOO_LARGE,
        Code.NOT_ENOUGH_ENERGY,
        Code.TOO_MANY_OPEN_ORDERS,
        Code.RECEIVER_LIMIT,
        Code.DAILY_LIMIT,
        Code.CLIENT_ORDER_ID_TAKEN,
        *REPEATABLE,
        Code.QUOTE_LAPSED,
        Code.ORDER_DECLINED,
        Code.MAINTENANCE,
        what="The order, which waits for its payment.",
    )

    @router.post("/process", response_model=OrderPlaced, responses=responses)
    @router.post("/create", response_model=OrderPlaced, responses=responses)
    async def create(
        request: Request,
        asked: OrderAsked,
        caller: Caller = buyer,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Place an order. It is delivered as soon as exactly `order.trxAmount` arrives.

        That amount belongs to this order alone: no other one asks for the same. A few sun of it
        tell orders apart, and may come on top of `trxAmount`.
        """
        if asked.user_id not in (None, caller.user_id):
            raise Problem(Code.USER_IS_ANOTHER, facts={"userId": caller.user_id})
        if asked.payment_address not in (None, details.payment_address):
            raise Problem(
                Code.PAYMENT_ADDRESS_WRONG, facts={"paymentAddress": details.payment_address}
            )

        async def do(request_id: UUID | None) -> Response:
            return await place(asked, caller, request_id)

        return await once(
            request,
            caller,
            asked,
            do,
            idempotency_key=idempotency_key,
            client_order_id=asked.client_order_id,
            what="create",
        )

    @router.post(
        "/calculate",
        response_model=Success[CalculationTold],
        responses=answers(
            examples.CALCULATED,
            *KEYED,
            *SENT,
            *MEASURED,
            Code.PRICE_UNKNOWN,
            Code.AMOUNT_TOO_SMALL,
            what="What the TRX buy.",
        ),
        dependencies=[reader],
    )
    async def calculate(asked: CalculationAsked) -> Response:
        """How many transfers some TRX buys, and of how much energy. Nothing is stored."""
        with refusals():
            found = await quotes.affordable(
                asked.trx_amount,
                recipient=asked.recipient_address,
                price_id=asked.price_config_id,
                destination=asked.destination_address,
                destination_holds_token=asked.destination_holds_token,
                token=asked.token_address,
            )
        tariff = found.price.tariff
        return told(
            Success(
                data=CalculationTold(
                    transaction_count=found.transfers,
                    energy_per_transaction=found.energy_per_transfer,
                    total_energy=found.energy,
                    unit_price=tariff.rate(found.energy).scaleb(-6).normalize() + 0,
                    price_trx=trx(found.price_sun),
                    energy_of_first=found.energy_per_transfer,
                    energy_of_next=found.energy_next,
                    surge_percent=tariff.surge_percent,
                    duration_hours=hours(found.price.duration),
                    simulated=not found.estimated,
                )
            )
        )

    return router
