"""The waiting for an order's money, and what arrived (the specification's section 4.1).

Nothing is started here: the shop's one reader of the chain waits for every order's money from the
moment that it is placed, and the restart of a program changes nothing about it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import ConfigDict, Field

from api import examples
from api.access import Caller, Door
from api.answers import ExactRoute, answers, told
from api.order_shapes import MonitorTold, monitor_told
from api.problems import Code, Problem
from api.refusals import refusals
from api.routes.orders import KEYED
from api.routes.specified import SENT
from api.shapes import Asked, Count, OrderRef, Sun, SunOfTrx, Told, TronAddress, trx
from services.api_keys import Scope
from services.order_details import NotAPaymentAddress, OrderDetails
from services.orders import Orders

# The specification's section 7.1: what it would take for the amount.
_TOLERANCE_PERCENT = 5


class MonitorAsked(Asked):
    """Which order's money, where, and how much of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [dict(examples.MONITOR)]})

    payment_address: Annotated[TronAddress, Field(description="Where the order is to be paid.")]
    expected_amount: Annotated[
        SunOfTrx, Field(description="TRX: exactly what the order asks for, to 6 decimals.")
    ]
    order_id: OrderRef
    timeout: Annotated[
        Annotated[Count, Field(ge=1, le=2**31 - 1)] | None,
        Field(
            description="The order waits for its money for at most so many seconds from now. Only"
            " ever shorter than it does anyway.",
        ),
    ] = None


class MonitorStarted(Told):
    """The monitor, as it stands."""

    success: Literal[True] = True
    monitor_id: UUID
    monitor: MonitorTold


class ArrivedTransfer(Told):
    """A transfer of the customer's that arrived."""

    txid: str
    amount: Sun
    from_address: str
    timestamp: Annotated[int, Field(description="Of its block: seconds since 1970, UTC.")]
    confirmations: Annotated[int, Field(description="Blocks on top of its own.")]


class Arrived(Told):
    """The newest first."""

    success: Literal[True] = True
    transactions: list[ArrivedTransfer]


def monitoring_routes(orders: Orders, details: OrderDetails, door: Door) -> APIRouter:
    router = APIRouter(route_class=ExactRoute, tags=["specification"])
    reader = Depends(door.to(Scope.READ))

    @router.post(
        "/monitor",
        response_model=MonitorStarted,
        responses=answers(
            examples.MONITORED,
            *KEYED,
            *SENT,
            Code.ORDER_UNKNOWN,
            Code.PAYMENT_ADDRESS_WRONG,
            Code.AMOUNT_NOT_EXACT,
            Code.CHAIN_UNAVAILABLE,
            what="The monitor, as it stands.",
        ),
    )
    async def monitor(asked: MonitorAsked, caller: Caller = reader) -> Response:
        """How the waiting for an order's money stands; ask as often as you like.

        An amount that is not the order's is refused, also within the specification's 5 %: the exact
        amount is how a payment is known to be this order's. With `timeout` the key needs the scope
        `order`.
        """
        if asked.timeout is not None and not caller.may(Scope.ORDER):
            raise Problem(Code.SCOPE_MISSING, facts={"scope": Scope.ORDER.value})
        detail = await details.look(caller.user_id, asked.order_id)
        if detail is None:
            raise Problem(Code.ORDER_UNKNOWN)
        view = detail.view
        if asked.payment_address != view.payment_address:
            raise Problem(
                Code.PAYMENT_ADDRESS_WRONG, facts={"paymentAddress": view.payment_address}
            )
        if asked.expected_amount not in (view.amount_sun, view.due_sun):
            off = abs(asked.expected_amount - view.due_sun)
            raise Problem(
                Code.AMOUNT_NOT_EXACT,
                facts={
                    "expectedAmount": trx(view.due_sun),
                    "withinTolerance": off * 100 <= view.due_sun * _TOLERANCE_PERCENT,
                },
            )
        if asked.timeout is not None:
            with refusals():
                await orders.shorten(caller.user_id, view.id, timedelta(seconds=asked.timeout))
            detail = await details.look(caller.user_id, view.id)
            assert detail is not None, "orders stay"
        told_monitor = monitor_told(detail.monitor, view.id)
        return told(MonitorStarted(monitor_id=detail.monitor.id, monitor=told_monitor))

    @router.get(
        "/check-payment/{address}",
        response_model=Arrived,
        responses=answers(
            examples.ARRIVED, *KEYED, Code.PAYMENT_ADDRESS_WRONG, what="What arrived."
        ),
    )
    async def check_payment(
        address: Annotated[TronAddress, Path(description="Where the shop is paid.")],
        limit: Annotated[int, Query(ge=1, le=100, description="At most so many.")] = 20,
        caller: Caller = reader,
    ) -> Response:
        """What the customer's own payments brought to an address of the shop.

        That is: payments for their orders, and from addresses that they have proved to be theirs.
        Nobody sees another's.
        """
        try:
            found = await details.arrived(caller.user_id, address, limit=limit)
        except NotAPaymentAddress:
            raise Problem(
                Code.PAYMENT_ADDRESS_WRONG, facts={"paymentAddress": details.payment_address}
            ) from None
        return told(
            Arrived(
                transactions=[
                    ArrivedTransfer(
                        txid=each.txid,
                        amount=each.amount_sun,
                        from_address=each.sender,
                        timestamp=int(each.at.timestamp()),
                        confirmations=each.confirmations,
                    )
                    for each in found
                ]
            )
        )

    return router
