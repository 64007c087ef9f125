"""setWebhook: updates sent to the bot's own server, one after the other, until it takes them."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from sandbox.telegram.errors import bad_request, refusal
from sandbox.telegram.local import LocalTelegram
from sandbox.telegram.parameters import Parameters

_log = logging.getLogger(__name__)
_SECRET = re.compile(r"^[A-Za-z0-9_-]{1,256}$")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ANSWER_WITHIN_SECONDS = 60
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
_DEFAULT_CONNECTIONS = 40


class Webhook:
    """The bot's webhook and the sending of updates to it.

    Unlike api.telegram.org it also takes plain http addresses of this machine. What the bot's
    server answers is not read as a method call: only its status counts.
    """

    def __init__(self, telegram: LocalTelegram) -> None:
        self._telegram = telegram
        self._changed = asyncio.Event()
        self._settings: dict[str, Any] = telegram.recall("webhook") or {}
        self._last_error: dict[str, Any] = {}

    @property
    def url(self) -> str:
        return str(self._settings.get("url", ""))

    def check_not_set(self) -> None:
        if self.url:
            raise refusal(
                409,
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )

    def set(self, call: Parameters) -> None:
        """Sets the webhook, or removes it when no url is given; raises BotApiError."""
        url = (call.text("url") or "").strip()
        settings: dict[str, Any] = {}
        if url:
            parts = urlsplit(url)
            local = parts.scheme == "http" and parts.hostname in _LOOPBACK
            if not parts.hostname or not (parts.scheme == "https" or local):
                raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
            secret = call.text("secret_token") or ""
            if secret and not _SECRET.match(secret):
                raise bad_request("secret token contains unallowed characters")
            settings = {
                "url": url,
                "secret_token": secret,
                "max_connections": call.integer("max_connections") or _DEFAULT_CONNECTIONS,
            }
        wanted = call.json("allowed_updates", "allowed updates")
        with self._telegram.acting():
            if wanted is not None:
                self._telegram.updates.allow(wanted)
            if call.flag("drop_pending_updates"):
                self._telegram.updates.drop()
            self._telegram.remember("webhook", settings)
        self._settings = settings
        self._last_error = {}
        self._changed.set()

    def info(self) -> dict[str, Any]:
        """The answer of getWebhookInfo."""
        shown: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": self._telegram.updates.pending,
        }
        if self.url:
            shown["max_connections"] = self._settings["max_connections"]
            shown |= self._last_error
        allowed = self._telegram.updates.allowed
        if allowed:
            shown["allowed_updates"] = list(allowed)
        return shown

    async def run(self) -> None:
        """Sends updates while a webhook is set; never returns."""
        forget = self._telegram.on_update(self._changed.set)
        try:
            async with aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_ANSWER_WITHIN_SECONDS)
            ) as session:
                pause = _FIRST_PAUSE_SECONDS
                while True:
                    self._changed.clear()
                    if self.url and not await self._send_pending(session):
                        await self._wait(pause)
                        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
                        continue
                    pause = _FIRST_PAUSE_SECONDS
                    await self._wait(self._until_release())
        finally:
            forget()

    def _until_release(self) -> float | None:
        release = self._telegram.updates.next_release
        if release is None or not self.url:
            return None
        return max(release - self._telegram.clock(), 0.01)

    async def _wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _send_pending(self, session: aiohttp.ClientSession) -> bool:
        """Sends what is pending; False when the bot's server did not take an update."""
        offset = 0
        while self.url:
            with self._telegram.acting():
                updates = self._telegram.updates.take(offset, 1)
            if not updates:
                return True
            complaint = await self._post(session, updates[0])
            if complaint is not None:
                _log.info("webhook %s: %s", self.url, complaint)
                self._last_error = {
                    "last_error_date": int(self._telegram.clock()),
                    "last_error_message": complaint,
                }
                return False
            offset = updates[0]["update_id"] + 1
        return True

    async def _post(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> str | None:
        headers = {}
        if self._settings["secret_token"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._settings["secret_token"]
        try:
            async with session.post(self.url, json=update, headers=headers) as response:
                if 200 <= response.status < 300:
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"Connection failed: {type(error).__name__}"
