"""Where a program wants to hear of its customer's orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response

from api import examples
from api.access import Caller, Door
from api.answers import ExactRoute, answers, told
from api.once import REPEATABLE, IdempotencyKey, Once
from api.problems import Code, FieldProblem, Problem
from api.refusals import refusals
from api.routes.orders import KEYED
from api.routes.specified import SENT
from api.shapes import Success
from api.webhook_posting import SECONDS, url_fault
from api.webhook_sender import send
from api.webhook_shapes import (
    AttemptTold,
    DeliveriesTold,
    DeliveryTold,
    EventTold,
    NewWebhookTold,
    RotationAsked,
    WebhookAsked,
    WebhookChange,
    WebhookTold,
    delivery_told,
    new_webhook_told,
    outcome_told,
    schedule_told,
    webhook_told,
)
from services.api_keys import Scope
from services.webhook_signing import ID, SIGNATURE, TIMESTAMP
from services.webhooks import DeliveryState, Webhooks

_URL_FAULTS = {
    "webhook_url": "should be an https URL",
    "webhook_url_https": "should begin with https://",
    "webhook_url_port": "should be for port 443 or 8443",
    "webhook_url_private": "should lead to a public address",
    "webhook_url_parts": "should hold no user, no password and no #fragment",
}
_OWN = (*KEYED, Code.WEBHOOK_UNKNOWN)

WebhookId = Annotated[
    UUID, Path(alias="webhookId", description="The endpoint's id.", examples=[examples.WEBHOOK_ID])
]
DeliveryId = Annotated[
    UUID,
    Path(
        alias="deliveryId",
        description="The delivery's id: see its log.",
        examples=[examples.DELIVERY_ID],
    ),
]


def webhook_routes(
    webhooks: Webhooks, door: Door, once: Once, *, private: bool, seconds: float = SECONDS
) -> APIRouter:
    """`private`: endpoints may be inside, and speak HTTP. A test event waits for `seconds`."""
    router = APIRouter(route_class=ExactRoute, tags=["webhooks"], prefix="/webhooks")
    owner = Depends(door.to(Scope.WEBHOOKS))

    def check(url: str) -> None:
        fault = url_fault(url, private=private)
        if fault is not None:
            error = FieldProblem("url", fault, _URL_FAULTS[fault])
            raise Problem(Code.INVALID_REQUEST, errors=[error])

    @router.post(
        "",
        status_code=201,
        response_model=Success[NewWebhookTold],
        responses=answers(
            examples.NEW_WEBHOOK,
            *KEYED,
            *SENT,
            *REPEATABLE,
            Code.TOO_MANY_WEBHOOKS,
            what="The endpoint, and its secret.",
            status=201,
        ),
    )
    async def register(
        request: Request,
        asked: WebhookAsked,
        caller: Caller = owner,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """Send events to a URL from now on; the answer holds the secret that signs them."""
        check(asked.url)

        async def do(request_id: UUID | None) -> Response:
            with refusals():
                made = await webhooks.add(
                    caller.key, asked.url, asked.events, request_id=request_id
                )
            return told(Success(data=new_webhook_told(made.webhook, made.secret)), status=201)

        return await once(request, caller, asked, do, idempotency_key=idempotency_key)

    @router.get(
        "",
        response_model=Success[list[WebhookTold]],
        responses=answers(examples.WEBHOOKS, *KEYED, what="The endpoints."),
    )
    async def listed(caller: Caller = owner) -> Response:
        """All endpoints that were registered with this key, the oldest first."""
        return told(
            Success(data=[webhook_told(each) for each in await webhooks.of_key(caller.key)])
        )

    @router.get(
        "/{webhookId}",
        response_model=Success[WebhookTold],
        responses=answers(examples.WEBHOOK, *_OWN, what="The endpoint."),
    )
    async def one(webhook_id: WebhookId, caller: Caller = owner) -> Response:
        """One endpoint: whether it is sent to, and since when it takes nothing, if so."""
        with refusals():
            return told(Success(data=webhook_told(await webhooks.get(caller.key, webhook_id))))

    @router.patch(
        "/{webhookId}",
        response_model=Success[WebhookTold],
        responses=answers(examples.WEBHOOK, *_OWN, *SENT, what="The endpoint as it is now."),
    )
    async def change(
        webhook_id: WebhookId, asked: WebhookChange, caller: Caller = owner
    ) -> Response:
        """Change the URL or the events; stop, or begin again. What waits is sent at once then."""
        if asked.url is not None:
            check(asked.url)
        with refusals():
            changed = await webhooks.change(
                caller.key,
                webhook_id,
                url=asked.url,
                events=asked.events,
                all_events="events" in asked.model_fields_set and asked.events is None,
                enabled=asked.enabled,
            )
        return told(Success(data=webhook_told(changed)))

    @router.delete(
        "/{webhookId}",
        status_code=204,
        responses=answers(None, *_OWN, what="It is gone.", status=204),
    )
    async def delete(webhook_id: WebhookId, caller: Caller = owner) -> Response:
        """Send nothing more, and forget what still waits, with the log."""
        with refusals():
            await webhooks.delete(caller.key, webhook_id)
        return Response(status_code=204)

    @router.post(
        "/{webhookId}/rotate",
        response_model=Success[NewWebhookTold],
        responses=answers(
            examples.ROTATED, *_OWN, *SENT, *REPEATABLE, what="The endpoint, and its new secret."
        ),
    )
    async def rotate(
        request: Request,
        webhook_id: WebhookId,
        asked: RotationAsked | None = None,
        caller: Caller = owner,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """A new secret. Until `previousSecretUntil` the old one signs, too."""
        wanted = asked or RotationAsked()

        async def do(request_id: UUID | None) -> Response:
            with refusals():
                made = await webhooks.rotate(
                    caller.key,
                    webhook_id,
                    overlap=timedelta(hours=wanted.previous_hours),
                    request_id=request_id,
                )
            return told(Success(data=new_webhook_told(made.webhook, made.secret)))

        return await once(request, caller, wanted, do, idempotency_key=idempotency_key)

    @router.post(
        "/{webhookId}/test",
        response_model=Success[AttemptTold],
        responses=answers(examples.TESTED, *_OWN, what="What the receiver said."),
    )
    async def test(webhook_id: WebhookId, caller: Caller = owner) -> Response:
        """Send a `webhook.test` event now, once, and tell what the receiver said to it."""
        with refusals():
            outgoing = await webhooks.begin_test(caller.key, webhook_id)
        outcome = await send(webhooks, outgoing, private=private, seconds=seconds)
        return told(Success(data=outcome_told(outcome)))

    _log_routes(router, webhooks, owner)
    return router


def _log_routes(router: APIRouter, webhooks: Webhooks, owner: Any) -> None:
    @router.get(
        "/{webhookId}/deliveries",
        response_model=Success[DeliveriesTold],
        responses=answers(examples.WEBHOOK_LOG, *_OWN, what="One page of the log."),
    )
    async def deliveries(
        webhook_id: WebhookId,
        page: Annotated[int, Query(ge=1, le=1_000_000, description="Which page, from 1 on.")] = 1,
        state: Annotated[DeliveryState | None, Query(description="Only those in it.")] = None,
        caller: Caller = owner,
    ) -> Response:
        """The log of 30 days, the newest event first: every attempt, and what the receiver said."""
        with refusals():
            found = await webhooks.deliveries(caller.key, webhook_id, state=state, page=page)
        return told(
            Success(
                data=DeliveriesTold(deliveries=[delivery_told(each) for each in found], page=page)
            )
        )

    @router.post(
        "/{webhookId}/deliveries/{deliveryId}/retry",
        status_code=202,
        response_model=Success[DeliveryTold],
        responses=answers(
            examples.RETRIED,
            *_OWN,
            Code.DELIVERY_UNKNOWN,
            Code.WEBHOOK_DISABLED,
            what="It is sent again.",
            status=202,
        ),
    )
    async def retry(
        webhook_id: WebhookId, delivery_id: DeliveryId, caller: Caller = owner
    ) -> Response:
        """Send an event again, whatever came of it before, with the same id."""
        with refusals():
            anew = await webhooks.retry(caller.key, webhook_id, delivery_id)
        return told(Success(data=delivery_told(anew)), status=202)


def describe_events(app: FastAPI) -> None:
    """Let the OpenAPI document say what is sent to endpoints."""

    async def event(event: EventTold) -> None:
        """Never called."""

    app.webhooks.add_api_route(
        "event",
        event,
        methods=["POST"],
        tags=["webhooks"],
        summary="Something happened to an order",
        description=(
            f"Posted to every endpoint that wants the event, with the headers `{ID}`, `{TIMESTAMP}`"
            f" and `{SIGNATURE}` of Standard Webhooks: verify them before you believe the body."
            " Answer 2xx within 10 seconds. Otherwise it is sent again, with the same id, after "
            f"{schedule_told()} (each counted from the attempt before, give or take a tenth). 410"
            " disables the endpoint. Events of one order come in order; one may come twice."
        ),
        status_code=204,
        response_description="Taken.",
    )
