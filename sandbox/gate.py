"""Keeps other web sites out: the sandbox answers only pages and programs of this machine.

It listens on loopback, but a page from anywhere can make the visitor's browser call 127.0.0.1, or
have its own name resolve to it. The first carries a foreign Origin, the second a foreign Host.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from yarl import URL

from sandbox.answers import error

_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def gate(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses a foreign Host with 421 and a foreign Origin with 403."""
    host = request.headers.get("Host", "")
    if not _is_own(host):
        return error(421, "foreign_host", f"This server is not {host or 'nameless'}.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{host}":
        return error(403, "foreign_origin", f"Pages of {origin} may not use this server.")
    return await handler(request)


def _is_own(host: str) -> bool:
    try:
        return URL(f"http://{host}").host in _OWN_NAMES
    except ValueError:
        return False
