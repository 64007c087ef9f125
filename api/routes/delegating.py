"""Delivery on demand (the specification's section 4.3): of what is paid, and of nothing else."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import ConfigDict, Field

from api import examples
from api.access import Caller, Door
from api.answers import JSON, ExactRoute, answers, told
from api.once import REPEATABLE, IdempotencyKey, Once
from api.order_shapes import DelegationTold, delegation_told, hours
from api.problems import Code, Problem
from api.refusals import refusals
from api.routes.orders import KEYED
from api.routes.specified import SENT
from api.shapes import Asked, Count, Hours, OrderRef, Told, TronAddress, trx
from services.api_keys import Scope
from services.balances import Balances
from services.order_details import DelegationState, OrderDetail, OrderDetails
from services.order_views import OrderStatus, OrderView, Stage
from services.orders import Orders

MOST_SECONDS = 10.0
"""The longest that an answer waits for the energy."""
_LOOK_SECONDS = 0.25

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])")

Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=200,
        description="`wait=0` to `wait=10`: wait at most so many seconds for the energy (RFC 7240);"
        " without it 10.",
        examples=["wait=5"],
    ),
]


class DelegationAsked(Asked):
    """A delivery; all of it has to be as it was ordered."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.DELEGATE)]})

    order_id: OrderRef
    recipient_address: Annotated[TronAddress, Field(description="The order's recipient.")]
    energy_amount: Annotated[Count, Field(ge=1, le=10**15, description="The order's totalEnergy.")]
    duration_hours: Annotated[Hours, Field(description="The order's durationHours.")]


class Delegated(Told):
    """What is delivered. `delegationId` is the first of `delegations`, of which an order has one
    for each pool that its energy comes from; an extension has none."""

    success: Literal[True] = True
    tx_ids: list[str]
    delegation_id: UUID | None
    status: Annotated[OrderStatus, Field(description="The order's; completed: all is there.")]
    waits_for_person: Annotated[
        bool, Field(description="Somebody of the shop has to allow its delivery first.")
    ]
    delegations: list[DelegationTold]


def delegating_routes(
    orders: Orders,
    details: OrderDetails,
    balances: Balances,
    door: Door,
    once: Once,
    *,
    most_seconds: float = MOST_SECONDS,
) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["specification"])
    buyer = Depends(door.to(Scope.ORDER))

    async def look(caller: Caller, order: UUID | int) -> OrderDetail:
        detail = await details.look(caller.user_id, order)
        if detail is None:
            raise Problem(Code.ORDER_UNKNOWN)
        return detail

    async def pay(caller: Caller, view: OrderView) -> None:
        due = {
            "dueTrx": trx(view.missing_sun),
            "paymentAddress": view.payment_address,
            "payBefore": view.pay_until,
        }
        if not caller.may(Scope.SPEND):
            raise Problem(Code.ORDER_UNPAID, facts=due | {"dueTrx": trx(view.due_sun)})
        try:
            with refusals():
                await balances.pay(caller.user_id, view.id)
        except Problem as problem:
            if problem.code is Code.BALANCE_TOO_SMALL:
                available = {"balanceTrx": trx(view.balance_available_sun)}
                raise Problem(problem.code, facts=due | available) from problem
            # Somebody else has paid it at this very moment.
            if problem.code is not Code.ORDER_NOT_OPEN:
                raise

    async def deliver(asked: DelegationAsked, caller: Caller, seconds: float) -> Response:
        until = asyncio.get_running_loop().time() + seconds
        detail = await look(caller, asked.order_id)
        _see_same(asked, detail.view)
        if detail.view.stage is Stage.SEEN:
            # Whoever is told that it is unpaid might pay it twice.
            raise Problem(Code.PAYMENT_IN_SIGHT, headers={"Retry-After": "3"})
        if detail.view.status is OrderStatus.PENDING:
            await pay(caller, detail.view)
            detail = await look(caller, detail.view.id)
        if detail.view.status in (OrderStatus.PAID, OrderStatus.PROCESSING):
            await orders.hurry()
        while detail.view.status in (OrderStatus.PAID, OrderStatus.PROCESSING):
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await asyncio.sleep(min(left, _LOOK_SECONDS))
            detail = await look(caller, detail.view.id)
        if detail.view.status in (OrderStatus.PAID, OrderStatus.PROCESSING):
            return told(_delegated(detail), status=202)
        if detail.view.status is not OrderStatus.COMPLETED:
            raise Problem(Code.ORDER_CLOSED, facts={"status": detail.view.status})
        return told(_delegated(detail))

    @router.post(
        "/delegate",
        response_model=Delegated,
        responses=answers(
            examples.DELEGATED,
            *KEYED,
            *SENT,
            Code.ORDER_UNKNOWN,
            Code.DELEGATION_MISMATCH,
            Code.ORDER_UNPAID,
            Code.BALANCE_TOO_SMALL,
            Code.PAYMENT_IN_SIGHT,
            Code.ORDER_CLOSED,
            *REPEATABLE,
            what="The energy is there.",
            more={
                202: {
                    "model": Delegated,
                    "description": "Paid, and on its way: ask again, or GET /status.",
                    "content": {JSON: {"example": examples.shown(examples.UNDER_WAY)}},
                }
            },
        ),
    )
    async def delegate(
        request: Request,
        asked: DelegationAsked,
        caller: Caller = buyer,
        idempotency_key: IdempotencyKey = None,
        prefer: Prefer = None,
    ) -> Response:
        """Deliver an order that is paid, and wait some seconds for its energy to be there.

        Paid orders are delivered by themselves; this only hurries. An order that waits for money is
        paid from the customer's balance, if the key has the scope `spend`. However often it is
        asked, an order is paid and delivered once.
        """
        seconds = min(_wanted_seconds(prefer), most_seconds)

        async def do(_request_id: UUID | None) -> Response:
            return await deliver(asked, caller, seconds)

        return await once(request, caller, asked, do, idempotency_key=idempotency_key)

    return router


def _wanted_seconds(prefer: str | None) -> float:
    found = _WAIT.search(prefer or "")
    return float(found[1]) if found else MOST_SECONDS


def _see_same(asked: DelegationAsked, view: OrderView) -> None:
    """Refuse a delivery that is not the one that was ordered."""
    ordered = (view.recipient, view.energy, hours(view.duration))
    if (asked.recipient_address, asked.energy_amount, asked.duration_hours) != ordered:
        recipient, energy, duration = ordered
        raise Problem(
            Code.DELEGATION_MISMATCH,
            facts={
                "recipientAddress": recipient,
                "energyAmount": energy,
                "durationHours": duration,
            },
        )


def _delegated(detail: OrderDetail) -> Delegated:
    made = [each for each in detail.delegations if each.state is not DelegationState.FAILED]
    return Delegated(
        tx_ids=[each.txid for each in made],
        delegation_id=made[0].id if made else None,
        status=detail.view.status,
        waits_for_person=detail.view.waits_for_person,
        delegations=[delegation_told(each) for each in made],
    )
