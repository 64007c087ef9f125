"""Updates that Telegram brings by itself, instead of being asked for them.

An update is acknowledged when it has been handled: one that a crash cut short comes again, and is
recognised by its number if it was handled before.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
# An update is a few kilobytes; a message of 4096 characters with its entities stays far below.
_LARGEST_UPDATE = 1_000_000

log = logging.getLogger(__name__)


class WebhookPlaceTaken(OSError):
    """Nothing can be served at the configured place; the text says where and why."""


@dataclass(frozen=True, slots=True)
class WebhookPlace:
    """Where Telegram brings updates: the public `url`, and what it leads to on this machine."""

    url: str
    host: str
    port: int

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"


def webhook_secret(token: str) -> str:
    """What Telegram sends with each update, so that nobody else can (setWebhook, secret_token).

    Made from the token: every process of one bot knows it, and nobody has to keep it.
    """
    return hmac.new(token.encode(), b"webhook secret", sha256).hexdigest()


@asynccontextmanager
async def receiving(
    place: WebhookPlace, secret: str, handle: Callable[[dict[str, Any]], Awaitable[object]]
) -> AsyncIterator[int]:
    """Hand what Telegram brings to `handle`, until the block ends; gives the port.

    Raises:
        WebhookPlaceTaken: nothing can be served there.
    """
    app = web.Application(client_max_size=_LARGEST_UPDATE)
    app.router.add_post(place.path, _receiver(secret, handle))
    # Whoever hangs up does not stop the handling of what was brought.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, place.host, place.port)
        try:
            await site.start()
        except OSError as error:
            raise WebhookPlaceTaken(
                f"updates cannot be received at {place.host}:{place.port}: {error.strerror}"
            ) from error
        port: int = runner.addresses[0][1]
        log.info("Telegram's updates are received at %s:%s%s", place.host, port, place.path)
        yield port
    finally:
        await runner.cleanup()


def _receiver(
    secret: str, handle: Callable[[dict[str, Any]], Awaitable[object]]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    expected = secret.encode()

    async def receive(request: web.Request) -> web.Response:
        sent = request.headers.get(_SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(sent, expected):
            log.warning("an update without Telegram's secret was refused")
            return web.Response(status=403)
        try:
            update = json.loads(await request.text())
        except ValueError:
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        # Shielded: what is being handled at the end is waited for, within bounds, by the program.
        await asyncio.shield(asyncio.ensure_future(handle(update)))
        return web.Response()

    return receive
