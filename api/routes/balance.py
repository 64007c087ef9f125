"""The balance of a program's customer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from api import examples
from api.access import Caller, Door
from api.answers import ExactRoute, answers, told
from api.routes.orders import KEYED
from api.shapes import Success, Time, Told, Trx, trx
from services.api_keys import Scope
from services.balances import Balances


class MovementTold(Told):
    """One change of the balance."""

    event: Annotated[str, Field(description="Why it changed.")]
    trx: Annotated[Trx, Field(description="TRX: positive is in the customer's favour.")]
    order_number: int | None
    at: Time


class BalanceTold(Told):
    """What the customer has with the shop, and the last changes of it, the newest first."""

    balance_trx: Trx
    movements: list[MovementTold]


def balance_routes(balances: Balances, door: Door) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["balance"])
    reader = Depends(door.to(Scope.READ))

    @router.get(
        "/balance",
        response_model=Success[BalanceTold],
        responses=answers(examples.BALANCE, *KEYED, what="The balance."),
    )
    async def balance(caller: Caller = reader) -> Response:
        """What the customer has with the shop: with the scope `spend` it pays orders at once."""
        found = await balances.look(caller.user_id)
        return told(
            Success(
                data=BalanceTold(
                    balance_trx=trx(found.sun),
                    movements=[
                        MovementTold(
                            event=each.event,
                            trx=trx(each.sun),
                            order_number=each.order_number,
                            at=each.at,
                        )
                        for each in found.movements
                    ],
                )
            )
        )

    return router
