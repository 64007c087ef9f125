"""What anybody may ask: what the shop charges, how much it has."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from api import examples
from api.answers import ExactRoute, answers, told
from api.order_shapes import hours
from api.problems import Code
from api.shapes import Success, Sun, Told, Trx, trx
from services.delivery_figures import PublicFigures
from services.inventory import Inventory
from services.quotes import Quotes


class PriceTold(Told):
    """What energy costs for one duration, without what comes on top while little is free."""

    price_config_id: Annotated[str, Field(description="How orders name it.")]
    duration_hours: Trx
    unit_price: Annotated[Trx, Field(description="TRX for one energy, of small orders.")]
    sun_per_energy: Sun
    minimum_trx: Annotated[Trx, Field(description="TRX that an order costs at least.")]


class AvailabilityTold(Told):
    """How much energy can be rented now, in one order or several."""

    available_energy: int


class DeliveriesTold(Told):
    """How well the rentals went that were paid in the last `hours`.

    `deliveries` is rounded down to tens; of fewer than ten nothing else is told.
    """

    hours: int
    deliveries: int
    success_rate: Annotated[
        Decimal | None, Field(description="Delivered, of what was delivered or failed: 0 to 1.")
    ]
    p50_seconds: Annotated[
        int | None, Field(description="Half took at most so long, from payment to energy.")
    ]
    p95_seconds: Annotated[int | None, Field(description="95 % took at most so long.")]
    availability: Annotated[
        Decimal | None, Field(description="Share of the minutes in which the shop could sell.")
    ]


def shop_routes(quotes: Quotes, inventory: Inventory, public_figures: PublicFigures) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["shop"])

    @router.get(
        "/prices",
        response_model=Success[list[PriceTold]],
        responses=answers(examples.PRICES, what="The prices on offer."),
    )
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
        responses=answers(
            examples.AVAILABILITY, Code.CHAIN_UNAVAILABLE, what="The energy on offer."
        ),
    )
    async def availability() -> Response:
        """How much energy can be rented now."""
        return told(Success(data=AvailabilityTold(available_energy=await inventory.offerable())))

    @router.get(
        "/deliveries",
        response_model=Success[list[DeliveriesTold]],
        responses=answers(
            examples.DELIVERIES, Code.CHAIN_UNAVAILABLE, what="The figures of a day and a week."
        ),
    )
    async def deliveries() -> Response:
        """How well the shop delivers, in the last day and the last week; some seconds old."""
        return told(
            Success(
                data=[
                    DeliveriesTold(
                        hours=each.span // timedelta(hours=1),
                        deliveries=each.deliveries,
                        success_rate=_share(each.success, 3),
                        p50_seconds=each.median_seconds,
                        p95_seconds=each.p95_seconds,
                        availability=_share(each.availability, 4),
                    )
                    for each in await public_figures.look()
                ]
            )
        )

    return router


def _share(share: Fraction | None, digits: int) -> Decimal | None:
    """Rounded down: 1 is told only of all."""
    return None if share is None else Decimal(int(share * 10**digits)).scaleb(-digits)
