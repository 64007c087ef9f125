"""The local Bot API over HTTP, as api.telegram.org serves it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sandbox.telegram.errors import BotApiError, blocked_by_user, too_many_requests
from sandbox.telegram.faults import Fault, FaultKind, TelegramFaults
from sandbox.telegram.http_methods import METHODS
from sandbox.telegram.local import LocalTelegram
from sandbox.telegram.parameters import Parameters, read_parameters
from sandbox.telegram.polls import LongPolls
from sandbox.telegram.rules import LARGEST_DOCUMENT_BYTES
from sandbox.telegram.webhook import Webhook

_log = logging.getLogger(__name__)
_LARGEST_REQUEST_BYTES = LARGEST_DOCUMENT_BYTES + 1024 * 1024
_SERVER_ERRORS = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


def bot_api_app(telegram: LocalTelegram, faults: TelegramFaults | None = None) -> web.Application:
    """The Bot API of `telegram.bot`: `/bot<token>/<method>` and `/file/bot<token>/<path>`.

    Calls meet the faults of `telegram` unless others are given; updates always meet its own.
    """
    api = _BotApi(telegram, telegram.faults if faults is None else faults)
    app = web.Application(client_max_size=_LARGEST_REQUEST_BYTES)
    app.router.add_route("*", "/file/bot{token:[^/]+}/{path:.+}", api.serve_file)
    app.router.add_route("*", "/bot{token:[^/]+}/{method}", api.call)
    app.router.add_route("*", "/{anything:.*}", _nothing_here)
    app.cleanup_ctx.append(api.running)
    app.on_shutdown.append(api.shut_down)
    return app


def _answer(status: int, body: dict[str, Any]) -> web.Response:
    return web.Response(
        status=status,
        text=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        content_type="application/json",
    )


def _failure(error: BotApiError) -> web.Response:
    response = _answer(error.code, error.as_json())
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


async def _nothing_here(_request: web.Request) -> web.Response:
    return _failure(BotApiError(404, "Not Found"))


class _BotApi:
    def __init__(self, telegram: LocalTelegram, faults: TelegramFaults) -> None:
        self._telegram = telegram
        self._faults = faults
        self._polls: LongPolls | None = None
        self._webhook: Webhook | None = None

    async def running(self, _app: web.Application) -> Any:
        self._polls = LongPolls(self._telegram)
        self._webhook = Webhook(self._telegram)
        sending = asyncio.create_task(self._webhook.run(), name="telegram webhook")
        yield
        self._polls.close()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    async def shut_down(self, _app: web.Application) -> None:
        """Before the server waits for its open calls: lets the long poll go."""
        if self._polls is not None:
            self._polls.release()

    def _check_token(self, token: str) -> None:
        if ":" not in token or token[0] == "0" or len(token) > 80:
            raise BotApiError(401, "Unauthorized: invalid token specified")
        if token != self._telegram.bot.token:
            raise BotApiError(401, "Unauthorized")

    async def call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        fault: Fault | None = None
        try:
            self._check_token(unquote(request.match_info["token"]))
            if request.method not in ("GET", "POST"):
                raise BotApiError(405, "Method Not Allowed")
            call = await read_parameters(request)
            fault = self._faults.next_for_call(method, call.chat_id_if_given())
            if fault is not None:
                if fault.kind is FaultKind.REFUSED:
                    return _dropped(request)
                _fail_as(fault)
            response = _answer(200, {"ok": True, "result": await self._result(method, call)})
        except BotApiError as error:
            _log.debug("%s refused: %s", method, error.description)
            response = _failure(error)
        if fault is not None and fault.kind is FaultKind.ANSWER_LOST:
            return _dropped(request)
        return response

    async def _result(self, method: str, call: Parameters) -> Any:
        assert self._polls is not None, "the app is running"
        assert self._webhook is not None, "the app is running"
        if method == "getupdates":
            self._webhook.check_not_set()
            return await self._polls.get_updates(call)
        if method in ("setwebhook", "deletewebhook"):
            self._webhook.set(
                call
                if method == "setwebhook"
                else Parameters(
                    {"drop_pending_updates": "true"} if call.flag("drop_pending_updates") else {}
                )
            )
            if self._webhook.url:
                self._polls.terminate("terminated by setWebhook request")
            return True
        if method == "getwebhookinfo":
            return self._webhook.info()
        known = METHODS.get(method)
        if known is None:
            raise BotApiError(404, "Not Found: method not found")
        with self._telegram.acting():
            return known(self._telegram, call)

    async def serve_file(self, request: web.Request) -> web.Response:
        try:
            self._check_token(unquote(request.match_info["token"]))
        except BotApiError as error:
            return _failure(error)
        found = self._telegram.file_content(request.match_info["path"])
        if found is None:
            return _failure(BotApiError(404, "Not Found"))
        stored, content = found
        return web.Response(body=content, content_type=stored.mime_type)


def _fail_as(fault: Fault) -> None:
    if fault.kind is FaultKind.TOO_MANY_REQUESTS:
        raise too_many_requests(fault.retry_after)
    if fault.kind is FaultKind.SERVER_ERROR:
        raise BotApiError(fault.code, _SERVER_ERRORS.get(fault.code, "Internal Server Error"))
    if fault.kind is FaultKind.FORBIDDEN:
        raise blocked_by_user()


def _dropped(request: web.Request) -> web.Response:
    """Closes the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
