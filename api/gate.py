"""What happens to every request, whatever it asks for: it gets an id, a size and a time."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import too_many
from api.answers import problem_answer
from api.limits import Rate, Rates
from api.problems import Code, Problem
from services.log_context import about

log = logging.getLogger(__name__)

REQUEST_ID = "X-Request-Id"
_THEIR_ID = re.compile(r"[0-9A-Za-z._-]{8,64}")


class _TooLarge(HTTPException):
    """More of a body came than anybody may send; of HTTP, or FastAPI would take it for bad JSON."""

    def __init__(self) -> None:
        super().__init__(413)


class Gate:
    """Numbers requests, and ends those that are too large or take too long.

    What fails for another reason is logged, and answered as our fault. A request that names itself
    in X-Request-Id keeps its name. Every answer says how its caller
    stands with the bound that counts: the key's, or without one the IP address's.
    """

    def __init__(
        self, application: ASGIApp, *, rates: Rates, body_bytes: int, seconds: float
    ) -> None:
        self._application = application
        self._rates = rates
        self._body_bytes = body_bytes
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        request = Request(scope)
        named = request.headers.get(REQUEST_ID, "")
        request_id = named if _THEIR_ID.fullmatch(named) else secrets.token_hex(10)
        request.state.request_id = request_id
        request.state.body_bytes = self._body_bytes
        begun = False
        received = 0

        async def receive_some() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._body_bytes:
                raise _TooLarge
            return message

        async def send_named(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = request_id
                rate: Rate | None = getattr(request.state, "rate", None)
                headers.update(rate.headers if rate is not None else {})
            await send(message)

        with about(request=request_id):
            try:
                problem = await self._pass(request, receive_some, send_named)
            except Exception:
                log.exception("%s %s could not be answered", request.method, request.url.path)
                if begun:
                    raise  # half an answer is none: the connection ends
                problem = Problem(Code.INTERNAL)
        if problem is not None and not begun:
            await problem_answer(request, problem)(scope, receive, send_named)

    async def _pass(self, request: Request, receive: Receive, send: Send) -> Problem | None:
        """Let the request in, unless it is too large or comes too often; what stopped it."""
        if _announced(request) > self._body_bytes:
            return self._too_large
        if request.client is not None and not _is_probe(request):
            request.state.rate = rate = await self._rates.of_address(request.client.host)
            if not rate.passed:
                return too_many(rate)
        try:
            async with asyncio.timeout(self._seconds):
                await self._application(request.scope, receive, send)
        except TimeoutError:
            return Problem(Code.TIMED_OUT, facts={"seconds": self._seconds})
        return None

    @property
    def _too_large(self) -> Problem:
        return Problem(Code.BODY_TOO_LARGE, facts={"limit": self._body_bytes})


def _is_probe(request: Request) -> bool:
    """Whoever looks whether the program lives is never told to come back later."""
    return request.url.path.endswith(("/health", "/ready", "/metrics"))


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
