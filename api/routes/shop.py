"""What anybody may ask: what the shop charges, how much it has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api.answers import ExactRoute, problems, told
from api.order_shapes import hours
from api.problems import Code
from api.shapes import Success, Sun, Told, Trx, trx
from services.inventory import Inventory
from services.quotes import Quotes


class PriceTold(Told):
    """What energy costs for one duration, without what comes on top while little is free."""

    price_config_id: str
    duration_hours: Trx
    unit_price: Annotated[Trx, Field(description="TRX for one energy, of small orders.")]
    sun_per_energy: Sun
    minimum_trx: Trx


class AvailabilityTold(Told):
    """How much energy can be rented now, in one order or several."""

    available_energy: int


def shop_routes(quotes: Quotes, inventory: Inventory) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["shop"])

    @router.get("/prices", response_model=Success[list[PriceTold]])
    async def prices() -> Response:
        """The prices on offer, the shortest duration first."""
        found = [
            PriceTold(
                price_config_id=price.id,
                duration_hours=hours(price.duration),
                unit_price=trx(price.sun_per_energy),
                sun_per_energy=price.sun_per_energy,
                minimum_trx=trx(price.minimum_sun),
            )
            for price in await quotes.prices()
        ]
        return told(Success(data=found))

    @router.get(
        "/availability",
        response_model=Success[AvailabilityTold],
        responses=problems(Code.CHAIN_UNAVAILABLE),
    )
    async def availability() -> Response:
        """How much energy can be rented now."""
        return told(Success(data=AvailabilityTold(available_energy=await inventory.offerable())))

    return router
