"""What a transfer takes, simulated by the chain, and what it costs."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api import examples
from api.access import Door
from api.answers import ExactRoute, answers, told
from api.order_shapes import hours
from api.refusals import refusals
from api.routes.orders import KEYED
from api.routes.specified import MEASURED, SENT
from api.shapes import (
    Asked,
    Success,
    TokenAmount,
    Told,
    TronAddress,
    Trx,
    token_units,
    trx,
)
from chain.addresses import Address
from services.api_keys import Scope
from services.quotes import Estimate, Quotes


class EstimateAsked(Asked):
    """A transfer of a token; the sender may be called recipient, of the energy that it needs."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.ESTIMATE)]})

    sender_address: Annotated[
        TronAddress | None, Field(description="Who sends the token and needs the energy.")
    ] = None
    recipient_address: Annotated[
        TronAddress | None, Field(description="The same, as it is called in orders.")
    ] = None
    destination_address: Annotated[
        TronAddress | None, Field(description="Whom it sends the token to.")
    ] = None
    destination_holds_token: Annotated[
        bool, Field(description="Without a destination: whether it goes to somebody who has some.")
    ] = True
    token_address: Annotated[
        TronAddress | None, Field(description="The TRC-20 token; without it USDT.")
    ] = None
    amount: Annotated[
        TokenAmount | None, Field(description="How much of the token, to see whether it is there.")
    ] = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.sender_address is None) == (self.recipient_address is None):
            raise PydanticCustomError("either", "senderAddress or recipientAddress, and not both")
        return self

    @property
    def sender(self) -> Address:
        found = self.sender_address or self.recipient_address
        assert found is not None, "one of both is there"
        return found


class EstimatedPrice(Told):
    """What the energy of the first transfer costs for a duration."""

    price_config_id: str
    duration_hours: Trx
    price_trx: Trx
    unit_price: Annotated[Trx, Field(description="TRX for one energy, exact.")]
    surge_percent: Annotated[int, Field(description="In the price: little energy is free.")]


class EstimateTold(Told):
    """What the transfer takes: the first, and each further one to the same destination.

    `rentedFirst` and `rentedNext` are with the shop's margin, which is what orders are for.
    """

    sender_address: str
    destination_address: str | None
    token_address: str
    token_symbol: str
    energy_of_first: int
    energy_of_next: int
    rented_first: int
    rented_next: int
    own_energy: Annotated[int, Field(description="Energy that the sender could spend now.")]
    destination_holds_token: bool
    destination_activated: Annotated[
        bool | None, Field(description="Null where no destination was named, or nobody could tell.")
    ]
    burn_first_trx: Annotated[Trx, Field(description="TRX burned for it without any energy.")]
    burn_next_trx: Trx
    bandwidth_trx: Annotated[
        Trx, Field(description="TRX burned for bandwidth all the same, as none is left.")
    ]
    prices: list[EstimatedPrice]
    simulated: Annotated[bool, Field(description="By the chain; else from the shop's figures.")]


def estimate_routes(quotes: Quotes, door: Door) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["shop"])
    reader = Depends(door.to(Scope.READ))

    @router.post(
        "/estimate",
        response_model=Success[EstimateTold],
        responses=answers(
            examples.ESTIMATED, *KEYED, *SENT, *MEASURED, what="What the transfer takes."
        ),
        dependencies=[reader],
    )
    async def estimate(asked: EstimateAsked) -> Response:
        """Let the chain simulate a transfer: its energy, what burning costs, and what renting does.

        What stands in its way, however much energy there is, is told as a problem. Nothing is
        stored.
        """
        with refusals():
            units = None
            if asked.amount is not None:
                token = await quotes.token(asked.token_address)
                units = token_units(asked.amount, token.decimals)
            found = await quotes.estimate(
                asked.sender,
                destination=asked.destination_address,
                destination_holds_token=asked.destination_holds_token,
                token=asked.token_address,
                token_units=units,
            )
        return told(Success(data=_told(asked, found)))

    return router


def _told(asked: EstimateAsked, found: Estimate) -> EstimateTold:
    destination = found.destination
    return EstimateTold(
        sender_address=asked.sender,
        destination_address=asked.destination_address,
        token_address=found.token.address,
        token_symbol=found.token.symbol,
        energy_of_first=found.first,
        energy_of_next=found.next,
        rented_first=found.rented_first,
        rented_next=found.rented_next,
        own_energy=found.own_energy,
        destination_holds_token=destination.holds_token
        if destination
        else asked.destination_holds_token,
        destination_activated=destination.activated if destination else None,
        burn_first_trx=trx(found.burn_first_sun),
        burn_next_trx=trx(found.burn_next_sun),
        bandwidth_trx=trx(found.bandwidth_sun),
        prices=[
            EstimatedPrice(
                price_config_id=price.id,
                duration_hours=hours(price.duration),
                price_trx=trx(price_sun),
                unit_price=price.tariff.rate(found.rented_first).scaleb(-6).normalize() + 0,
                surge_percent=price.tariff.surge_percent,
            )
            for price, price_sun in found.prices
        ],
        simulated=not found.estimated,
    )
