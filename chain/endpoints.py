"""One node's HTTP interface: asked no faster than allowed, and left in peace when it fails.

A failing node is rested: half a second at first, twice as long each time it fails again, with some
chance in it so that many clients do not come back at once. A node that says when to come back
(``Retry-After``, or the text that TronGrid suspends a key with) is taken at its word.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any

import aiohttp
from yarl import URL

from chain.errors import MalformedAnswer, Unavailable

log = logging.getLogger(__name__)

_REST_SECONDS = 0.5
# Two blocks: a payment must not wait longer for a node that is well again. Those that ask for more
# peace say so.
_LONGEST_REST_SECONDS = 6.0
_LONGEST_RETRY_AFTER_SECONDS = 600.0
_EXCERPT = 200

_SUSPENDED = re.compile(r"suspended for\s*(\d+)\s*s", re.IGNORECASE)
_TURNED_AWAY = re.compile(
    r"lack of computing resources|frequency limit|request rate exceeded|suspended"
    r"|user daily usage|rate limit",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"lite fullnode|unavailable due to config", re.IGNORECASE)
_TURNED_AWAY_STATUSES = frozenset({403, 429, 503})
_NOT_SERVED_STATUSES = frozenset({404, 405})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a node is reached.

    `solidity_url` is the base for ``/walletsolidity``, which a bare node serves on another port
    than ``/wallet``; public ones serve both at `url`. `api_key` is sent to this endpoint only.
    """

    url: str
    solidity_url: str | None = None
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """How a node has been doing: failures in a row, and how long it is still left in peace."""

    name: str
    failures: int
    rests_seconds: float
    last_failure: str


class NoAnswer(Unavailable):
    """The request may have reached the node, but no answer of use came back."""


class Pace:
    """No more than so many requests in any second (or one in so many seconds)."""

    def __init__(self, requests_per_second: float) -> None:
        if requests_per_second <= 0:
            raise ValueError(f"{requests_per_second} requests per second")
        at_once = max(1, int(requests_per_second))
        self._window = at_once / requests_per_second
        self._starts: deque[float] = deque(maxlen=at_once)

    async def wait(self) -> None:
        """Wait for one's turn."""
        now = start = monotonic()
        if len(self._starts) == self._starts.maxlen:
            start = max(now, self._starts[0] + self._window)
        self._starts.append(start)
        if start > now:
            await asyncio.sleep(start - now)


