"""What changes something is done once, however often a program has to ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Header, Request, Response
from pydantic import BaseModel

from api import exact_json
from api.access import Caller
from api.problems import Code, Problem
from services.api_requests import LONGEST_KEY, Answer, ApiRequests, AskedOtherwise, StillAtWork

REPEATED = "Idempotent-Replayed"
"""The header of an answer that was given before."""

REPEATABLE = (Code.IDEMPOTENCY_MISMATCH, Code.IN_PROGRESS)
"""What a route may answer that does things once."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[\x21-\x7e]+$",
        description="Names this request: asked again with the same key, it is not done again, and"
        " gets the same answer, for 30 days.",
    ),
]


class Once:
    """Does requests once."""

    def __init__(self, requests: ApiRequests) -> None:
        self._requests = requests

    async def __call__(
        self,
        request: Request,
        caller: Caller,
        asked: BaseModel,
        do: Callable[[UUID | None], Awaitable[Response]],
        *,
        idempotency_key: str | None,
        client_order_id: str | None = None,
        what: str | None = None,
    ) -> Response:
        """The answer of `do`, or the one that the same request was given before.

        It is the same when it has the same idempotency key or, without one, the same
        `client_order_id`. Only success is kept: what failed made nothing, and may be tried again;
        what was accepted (202) goes on. `what` is done, where two paths do the same.

        Raises:
            Problem: IDEMPOTENCY_MISMATCH or IN_PROGRESS.
        """
        if idempotency_key is not None:
            name = f"key {idempotency_key}"
        elif client_order_id is not None:
            name = f"order {client_order_id}"
        else:
            return await do(None)

        async def done(request_id: UUID) -> Answer:
            response = await do(request_id)
            return Answer(
                response.status_code, bytes(response.body), response.headers["content-type"]
            )

        try:
            answer, repeated = await self._requests.once(
                caller.user_id,
                name,
                b"%s\n%s"
                % (
                    (what or f"{request.method} {request.url.path}").encode(),
                    exact_json.write(asked.model_dump(mode="python")),
                ),
                done,
                is_final=lambda answer: answer.status < 300 and answer.status != 202,
            )
        except AskedOtherwise:
            raise Problem(Code.IDEMPOTENCY_MISMATCH) from None
        except StillAtWork:
            raise Problem(Code.IN_PROGRESS, headers={"Retry-After": "2"}) from None
        return Response(
            answer.body,
            status_code=answer.status,
            headers={
                "Content-Type": answer.content_type,
                **({REPEATED: "true"} if repeated else {}),
            },
        )
