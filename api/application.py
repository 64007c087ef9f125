"""The whole API as an ASGI application."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from redis.asyncio import Redis
from starlette.exceptions import HTTPException

from api.access import Door
from api.answers import NotJson, problem_answer
from api.gate import Gate
from api.limits import Rates, RateTerms
from api.once import Once
from api.openapi import DESCRIPTION, TAGS, describe, operation_id
from api.problems import Code, FieldProblem, Problem
from api.routes.balance import balance_routes
from api.routes.delegating import MOST_SECONDS, delegating_routes
from api.routes.ending import ending_routes
from api.routes.estimates import estimate_routes
from api.routes.extending import extension_routes
from api.routes.monitoring import monitoring_routes
from api.routes.orders import order_routes
from api.routes.probes import probe_routes
from api.routes.shop import shop_routes
from api.routes.specified import specified_routes
from api.routes.webhooks import describe_events, webhook_routes
from api.webhook_posting import SECONDS
from chain.errors import ChainError
from db.database import Conflict, DatabaseUnavailable
from services.api_keys import ApiKeys
from services.api_requests import ApiRequests
from services.balances import Balances
from services.chain_time import ChainUnread
from services.delivery_figures import PublicFigures
from services.early_ends import EarlyEnds
from services.exposition import Exposition
from services.extensions import Extensions
from services.inventory import Inventory
from services.order_details import OrderDetails
from services.orders import Orders
from services.quotes import Quotes
from services.readiness import Readiness
from services.webhooks import Webhooks

PREFIX = "/api/energy-flash"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiServices:
    """What programs are served by: the same services as people."""

    keys: ApiKeys
    requests: ApiRequests
    quotes: Quotes
    orders: Orders
    extensions: Extensions
    early_ends: EarlyEnds
    balances: Balances
    inventory: Inventory
    readiness: Readiness
    exposition: Exposition
    order_details: OrderDetails
    public_figures: PublicFigures
    webhooks: Webhooks


@dataclass(frozen=True, slots=True)
class ApiTerms:
    """The operator's bounds for requests: bytes of a body, and seconds for the whole of one.

    `webhook_private`: events may be sent to addresses inside, over HTTP. `public_url`: where the
    description says that the API is, without its path.
    """

    body_bytes: int = 65_536
    seconds: float = 30.0
    rates: RateTerms = field(default_factory=RateTerms)
    webhook_private: bool = False
    public_url: str | None = None


def application(services: ApiServices, terms: ApiTerms, redis: Redis) -> FastAPI:
    """The API on these services; requests are counted in `redis`."""
    app = FastAPIOffline(
        title="Energy Flash",
        version="1",
        description=DESCRIPTION,
        openapi_tags=list(TAGS),
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=f"{PREFIX}/docs",
        redoc_url=None,
        static_url=f"{PREFIX}/docs/parts",
        generate_unique_id_function=operation_id,
        # Where programs reach it, if that is known; else where they found its description.
        servers=[{"url": terms.public_url}] if terms.public_url else None,
        swagger_ui_parameters={"defaultModelsExpandDepth": -1, "tryItOutEnabled": True},
    )
    describe(app)
    rates = Rates(redis, terms.rates)
    door = Door(services.keys, rates)
    for router in _routers(services, door, terms):
        app.include_router(router, prefix=PREFIX)
    # Also where those look who know no more of the program than its port.
    app.include_router(
        probe_routes(services.readiness, services.exposition), include_in_schema=False
    )
    describe_events(app)
    _answer_problems(app)
    app.add_middleware(Gate, rates=rates, body_bytes=terms.body_bytes, seconds=terms.seconds)
    return app


def _routers(services: ApiServices, door: Door, terms: ApiTerms) -> tuple[APIRouter, ...]:
    once = Once(services.requests)
    quotes, orders, details = services.quotes, services.orders, services.order_details
    return (
        specified_routes(quotes, orders, details, door, once),
        monitoring_routes(orders, details, door),
        delegating_routes(
            orders,
            details,
            services.balances,
            door,
            once,
            # The answer has to be given before the request has taken too long.
            most_seconds=min(MOST_SECONDS, terms.seconds / 2),
        ),
        order_routes(orders, details, door),
        extension_routes(quotes, orders, services.extensions, services.balances, door, once),
        ending_routes(orders, services.early_ends, door, once),
        estimate_routes(quotes, door),
        balance_routes(services.balances, door),
        shop_routes(quotes, services.inventory, services.public_figures),
        webhook_routes(
            services.webhooks,
            door,
            once,
            private=terms.webhook_private,
            # There has to be time to tell what came of it.
            seconds=min(SECONDS, terms.seconds * 0.8),
        ),
        probe_routes(services.readiness, services.exposition),
    )


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def known(request: Request, problem: Problem) -> Response:
        return problem_answer(request, problem)

    @app.exception_handler(NotJson)
    async def not_json(request: Request, error: NotJson) -> Response:
        return problem_answer(request, Problem(Code.INVALID_JSON, facts={"why": error.why}))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        problem = Problem(Code.INVALID_REQUEST, errors=_field_problems(error.errors()))
        return problem_answer(request, problem)

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        facts: dict[str, Any] = {}
        match error.status_code:
            case 404:
                code = Code.NOT_FOUND
            case 405:
                code = Code.METHOD_NOT_ALLOWED
            case 413:
                code = Code.BODY_TOO_LARGE
                facts["limit"] = request.state.body_bytes
            case 400:
                code = Code.INVALID_JSON
                facts["why"] = error.detail
            case _:
                log.error("answered %s: %s", error.status_code, error.detail)
                code = Code.INTERNAL
        return problem_answer(request, Problem(code, facts=facts, headers=error.headers))

    @app.exception_handler(ChainError)
    @app.exception_handler(ChainUnread)
    async def no_chain(request: Request, error: Exception) -> Response:
        log.warning("no answer from TRON: %s", error)
        return problem_answer(request, Problem(Code.CHAIN_UNAVAILABLE, headers=_SOON))

    @app.exception_handler(DatabaseUnavailable)
    @app.exception_handler(Conflict)
    async def no_database(request: Request, error: Exception) -> Response:
        log.warning("no answer from the database: %s", error)
        return problem_answer(request, Problem(Code.DATABASE_UNAVAILABLE, headers=_SOON))


_SOON = {"Retry-After": "3"}


def _field_problems(errors: Sequence[Any]) -> list[FieldProblem]:
    found = []
    for error in errors:
        # The first part says where it stands: in the body, the query, the path, a header.
        place = [str(part) for part in error["loc"][1:]] or [str(error["loc"][0])]
        found.append(FieldProblem(".".join(place), str(error["type"]), str(error["msg"])))
    return found