class Line:
    """A base URL that requests go to, with its health."""

    def __init__(self, url: str, api_key: str | None, pace: Pace, timeout: float) -> None:
        self._url = url.rstrip("/")
        parsed = URL(self._url)
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise ValueError(f"{url!r} is no http or https URL")
        # Not the whole URL: some providers put the key into its path.
        self.name = _place(parsed)
        # A proxy that the environment names is not meant for this machine.
        self.local = parsed.host in {"127.0.0.1", "localhost", "::1"}
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["TRON-PRO-API-KEY"] = api_key
        self._pace = pace
        self._timeout = timeout
        self._failures = 0
        self._rested_until = 0.0
        self._last_failure = ""

    @property
    def rested_until(self) -> float:
        """When it may be asked again, by `time.monotonic`."""
        return self._rested_until

    @property
    def health(self) -> EndpointHealth:
        """How it has been doing."""
        rests = max(0.0, self._rested_until - monotonic())
        return EndpointHealth(self.name, self._failures, rests, self._last_failure)

    def rest(self, reason: str, *, seconds: float | None = None) -> None:
        """Note a failure, and ask no more for `seconds`, or as long as failures so far suggest."""
        now = monotonic()
        self._last_failure = reason
        if now >= self._rested_until:
            # Requests that were under way together fail together; they count as one failure.
            self._failures += 1
            longest = min(_LONGEST_REST_SECONDS, _REST_SECONDS * 2 ** min(self._failures - 1, 16))
            # Jitter needs no secrecy.
            rest = longest * random.uniform(0.5, 1.0)  # noqa: S311
            self._rested_until = now + rest
            log.warning("%s failed (%s), will be left in peace", self.name, reason)
        if seconds is not None:
            until = now + min(seconds, _LONGEST_RETRY_AFTER_SECONDS)
            self._rested_until = max(self._rested_until, until)

    def recovered(self) -> None:
        """Note a good answer."""
        if self._failures and monotonic() >= self._rested_until:
            log.info("%s answers again after %d failures", self.name, self._failures)
            self._failures = 0

    async def post(self, client: aiohttp.ClientSession, path: str, body: dict[str, Any]) -> bytes:
        """Ask, and return the body of a good HTTP answer.

        Raises `Unavailable` if the node certainly did nothing, `NoAnswer` if it may have.
        """
        await self._pace.wait()
        try:
            # The client's own limits are per read; a node that dribbles would keep us for ever.
            async with (
                asyncio.timeout(self._timeout),
                client.post(
                    f"{self._url}/{path}",
                    data=json.dumps(body).encode(),
                    headers=self._headers,
                    allow_redirects=False,
                ) as response,
            ):
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._failed(Unavailable(f"not reached ({type(error).__name__})")) from error
        except TimeoutError as error:
            raise self._failed(NoAnswer(f"no answer in {self._timeout:g} s")) from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed(NoAnswer(f"connection lost ({type(error).__name__})")) from error
        if response.status in _TURNED_AWAY_STATUSES:
            raise self._failed(
                _turned_away(response.status, response.headers.get("Retry-After", ""), content)
            )
        if response.status in _NOT_SERVED_STATUSES:
            # Other paths may be served well.
            raise Unavailable(f"{path} is not served (HTTP {response.status})")
        if response.status != 200:
            raise self._failed(NoAnswer(f"HTTP {response.status}"))
        return content

    def read(self, content: bytes) -> Any:
        """The JSON of an answer that is not an error in disguise.

        Raises `Unavailable`, `NoAnswer` and `MalformedAnswer` as `post` does.
        """
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            shown = _excerpt(content.decode("utf-8", "replace"))
            if _CLOSED.search(shown):
                raise Unavailable(shown) from error
            if _TURNED_AWAY.search(shown):
                raise self._failed(Unavailable(shown, retry_after=_suspended(shown))) from error
            raise MalformedAnswer(f"not JSON: {shown!r}") from error
        if isinstance(answer, dict) and ("Error" in answer or answer.get("success") is False):
            shown = _excerpt(str(answer.get("Error") or answer.get("error") or answer))
            if _CLOSED.search(shown):
                raise Unavailable(shown)
            if _TURNED_AWAY.search(shown):
                raise self._failed(Unavailable(shown, retry_after=_suspended(shown)))
            raise NoAnswer(shown)
        return answer

    def _failed(self, failure: Unavailable) -> Unavailable:
        self.rest(str(failure), seconds=failure.retry_after)
        return failure


def _place(url: URL) -> str:
    """Host and port of a URL, the port only if it is not the scheme's own."""
    host = f"[{url.host}]" if ":" in (url.host or "") else str(url.host)
    return host if url.is_default_port() else f"{host}:{url.port}"


def _turned_away(status: int, retry_after: str, content: bytes) -> Unavailable:
    shown = _excerpt(content.decode("utf-8", "replace"))
    seconds = _retry_after(retry_after)
    if seconds is None:
        seconds = _suspended(shown)
    return Unavailable(f"HTTP {status}: {shown}", retry_after=seconds)


def _retry_after(header: str) -> float | None:
    """The seconds in a ``Retry-After``, which is a number or a date (RFC 9110, 10.2.3)."""
    if header.strip().isdecimal():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _suspended(text: str) -> float | None:
    found = _SUSPENDED.search(text)
    return float(found[1]) if found else None


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]}…"
