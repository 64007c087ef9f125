"""java-tron's HTTP interface over a `LocalChain`: full node and solidity node.

Almost every complaint comes with status 200, as in java-tron. Routes it does not have answer 405 to
POST and 404 to GET, in HTML.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from html import escape

from aiohttp import web

from chain.protobuf import MalformedTransaction
from sandbox.tron.chain import LocalChain
from sandbox.tron.faults import Met, NodeFault, NodeFaults
from sandbox.tron.json_input import JavaError
from sandbox.tron.methods.call import Call
from sandbox.tron.routes import ROUTES, Route
from sandbox.tron.spoiling import JSON_TYPE, reshaped, with_wrong_txid

LARGEST_BODY = 4 * 1_024 * 1_024
_HTML = "text/html;charset=iso-8859-1"

_SUSPENDED = {
    "Error": "The key exceeds the frequency limit(15), and the query server is suspended for 5s"
}
_PROVIDER_FAILURES = {
    NodeFault.TOO_MANY_REQUESTS: 429,
    NodeFault.FORBIDDEN: 403,
    NodeFault.INTERNAL_ERROR: 500,
    NodeFault.BAD_GATEWAY: 502,
    NodeFault.UNAVAILABLE: 503,
}
_SAYS_WHEN_TO_RETRY = frozenset({429, 503})
_REASONS = {500: "Server Error", 502: "Bad Gateway"}


def node_app(chain: LocalChain, faults: NodeFaults | None = None) -> web.Application:
    """The full node: ``/wallet/…``."""
    return _Node(chain, faults or NodeFaults(), prefix="/wallet/", solid=False).app()


def solidity_app(chain: LocalChain, faults: NodeFaults | None = None) -> web.Application:
    """The solidity node: ``/walletsolidity/…``, which shows only what cannot be taken back."""
    return _Node(chain, faults or NodeFaults(), prefix="/walletsolidity/", solid=True).app()


@dataclass(frozen=True, slots=True)
class _Node:
    chain: LocalChain
    faults: NodeFaults
    prefix: str
    solid: bool

    def app(self) -> web.Application:
        """The application that answers."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        met = self.faults.meet(request.path.removeprefix(self.prefix))
        if NodeFault.REFUSE_CONNECTION in met:
            return _cut_off(request)
        body = (await request.read()).decode("utf-8", "replace")
        if NodeFault.LOSE_REQUEST in met:
            return _cut_off(request)
        await asyncio.sleep(met.amount(NodeFault.SLOW))
        failed = _failed(request, met)
        if failed is not None:
            return failed
        route = self._route(request)
        if isinstance(route, web.Response):
            return route
        call = Call(
            self.chain,
            body,
            dict(request.query) if request.method == "GET" else None,
            visible_in_query=request.query.get("visible") == "true",
            solid=self.solid,
            lag=int(met.amount(NodeFault.LAGGING)),
            sending=met.sending,
        )
        text = answer_text(route, call, wrong_txid=NodeFault.WRONG_TXID in met)
        content_type = JSON_TYPE
        if met.shape is not None:
            text, content_type = reshaped(text, met.shape)
        await asyncio.sleep(met.amount(NodeFault.SLOW_ANSWER))
        if NodeFault.LOSE_ANSWER in met:
            return _cut_off(request)
        if NodeFault.TRUNCATED in met:
            text = text[: max(1, len(text) // 2)]
        return web.Response(body=text.encode(), headers={"Content-Type": content_type})

    def _route(self, request: web.Request) -> Route | web.Response:
        route = None
        if request.path.startswith(self.prefix):
            route = ROUTES.get(request.path.removeprefix(self.prefix))
        if route is None or (self.solid and not route.on_solidity):
            if request.method == "GET":
                return _page(request, 404, "Not Found")
            return _not_supported(request)
        if request.method == "GET" and not route.by_get:
            return _not_supported(request)
        if request.method not in {"GET", "POST"}:
            return _not_supported(request)
        return route


def answer_text(route: Route, call: Call, *, wrong_txid: bool = False) -> str:
    """What the node answers to a call, as JSON; empty where java-tron answers nothing at all."""
    try:
        answer = route.answer(call)
    except JavaError as error:
        answer = {"Error": str(error)}
    except MalformedTransaction as error:
        # Numbers too large for a transaction, for one.
        answer = {"Error": f"class com.google.protobuf.InvalidProtocolBufferException : {error}"}
    if answer is None:
        return ""
    if wrong_txid:
        answer = with_wrong_txid(answer)
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _failed(request: web.Request, met: Met) -> web.Response | None:
    """What a provider in front of the node answers instead of it, if anything."""
    for fault, status in _PROVIDER_FAILURES.items():
        if fault not in met:
            continue
        if status in _REASONS:
            return _page(request, status, _REASONS[status])
        headers = {"Content-Type": JSON_TYPE}
        if status in _SAYS_WHEN_TO_RETRY:
            headers["Retry-After"] = str(max(1, round(met.amount(fault) or 1)))
        return web.Response(status=status, body=json.dumps(_SUSPENDED).encode(), headers=headers)
    return None


def _cut_off(request: web.Request) -> web.Response:
    """Ends the connection under the client; what is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _not_supported(request: web.Request) -> web.Response:
    return _page(request, 405, f"HTTP method {request.method} is not supported by this URL")


def _page(request: web.Request, status: int, message: str) -> web.Response:
    title = f"{status} {escape(message)}"
    text = (
        "<html>\n<head>\n"
        '<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n'
        f"<title>Error {title}</title>\n</head>\n"
        f"<body><h2>HTTP ERROR {title}</h2>\n<table>\n"
        f"<tr><th>URI:</th><td>{escape(request.path)}</td></tr>\n"
        f"<tr><th>STATUS:</th><td>{status}</td></tr>\n"
        f"<tr><th>MESSAGE:</th><td>{escape(message)}</td></tr>\n"
        "</table>\n\n</body>\n</html>\n"
    )
    return web.Response(status=status, body=text.encode(), headers={"Content-Type": _HTML})
