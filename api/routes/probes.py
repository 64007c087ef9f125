"""What machines ask: whether the program runs, and whether it can serve."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field
from starlette.responses import PlainTextResponse

from api import examples
from api.answers import JSON, told
from api.shapes import Told
from services.exposition import CONTENT_TYPE, Exposition
from services.readiness import Part, Readiness


class Alive(Told):
    """The program runs."""

    success: Literal[True] = True
    status: Literal["ok"] = "ok"


class PartTold(Told):
    """One thing that the shop stands on."""

    well: bool
    why: Annotated[str | None, Field(description="What is wrong, in a word.")]
    lag_seconds: Annotated[int | None, Field(description="How far it is behind.")]


class ReadyTold(Told):
    """Whether the shop can serve. `degraded`: it can, but something is not as it should be."""

    success: bool
    status: Literal["ready", "degraded", "unready"]
    parts: dict[Part, PartTold]


def probe_routes(readiness: Readiness, exposition: Exposition) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get(
        "/health",
        response_model=Alive,
        responses={
            200: {
                "description": "It runs.",
                "content": {JSON: {"example": examples.shown(examples.HEALTH)}},
            }
        },
    )
    async def health() -> Response:
        """Whether the program runs. It looks at nothing else: see /ready."""
        return told(Alive())

    @router.get(
        "/ready",
        response_model=ReadyTold,
        responses={
            200: {
                "description": "It can.",
                "content": {JSON: {"example": examples.shown(examples.READY)}},
            },
            503: {
                "model": ReadyTold,
                "description": "Nothing can be sold just now.",
                "content": {JSON: {"example": examples.shown(examples.UNREADY)}},
            },
        },
    )
    async def ready() -> Response:
        """Whether the shop can serve: database, Redis, TRON node, scanner and Telegram.

        503 without the database, the node or the scanner; without Redis or Telegram it serves
        programs all the same, and is called degraded.
        """
        found = await readiness.look()
        if not found.ready:
            status: Literal["ready", "degraded", "unready"] = "unready"
        else:
            status = "ready" if found.all_well else "degraded"
        parts = {
            part: PartTold(well=state.well, why=state.why, lag_seconds=state.lag_seconds)
            for part, state in found.parts.items()
        }
        body = ReadyTold(success=found.ready, status=status, parts=parts)
        return told(body, status=200 if found.ready else 503)

    @router.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses={
            200: {
                "description": "Prometheus's text format.",
                "content": {"text/plain": {"example": examples.METRICS}},
            }
        },
    )
    async def metrics() -> Response:
        """Figures for Prometheus, without any customer's address or id.

        Keep it from the public by your proxy if the shop's figures are its own affair.
        """
        return Response(await exposition.text(), headers={"Content-Type": CONTENT_TYPE})

    return router
